import type { Lifetime } from '../lifetime.ts'
import type { Batch } from '../limits/operation-limits.ts'
import type { RequestObservation } from '../observe/observer.ts'
import type { IncomingHeaders } from '../ports.ts'
import type { GatewayRequest, GatewayResult, ResultInParts } from '../request.ts'

/** What a transport knows of a request beside its parameters. */
export interface Asking {
  readonly requestId: string
  readonly incoming: IncomingHeaders
  readonly lifetime: Lifetime
  /** False for a GET: a link or an image must not change anything. */
  readonly mayChange: boolean
  /** Shared by the operations that came in one body. */
  readonly batch?: Batch
  readonly watch?: RequestObservation | undefined
}

/** What a transport that can carry several parts knows beside that. */
export interface AskingInParts extends Asking {
  /** Whether events of a subscription can be told. */
  readonly tellsEvents: boolean
  /** Whether deferred parts can be told after the rest; otherwise all comes at once. */
  readonly tellsDeferred: boolean
  /** For an operation that is not a subscription, in milliseconds. */
  readonly requestTimeoutMs: number
}

/** Who answers what the door lets in. */
export interface Executing {
  readonly execute: (request: GatewayRequest) => Promise<GatewayResult>
  /** The answer in parts, when the operation defers some; null when it does not. */
  readonly executeInParts: (request: GatewayRequest) => Promise<ResultInParts | null>
  readonly subscribe: (request: GatewayRequest) => Promise<AsyncIterator<GatewayResult>>
}
