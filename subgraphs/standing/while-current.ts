import type { Currency } from './standing-store.ts'

const MOST_TURNS = 3

/**
 * What was read while what was heard of consent could be relied upon, and while nothing new was heard: else it is read again, and
 * nothing is answered where that does not help. `clock`: milliseconds since the epoch.
 */
export async function whileCurrent<T>(
  currency: Currency,
  clock: () => number,
  read: (now: number) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  for (let round = 0; round < MOST_TURNS; round += 1) {
    const now = clock()
    if (!currency.isCurrent(now)) return []
    const turn = currency.turn()
    // oxlint-disable-next-line no-await-in-loop -- one reading after the other
    const rows = await read(now)
    if (!currency.isCurrent(clock())) return []
    if (currency.turn() === turn) return rows
  }
  return []
}
