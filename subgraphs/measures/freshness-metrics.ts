import { type MetricRow, metricText } from './metric-text.ts'

/** How far the values of features are. */
export interface FreshnessMeasures {
  ages(now: number): Promise<readonly FeatureAge[]>
  /** When everything up to the last event that is in the values had been read; 0: nothing yet. */
  progress(): Promise<{ readonly asOf: number }>
}

interface FeatureAge {
  readonly feature: string
  /** Since when the value that waits longest to be computed again waits; null: none does. */
  readonly dueSince: number | null
}

const FRESHNESS: MetricRow = {
  name: 'assent_feature_freshness_seconds',
  kind: 'gauge',
  labels: ['feature'],
  sentence: 'How old what the values of a feature say may be: what happened since is not in all of them.',
}

export const FRESHNESS_METRICS: readonly MetricRow[] = [FRESHNESS]

export async function freshnessMetrics(measures: FreshnessMeasures, now: number): Promise<string> {
  const { asOf } = await measures.progress()
  const ages = await measures.ages(now)
  // Before the first event was read there is no moment that they speak of.
  const samples = ages.flatMap(({ feature, dueSince }) => {
    const since = Math.min(asOf, dueSince ?? asOf)
    return since === 0 ? [] : [{ labels: [feature], value: Math.max(0, now - since) / 1000 }]
  })
  return metricText(FRESHNESS, samples)
}
