import type { Charge, Charges } from '../../privacy/budget/charge.ts'
import { brokenBy, budgetLeft, isWithin, type SpentSince } from './budget.ts'
import { type BudgetLedger, type Lease, LOST_AFTER_MS, type Reservation, type Reserving } from './ledger.ts'

interface Entry {
  readonly budget: string
  readonly charge: Charge
  readonly query: string
  readonly snapshot: string
  readonly at: number
  answer: string | null
  until: number
  really: readonly Charge[] | null
}

/** For tests and for what need not outlive the process. */
export const createMemoryLedger = (): BudgetLedger => {
  const entries: Entry[] = []
  const spentOn =
    (name: string, now: number): SpentSince =>
    (since) =>
      chargesOf(entries.filter(({ budget, at }) => budget === name && (since === null || at > now - since)))
  const entryOf = (reservation: string): Entry => {
    const entry = entries[Number(reservation) - 1]
    if (entry === undefined) throw new RangeError('there is no such reservation')
    return entry
  }
  return {
    reserve: async ({ budget, charge, query, snapshot, now, lease }: Reserving): Promise<Reservation> => {
      const until = now + (lease?.ms ?? LOST_AFTER_MS)
      const place = entries.findLastIndex(
        (entry) => entry.budget === budget.name && entry.query === query && entry.snapshot === snapshot,
      )
      const known = place < 0 ? null : takenUp(entries[place] as Entry, { id: String(place + 1), now, lease })
      if (known !== null) return known
      const limit = brokenBy(budget, charge, spentOn(budget.name, now))
      if (limit !== null) return { kind: 'refused', limit }
      entries.push({
        budget: budget.name,
        charge,
        query,
        snapshot,
        at: now,
        answer: null,
        until,
        really: null,
      })
      return { kind: 'reserved', id: String(entries.length) }
    },
    renew: async (reservation, until) => {
      entryOf(reservation).until = until
    },
    settle: async (reservation, answer, really) => {
      const entry = entryOf(reservation)
      if (really !== undefined && !isWithin(entry.charge, really))
        throw new RangeError('more than was reserved')
      if (entry.answer === null && entry.charge.kind === 'approximate') entry.really = really ?? null
      entry.answer ??= answer
    },
    left: async (budget, now) => budgetLeft(budget, spentOn(budget.name, now)),
  }
}

/** Null: it is lost, and the same may be asked anew. */
const takenUp = (
  known: Entry,
  { id, now, lease }: { readonly id: string; readonly now: number; readonly lease: Lease | undefined },
): Reservation | null => {
  if (known.answer !== null) return { kind: 'answered', answer: known.answer }
  if (now < known.until && lease?.isAlone !== true) return { kind: 'under way' }
  if (lease === undefined) return null
  known.until = now + lease.ms
  return { kind: 'reserved', id }
}

const chargesOf = (entries: readonly Entry[]): Charges[] => {
  const times = new Map<string, number>()
  for (const charge of entries.flatMap(({ charge: reserved, really }) => really ?? [reserved]))
    times.set(JSON.stringify(charge), (times.get(JSON.stringify(charge)) ?? 0) + 1)
  return [...times].map(([text, count]) => ({ charge: JSON.parse(text) as Charge, times: count }))
}
