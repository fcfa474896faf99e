import { type MetricRow, metricText, type Sample } from './metric-text.ts'

/** What is left of each budget. */
export interface BudgetMeasures {
  budgets(now: number): Promise<readonly BudgetMeasure[]>
}

interface BudgetMeasure {
  /** `events/analytics` */
  readonly name: string
  readonly limits: readonly {
    /** Null: for ever. */
    readonly days: number | null
    readonly epsilon: number
    readonly left: number
  }[]
}

const LEFT: MetricRow = {
  name: 'assent_privacy_budget_left_epsilon',
  kind: 'gauge',
  labels: ['budget', 'window'],
  sentence: 'How much may still be given away about people. Window: so many days, `30d`, or `lifetime`.',
}

const LIMIT: MetricRow = {
  name: 'assent_privacy_budget_epsilon',
  kind: 'gauge',
  labels: ['budget', 'window'],
  sentence: 'How much might be given away in all.',
}

export const BUDGET_METRICS: readonly MetricRow[] = [LEFT, LIMIT]

export async function budgetMetrics(measures: BudgetMeasures, now: number): Promise<string> {
  const budgets = await measures.budgets(now)
  const samples = (of: 'left' | 'epsilon'): readonly Sample[] =>
    budgets.flatMap(({ name, limits }) =>
      limits.map((limit) => ({
        labels: [name, limit.days === null ? 'lifetime' : `${limit.days}d`],
        value: limit[of],
      })),
    )
  return metricText(LEFT, samples('left')) + metricText(LIMIT, samples('epsilon'))
}
