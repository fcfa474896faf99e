import type { BudgetLedger } from '../budget/ledger.ts'
import type { Aggregates } from './metric.ts'

/** What may be asked for a purpose: declarations, and what is left; nobody's data. */
export const metricTerms = async (
  { metrics, budgets }: Aggregates,
  {
    purpose,
    ledger,
    clock,
  }: { readonly purpose: string | null; readonly ledger: BudgetLedger; readonly clock: () => number },
): Promise<readonly object[]> => {
  const budget = budgets.get(purpose ?? '')
  if (purpose === null || budget === undefined) return []
  const budgetLeft = await ledger.left(budget, clock())
  return [...metrics.values()]
    .filter(({ purposes }) => purposes.has(purpose))
    .map(({ name, value, statistics, dimensions, epsilon, ...metric }) => ({
      ...metric,
      metric: name,
      statistics: statistics.map((statistic) => statistic.toUpperCase()),
      value: value && {
        unit: value.unit,
        lower: value.lower * value.grid,
        upper: value.upper * value.grid,
      },
      dimensions: [...dimensions].map(([dimension, { values }]) => ({ dimension, values })),
      defaultEpsilon: epsilon.default / 1000,
      mostEpsilon: epsilon.most / 1000,
      budgetLeft,
    }))
}
