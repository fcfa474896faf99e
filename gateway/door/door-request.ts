import type { DocumentNode, GraphQLError } from 'graphql'
import type { Lifetime } from '../lifetime.ts'
import type { Batch } from '../limits/operation-limits.ts'
import type { RequestObservation } from '../observe/observer.ts'
import type { RequestWatch } from '../observe/request-watch.ts'
import type { Caller, IncomingHeaders } from '../ports.ts'

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

/** One operation of a caller, parsed and valid. */
export interface DoorRequest {
  readonly document: DocumentNode
  readonly operationName?: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly requestId: string
  readonly lifetime: Lifetime
  readonly incoming: IncomingHeaders
  readonly watch?: RequestWatch | undefined
  readonly batch?: Batch
  readonly showSent?: boolean
}

export interface DoorResult {
  readonly data?: unknown
  readonly errors?: readonly GraphQLError[]
  readonly extensions?: Record<string, unknown>
  readonly http?: { readonly status: number }
}

export interface InParts {
  readonly first: DoorResult
  /** What was deferred; null when there is nothing more to tell. */
  readonly rest: (() => Promise<readonly Increment[]>) | null
}

export interface Increment extends Pick<DoorResult, 'data' | 'errors' | 'extensions'> {
  readonly path: readonly (string | number)[]
  readonly label?: string
}

/** Who answers what the door lets in. */
export interface Executing {
  readonly execute: (request: DoorRequest) => Promise<DoorResult>
  /** The answer in parts, when the operation defers some; null when it does not. */
  readonly executeInParts: (request: DoorRequest) => Promise<InParts | null>
  readonly subscribe: (request: DoorRequest) => Promise<AsyncIterator<DoorResult>>
}
