import { type MetricRow, metricText, type Sample } from './metric-text.ts'

/** What one purge has done in one store. */
export interface Purged {
  readonly store: string
  readonly because: string
  readonly rows: number
  /** How long after each word was taken its rows were gone, in milliseconds. */
  readonly waitedMs: readonly number[]
}

export interface PurgeMeter {
  count(purged: Purged): void
  text(): string
}

const ROWS: MetricRow = {
  name: 'assent_purged_rows_total',
  kind: 'counter',
  labels: ['store', 'because'],
  sentence:
    'Rows that were deleted because nothing allows them any more. Because: `word` (somebody said so), `end` (a yes ran out), `sweep` (found later).',
}

const LATENCY: MetricRow = {
  name: 'assent_purge_latency_seconds',
  kind: 'histogram',
  labels: ['store'],
  sentence: 'From the moment a no was taken until what rested on the yes was deleted from a store.',
}

export const PURGE_METRICS: readonly MetricRow[] = [ROWS, LATENCY]

/** Online within seconds, offline within a minute: the bounds tell both apart. */
const SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

interface Waits {
  readonly below: number[]
  count: number
  sum: number
}

export function createPurgeMeter(): PurgeMeter {
  const rows = new Map<string, { readonly labels: readonly string[]; value: number }>()
  const waits = new Map<string, Waits>()
  return {
    count({ store, because, rows: deleted, waitedMs }) {
      const key = JSON.stringify([store, because])
      const counted = rows.get(key) ?? { labels: [store, because], value: 0 }
      rows.set(key, { ...counted, value: counted.value + deleted })
      const waited = waits.get(store) ?? { below: SECONDS.map(() => 0), count: 0, sum: 0 }
      waits.set(store, waited)
      for (const ms of waitedMs) observe(waited, ms / 1000)
    },
    text: () =>
      metricText(ROWS, [...rows.values()]) +
      metricText(
        LATENCY,
        [...waits].flatMap(([store, waited]) => samplesOf(store, waited)),
      ),
  }
}

function observe(waited: Waits, seconds: number): void {
  for (const [index, bound] of SECONDS.entries())
    if (seconds <= bound) waited.below[index] = (waited.below[index] ?? 0) + 1
  waited.count += 1
  waited.sum += seconds
}

const samplesOf = (store: string, { below, count, sum }: Waits): readonly Sample[] => [
  ...SECONDS.map((bound, index) => bucket(store, String(bound), below[index] ?? 0)),
  bucket(store, '+Inf', count),
  { labels: [store], value: sum, part: { suffix: '_sum' } },
  { labels: [store], value: count, part: { suffix: '_count' } },
]

const bucket = (store: string, le: string, value: number): Sample => ({
  labels: [store],
  value,
  part: { suffix: '_bucket', le },
})
