import { type MetricRow, metricText } from './metric-text.ts'

/** What came of events, and what waits in quarantine. */
export interface EventMeasures {
  counts(): readonly FlowCount[]
  /** Events that came under a version whose end was announced. */
  deprecations?(): readonly { readonly type: string; readonly version: number; readonly count: number }[]
  waiting(): Promise<readonly WaitingFailures[]>
}

/** Since the process began. */
interface FlowCount {
  readonly type: string
  /** `stored`, `duplicate`, or why it failed. */
  readonly outcome: string
  readonly count: number
}

interface WaitingFailures {
  readonly code: string
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly oldestAt: number
}

const EVENTS: MetricRow = {
  name: 'assent_events_total',
  kind: 'counter',
  labels: ['type', 'outcome'],
  sentence: 'Events that came. Outcome: `stored`, `duplicate`, or the code of what kept them out.',
}

const VALID: MetricRow = {
  name: 'assent_events_valid_ratio',
  kind: 'gauge',
  labels: ['type'],
  sentence: 'Which share of events was stored since the process began; duplicates count as neither.',
}

const WAITING: MetricRow = {
  name: 'assent_quarantine_waiting',
  kind: 'gauge',
  labels: ['code'],
  sentence: 'Events in quarantine that wait for somebody.',
}

const AGE: MetricRow = {
  name: 'assent_quarantine_age_seconds',
  kind: 'gauge',
  labels: ['code'],
  sentence: 'How long the oldest of them has waited.',
}

const DEPRECATED: MetricRow = {
  name: 'assent_events_deprecated_total',
  kind: 'counter',
  labels: ['type', 'version'],
  sentence: 'Events that came under a version of a contract whose end was announced.',
}

export const EVENT_METRICS: readonly MetricRow[] = [EVENTS, VALID, DEPRECATED, WAITING, AGE]

export async function eventMetrics(measures: EventMeasures, now: number): Promise<string> {
  const counts = measures.counts()
  const waiting = await measures.waiting()
  const events = counts.map(({ type, outcome, count }) => ({ labels: [type, outcome], value: count }))
  return [
    metricText(EVENTS, events),
    metricText(VALID, validOf(counts)),
    metricText(
      DEPRECATED,
      (measures.deprecations?.() ?? []).map(({ type, version, count }) => ({
        labels: [type, String(version)],
        value: count,
      })),
    ),
    metricText(
      WAITING,
      waiting.map(({ code, count }) => ({ labels: [code], value: count })),
    ),
    metricText(
      AGE,
      waiting.map(({ code, oldestAt }) => ({ labels: [code], value: Math.max(0, now - oldestAt) / 1000 })),
    ),
  ].join('')
}

const validOf = (counts: readonly FlowCount[]) => {
  const types = [...new Set(counts.map(({ type }) => type))]
  return types.flatMap((type) => {
    const judged = counts.filter((one) => one.type === type && one.outcome !== 'duplicate')
    const all = judged.reduce((sum, { count }) => sum + count, 0)
    const stored = judged.find(({ outcome }) => outcome === 'stored')?.count ?? 0
    return all === 0 ? [] : [{ labels: [type], value: stored / all }]
  })
}
