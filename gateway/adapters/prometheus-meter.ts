import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { METRICS, type MetricEntry } from '../observe/catalogue.ts'
import type { Meter } from '../observe/meter.ts'

export interface PrometheusMeter extends Meter {
  /** All metrics in the text format of Prometheus. */
  text(): Promise<string>
  readonly contentType: string
  close(): void
}

type Instrument = Counter | Gauge | Histogram

/** The metrics of the catalogue and of the process, in a registry of their own. */
export const createPrometheusMeter = (): PrometheusMeter => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const instruments = new Map(
    Object.entries(METRICS).map(([key, entry]) => [key, instrumentOf(entry, registry)]),
  )
  return {
    add(metric, labels, by = 1) {
      const instrument = instruments.get(metric)
      if (instrument instanceof Counter || instrument instanceof Gauge) instrument.inc(labels, by)
    },
    observe(metric, labels, value) {
      const instrument = instruments.get(metric)
      if (instrument instanceof Histogram) instrument.observe(labels, value)
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
    close: () => registry.clear(),
  }
}

const instrumentOf = (entry: MetricEntry, registry: Registry): Instrument => {
  const { kind, name, sentence, labels, buckets = [] } = entry
  const common = { name, help: sentence, labelNames: [...labels], registers: [registry] }
  if (kind === 'counter') return new Counter(common)
  return kind === 'gauge' ? new Gauge(common) : new Histogram({ ...common, buckets: [...buckets] })
}
