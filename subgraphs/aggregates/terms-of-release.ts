import type { Budget } from '../budget/budget.ts'
import type { BudgetLedger } from '../budget/ledger.ts'
import type { Released } from './ask-cohort.ts'
import type { ReadQuestion } from './question.ts'
import type { Refusal } from './refusal.ts'

interface Asking {
  readonly ledger: BudgetLedger
  readonly now: number
}

/** What a release gives away and what is left: known before any data was read, and nothing of it depends on them. */
export const termsOfRelease = async (
  { metric, budget, epsilon, snapshot }: ReadQuestion,
  { spending: { charge }, isSmall }: Pick<Released<unknown>, 'spending' | 'isSmall'>,
  { ledger, now }: Asking,
): Promise<object> => ({
  refused: null,
  suppressed: isSmall,
  mechanism: metric.mechanism,
  epsilon: epsilon / 1000,
  delta: charge.kind === 'pure' ? 0 : budget.delta,
  // Pure ε is ε²/2 of zero-concentrated differential privacy (Bun and Steinke 2016, proposition 1.4).
  rho: charge.kind === 'concentrated' ? charge.rho : (epsilon / 1000) ** 2 / 2,
  snapshot: new Date(snapshot).toISOString(),
  budgetLeft: await ledger.left(budget, now),
})

export const refusedRelease = async (
  refused: Refusal,
  budget: Budget | undefined,
  { ledger, now }: Asking,
): Promise<object> => ({
  refused,
  suppressed: false,
  mechanism: null,
  epsilon: null,
  delta: null,
  rho: null,
  snapshot: null,
  budgetLeft: budget === undefined ? [] : await ledger.left(budget, now),
})
