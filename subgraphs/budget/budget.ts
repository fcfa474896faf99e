import { type Charge, type Charges, epsilonOfCharges } from '../../privacy/budget/charge.ts'

/** How much may be given away about the people in one data set for one purpose. The unit is one person. */
export interface Budget {
  /** Names the data set and the purpose, `events/analytics`; what is asked under another name has a budget of its own. */
  readonly name: string
  /** Probability with which ε may not hold. */
  readonly delta: number
  /** For ever. Nobody gets back what was given away, also when they leave. */
  readonly lifetime: number
  readonly windows: readonly BudgetWindow[]
}

/** Within any so many days. */
interface BudgetWindow {
  readonly days: number
  readonly epsilon: number
}

/** What is left of one limit. */
export interface BudgetLeft {
  /** Null: for ever. */
  readonly days: number | null
  readonly epsilon: number
  readonly spent: number
  readonly left: number
}

/** What was given away since so many milliseconds ago; null: ever. */
export type SpentSince = (milliseconds: number | null) => readonly Charges[]

export const budgetLeft = (budget: Budget, spentSince: SpentSince): readonly BudgetLeft[] =>
  limitsOf(budget).map(({ days, epsilon }) => {
    const spent = epsilonOfCharges(spentSince(millisecondsOf(days)), budget.delta)
    return { days, epsilon, spent, left: Math.max(0, epsilon - spent) }
  })

/** The first limit that this charge would break, with what is left of it; null where it fits in all of them. */
export const brokenBy = (budget: Budget, charge: Charge, spentSince: SpentSince): BudgetLeft | null => {
  const broken = limitsOf(budget).find(
    ({ days, epsilon }) =>
      !(
        epsilonOfCharges([...spentSince(millisecondsOf(days)), { charge, times: 1 }], budget.delta) <= epsilon
      ),
  )
  if (broken === undefined) return null
  return budgetLeft(budget, spentSince).find(({ days }) => days === broken.days) ?? null
}

const limitsOf = ({ lifetime, windows }: Budget): readonly { days: number | null; epsilon: number }[] => [
  { days: null, epsilon: lifetime },
  ...windows,
]

const DAY_MS = 86_400_000

export const millisecondsOf = (days: number | null): number | null => (days === null ? null : days * DAY_MS)

/** Whether what was really released is no more than what was reserved for it. */
export const isWithin = (reserved: Charge, really: readonly Charge[]): boolean => {
  const together = really.map((charge) => ({ charge, times: 1 }))
  switch (reserved.kind) {
    case 'approximate':
      return epsilonOfCharges(together, reserved.delta) <= reserved.epsilon * ROUNDING
    case 'concentrated':
      return rhoOf(really) <= reserved.rho * ROUNDING
    case 'pure':
    case 'steps':
      return JSON.stringify(really) === JSON.stringify([reserved])
  }
}

/** Parts of it may add up to a little more than the whole. */
const ROUNDING = 1 + 1e-9

const rhoOf = (charges: readonly Charge[]): number =>
  charges.reduce(
    (sum, charge) =>
      sum + (charge.kind === 'concentrated' && charge.rho > 0 ? charge.rho : Number.POSITIVE_INFINITY),
    0,
  )
