import type { Charge, Charges } from '../../privacy/budget/charge.ts'
import { brokenBy, budgetLeft, type SpentSince } from './budget.ts'
import { type BudgetLedger, LOST_AFTER_MS, type Reservation, type Reserving } from './ledger.ts'

interface Entry {
  readonly budget: string
  readonly charge: Charge
  readonly query: string
  readonly snapshot: string
  readonly at: number
  answer: string | null
}

/** For tests and for what need not outlive the process. */
export const createMemoryLedger = (): BudgetLedger => {
  const entries: Entry[] = []
  const spentOn =
    (name: string, now: number): SpentSince =>
    (since) =>
      chargesOf(entries.filter(({ budget, at }) => budget === name && (since === null || at > now - since)))
  return {
    reserve: async ({ budget, charge, query, snapshot, now }: Reserving): Promise<Reservation> => {
      const known = entries.findLast(
        (entry) => entry.budget === budget.name && entry.query === query && entry.snapshot === snapshot,
      )
      if (known?.answer !== null && known !== undefined) return { kind: 'answered', answer: known.answer }
      if (known !== undefined && now - known.at < LOST_AFTER_MS) return { kind: 'under way' }
      const limit = brokenBy(budget, charge, spentOn(budget.name, now))
      if (limit !== null) return { kind: 'refused', limit }
      entries.push({ budget: budget.name, charge, query, snapshot, at: now, answer: null })
      return { kind: 'reserved', id: String(entries.length) }
    },
    settle: async (reservation, answer) => {
      const entry = entries[Number(reservation) - 1]
      if (entry === undefined) throw new RangeError('there is no such reservation')
      entry.answer ??= answer
    },
    left: async (budget, now) => budgetLeft(budget, spentOn(budget.name, now)),
  }
}

const chargesOf = (entries: readonly Entry[]): Charges[] => {
  const times = new Map<string, number>()
  for (const { charge } of entries)
    times.set(JSON.stringify(charge), (times.get(JSON.stringify(charge)) ?? 0) + 1)
  return [...times].map(([text, count]) => ({ charge: JSON.parse(text) as Charge, times: count }))
}
