import type { DocumentNode, GraphQLError } from 'graphql'
import type { JsonText } from './json-text.ts'
import type { Lifetime } from './lifetime.ts'
import type { Batch } from './limits/operation-limits.ts'
import type { RequestWatch } from './observe/request-watch.ts'
import type { Caller, IncomingHeaders } from './ports.ts'

/** One operation of a caller, parsed and valid. */
export interface GatewayRequest {
  readonly document: DocumentNode
  readonly operationName?: string
  readonly variables: Readonly<Record<string, unknown>>
  /** The same, with the numbers marked that JavaScript rounds: what is sent on. Absent when none is rounded. */
  readonly exactVariables?: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly requestId: string
  /** Shared by the operations that came together. */
  readonly batch?: Batch
  readonly watch?: RequestWatch | undefined
  /** Ends when the client leaves. */
  readonly lifetime: Lifetime
  readonly incoming: IncomingHeaders
}

export interface GatewayResult {
  /** The answer as it was written; null where an error went up to the root. */
  readonly data?: JsonText | null
  readonly errors?: readonly GraphQLError[]
  readonly extensions?: Record<string, unknown>
  readonly http?: { readonly status: number }
  /** Asked by whoever writes it, at that very moment: what somebody has withdrawn meanwhile does not leave. */
  readonly mayLeave?: () => boolean
}

/** What a deferred fragment tells at one place. */
export interface GatewayIncrement extends Pick<GatewayResult, 'data' | 'errors' | 'extensions' | 'mayLeave'> {
  readonly path: readonly (string | number)[]
  readonly label?: string
}

export interface ResultInParts {
  readonly first: GatewayResult
  /** Fetches, judges and tells what was deferred; null when there is nothing more to tell. */
  readonly rest: (() => Promise<readonly GatewayIncrement[]>) | null
}
