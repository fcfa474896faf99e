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
  readonly caller: Caller
  readonly requestId: string
  /** Shared by the operations that came together. */
  readonly batch?: Batch
  readonly watch?: RequestWatch | undefined
  /** Ends when the client leaves. */
  readonly lifetime?: Lifetime
  readonly incoming?: IncomingHeaders
}

export interface GatewayResult {
  /** The answer as it was written; null where an error went up to the root. */
  readonly data?: JsonText | null
  readonly errors?: readonly GraphQLError[]
  readonly extensions?: Record<string, unknown>
  readonly http?: { readonly status: number }
}
