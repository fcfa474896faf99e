import type { FeedLag } from './watch-feed.ts'
import type { Waiting } from './settler.ts'

/** In the text format of Prometheus. Names of consumers are of the settings, so there are few. */
export function feedMetrics(waiting: Waiting, lags: readonly FeedLag[]): string {
  const ofMerges = MERGE_METRICS.map(({ name, sentence, value }) =>
    gauge(name, sentence, [['', value(waiting)]]),
  )
  const ofConsumers = PID_CONSUMER_METRICS.map(({ name, sentence, value }) =>
    gauge(
      name,
      sentence,
      lags.map((lag) => [`{consumer="${lag.consumer.name}"}`, value(lag)]),
    ),
  )
  return [...ofMerges, ...ofConsumers].join('')
}

interface MergeMetric {
  readonly name: string
  readonly sentence: string
  readonly value: (waiting: Waiting) => number
}

export const MERGE_METRICS: readonly MergeMetric[] = [
  {
    name: 'assent_identity_merges_pending',
    sentence: 'Merges that wait until consent has heard of them; at most 500 are counted.',
    value: ({ merges }) => merges,
  },
  {
    name: 'assent_identity_merge_pending_seconds',
    sentence: 'How long the oldest of them has waited.',
    value: ({ oldestMs }) => oldestMs / 1000,
  },
  {
    name: 'assent_identity_unmerges_unheard',
    sentence: 'Links that ended and of whose end consent has not heard; at most 500 are counted.',
    value: ({ unmerges }) => unmerges,
  },
]

interface ConsumerMetric {
  readonly name: string
  readonly sentence: string
  readonly value: (lag: FeedLag) => number
}

export const PID_CONSUMER_METRICS: readonly ConsumerMetric[] = [
  {
    name: 'assent_identity_consumer_behind',
    sentence: 'Changes of pids that a consumer has not acknowledged.',
    value: ({ behind }) => behind,
  },
  {
    name: 'assent_identity_consumer_lag_seconds',
    sentence: 'How long the oldest of them waits.',
    value: ({ oldestMs }) => (oldestMs ?? 0) / 1000,
  },
  {
    name: 'assent_identity_consumer_late',
    sentence: '1 while a consumer is later than agreed.',
    value: ({ isLate }) => (isLate ? 1 : 0),
  },
]

function gauge(name: string, sentence: string, values: readonly (readonly [string, number])[]): string {
  const lines = values.map(([labels, value]) => `${name}${labels} ${value}\n`)
  return `# HELP ${name} ${sentence}\n# TYPE ${name} gauge\n${lines.join('')}`
}
