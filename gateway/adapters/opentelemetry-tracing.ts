import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Tracer,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import { type SpanKey, SPANS } from '../observe/catalogue.ts'
import type { Attributes, TraceSpan, Tracing } from '../observe/tracing.ts'

export interface OpentelemetryOptions {
  /** Where OTLP over HTTP is taken, with its path. */
  readonly url: string
  readonly serviceName: string
  /** Of the requests whose client has not decided: 0 to 100 percent are traced. */
  readonly samplePercent: number
}

/**
 * Spans to an OpenTelemetry collector, in batches, in the background; what it does not take is dropped. Contexts are handed
 * on, not looked up: nothing is hooked into promises or libraries.
 */
export const createOpentelemetryTracing = (options: OpentelemetryOptions): Tracing => {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.serviceName }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(options.samplePercent / 100) }),
    spanProcessors: [
      new BatchSpanProcessor(new OTLPTraceExporter({ url: options.url, timeoutMillis: LONGEST_EXPORT_MS })),
    ],
  })
  const tracer = provider.getTracer('assent')
  return {
    begin(traceparent, attributes) {
      const parent = readTraceparent(traceparent)
      const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
      return spanOf(tracer, context, 'request', attributes)
    },
    close: () => provider.shutdown(),
  }
}

/** It tries again for as long; a collector that is away must not hold up the end of the process. */
const LONGEST_EXPORT_MS = 1000

const KINDS: Partial<Record<SpanKey, SpanKind>> = { request: SpanKind.SERVER, subgraph: SpanKind.CLIENT }

// eslint-disable-next-line max-params -- the parts of a span in the order of OpenTelemetry
const spanOf = (tracer: Tracer, parent: Context, key: SpanKey, attributes: Attributes): TraceSpan => {
  const kind = KINDS[key] ?? SpanKind.INTERNAL
  const span = tracer.startSpan(SPANS[key].name, { kind, attributes: { ...attributes } }, parent)
  const context = trace.setSpan(parent, span)
  return {
    begin: (child, more = {}) => spanOf(tracer, context, child, more),
    set: (more) => void span.setAttributes({ ...more }),
    end: (code) => endSpan(span, code),
    get traceparent() {
      return writeTraceparent(span.spanContext())
    },
  }
}

/** A code and nothing else: messages and stacks may repeat values. */
const endSpan = (span: Span, code: string | undefined): void => {
  if (code !== undefined) span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

/** W3C Trace Context §3.2: version, trace, parent, flags. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-|$)/

const readTraceparent = (text: string | undefined): SpanContext | undefined => {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined) return undefined
  const traceFlags = Number.parseInt(flags ?? '00', 16) & TraceFlags.SAMPLED
  return { traceId, spanId, traceFlags, isRemote: true }
}

const writeTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
