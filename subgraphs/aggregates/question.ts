import type { Budget } from '../budget/budget.ts'
import type { Aggregates, Dimension, Metric } from './metric.ts'
import { refused } from './refusal.ts'

/** What is asked, as it came. */
export interface Question {
  readonly metric: string
  readonly cohort: readonly CohortCondition[]
  readonly from: string
  readonly to: string
  readonly epsilon: number | null
}

export interface CohortCondition {
  readonly dimension: string
  readonly in: readonly string[]
}

/** The same in one way of writing, checked against what is declared; nothing of anybody's data was needed for it. */
export interface ReadQuestion {
  readonly metric: Metric
  readonly budget: Budget
  readonly cohort: readonly ReadCondition[]
  /** Milliseconds since the epoch; `to` is not beyond the snapshot. */
  readonly from: number
  readonly to: number
  /** In thousandths. */
  readonly epsilon: number
  /** The moment up to which events had been received. */
  readonly snapshot: number
}

export interface ReadCondition {
  readonly dimension: string
  readonly field: string
  readonly values: ReadonlySet<string>
}

interface Asking {
  readonly purpose: string | null
  readonly now: number
}

export function readQuestion(
  question: Question,
  { metrics, budgets, snapshotMs }: Aggregates,
  { purpose, now }: Asking,
): ReadQuestion {
  const metric = metrics.get(question.metric)
  if (metric === undefined) throw refused('METRIC_UNKNOWN', 'metric')
  const budget = budgets.get(purpose ?? '')
  if (purpose === null || budget === undefined || !metric.purposes.has(purpose))
    throw refused('PURPOSE_NOT_ALLOWED', [...metric.purposes].map((name) => `\`${name}\``).join(', '))
  const snapshot = Math.floor(now / snapshotMs) * snapshotMs
  const cohort = readCohort(question.cohort, metric.dimensions)
  const epsilon = readEpsilon(question.epsilon, metric)
  return { metric, budget, cohort, epsilon, snapshot, ...readWindow(question, snapshot) }
}

/** The same is the same, in whatever order it was written. */
export const canonical = ({ metric, cohort, from, to, epsilon }: ReadQuestion, kind: string): string =>
  JSON.stringify({
    metric: metric.name,
    digest: metric.digest,
    kind,
    cohort: cohort.map(({ dimension, values }) => [dimension, [...values]]),
    from,
    to,
    epsilon,
  })

function readCohort(
  cohort: readonly CohortCondition[],
  dimensions: ReadonlyMap<string, Dimension>,
): readonly ReadCondition[] {
  const named = new Set(cohort.map(({ dimension }) => dimension))
  if (named.size < cohort.length) throw refused('DIMENSION_UNKNOWN', 'cohort')
  return cohort
    .map(({ dimension: name, in: asked }) => {
      const dimension = dimensions.get(name)
      if (dimension === undefined) throw refused('DIMENSION_UNKNOWN', 'cohort')
      if (asked.length === 0 || asked.some((value) => !dimension.values.includes(value)))
        throw refused('DIMENSION_VALUE_UNKNOWN', `cohort, \`${name}\``)
      return { dimension: name, field: dimension.field, values: new Set(asked.toSorted()) }
    })
    .toSorted((one, other) => (one.dimension < other.dimension ? -1 : 1))
}

function readEpsilon(asked: number | null, { epsilon: { default: usual, most } }: Metric): number {
  if (asked === null) return usual
  const thousandths = Math.round(asked * 1000)
  // What is no number is none of these, and ends here.
  if (thousandths >= 1 && thousandths <= most && Math.abs(thousandths / 1000 - asked) < 1e-9)
    return thousandths
  throw refused('EPSILON_INVALID', `epsilon, at most ${most / 1000}`)
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/

function readWindow(
  { from, to }: Pick<Question, 'from' | 'to'>,
  snapshot: number,
): Pick<ReadQuestion, 'from' | 'to'> {
  const instant = (text: string, place: string): number => {
    const at = INSTANT.test(text) ? Date.parse(text) : Number.NaN
    if (Number.isNaN(at)) throw refused('COHORT_WINDOW_INVALID', place)
    return at
  }
  const window = { from: instant(from, 'from'), to: Math.min(instant(to, 'to'), snapshot) }
  if (window.from >= window.to) throw refused('COHORT_WINDOW_INVALID', 'from, to')
  return window
}
