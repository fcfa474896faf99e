import type { DocumentNode } from 'graphql'
import type { Caller, IncomingHeaders } from '../ports.ts'
import type { RequestWatch } from './request-watch.ts'

/** Watches over requests, as far as anybody wants to know. A gateway that nobody watches has none. */
export interface Observer {
  begin(request: BeginningRequest): RequestObservation
}

export interface BeginningRequest {
  readonly requestId: string
  readonly method: string
  readonly incoming: IncomingHeaders
}

/** One request, as the door tells of it; the engine tells the rest. */
export interface RequestObservation extends RequestWatch {
  /** One operation of several that came together; each is then told of alone, and ends with the whole. */
  member(requestId: string): RequestObservation
  identified(caller: Caller): void
  asked(document: DocumentNode, operationName: string | undefined): void
  /** What was answered; of a request that is answered several times over, such as one that came too late, the first counts. */
  answered(answer: AnsweredWith): void
  /** One of the parts in which an answer comes; each counts. */
  part(answer: AnsweredPart): void
  /** The value of `Server-Timing`, when it may be told. */
  serverTiming(): string | null
  /** `isWhole` is false when the client left before it had the answer. */
  end(ending: { readonly status: number; readonly isWhole: boolean }): void
}

export interface AnsweredWith {
  readonly data?: unknown
  readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[]
}

export interface AnsweredPart extends AnsweredWith {
  readonly incremental?: readonly AnsweredWith[]
}
