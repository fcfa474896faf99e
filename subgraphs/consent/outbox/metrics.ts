import type { Lag } from './lag.ts'

interface ConsumerMetric {
  readonly name: string
  readonly sentence: string
  readonly value: (lag: Lag) => number
}

/** One value a consumer; its name is of the settings, so there are few. */
export const CONSUMER_METRICS: readonly ConsumerMetric[] = [
  {
    name: 'assent_consent_consumer_behind_revisions',
    sentence: 'Revisions between the position of a consumer and the newest one.',
    value: ({ behind }) => behind,
  },
  {
    name: 'assent_consent_consumer_lag_seconds',
    sentence: 'How long the oldest change that a consumer has not acknowledged has been waiting.',
    value: ({ oldestMs }) => (oldestMs ?? 0) / 1000,
  },
  {
    name: 'assent_consent_consumer_sla_seconds',
    sentence: 'How long it may wait, as agreed.',
    value: ({ consumer }) => consumer.slaMs / 1000,
  },
  {
    name: 'assent_consent_consumer_late',
    sentence: '1 while a consumer is beyond what was agreed, or is gone.',
    value: ({ state }) => (state === 'late' || state === 'gone' ? 1 : 0),
  },
  {
    name: 'assent_consent_deliveries_escalated',
    sentence: 'Deliveries that nobody tries any more until they are redelivered.',
    value: ({ consumer }) => consumer.escalated,
  },
  {
    name: 'assent_consent_deliveries_retrying',
    sentence: 'Deliveries that failed and are tried again.',
    value: ({ consumer }) => consumer.retrying,
  },
]

/** In the text format of Prometheus. */
export function consumerMetrics(lags: readonly Lag[]): string {
  return CONSUMER_METRICS.map(({ name, sentence, value }) => {
    const lines = lags.map((lag) => `${name}{consumer="${lag.consumer.name}"} ${value(lag)}\n`)
    return `# HELP ${name} ${sentence}\n# TYPE ${name} gauge\n${lines.join('')}`
  }).join('')
}
