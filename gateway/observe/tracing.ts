import type { SpanKey } from './catalogue.ts'

export type Attributes = Readonly<Record<string, string | number | boolean>>

/** One span of one request; instants are those of `performance.now()`. */
export interface TraceSpan {
  begin(span: SpanKey, attributes?: Attributes): TraceSpan
  set(attributes: Attributes): void
  /** The code of what went wrong, when something did. */
  end(code?: string): void
  /** Names this span to whoever is asked next (W3C Trace Context). */
  readonly traceparent: string
}

export interface Tracing {
  /** `traceparent` as the client sent it; one that cannot be read begins a trace of its own. */
  begin(traceparent: string | undefined, attributes: Attributes): TraceSpan
  close(): Promise<void>
}
