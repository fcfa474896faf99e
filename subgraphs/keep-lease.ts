import type { BudgetLedger } from './budget/ledger.ts'

/** Longer than a pause of garbage collection or of a disk, shorter than anybody’s patience after a kill. */
export const LEASE_MS = 60_000

export interface KeptLease {
  /** The work is done, and the reservation settled. */
  end(): void
  /** The work is given up, and may be taken up again at once. What was reserved stays spent. */
  release(): Promise<void>
}

/** Renews the lease of a reservation as long as this process lives; null: there is none to keep. */
export function keepLease(
  ledger: Pick<BudgetLedger, 'renew'>,
  reservation: string | null,
  clock: () => number,
): KeptLease {
  if (reservation === null) return { end: () => {}, release: async () => {} }
  // A renewal that fails is made good by the next one; if none gets through, the lease runs out, and that is what it is for.
  const renew = (): void => void ledger.renew(reservation, clock() + LEASE_MS).catch(() => {})
  const timer = setInterval(renew, LEASE_MS / 4)
  timer.unref()
  const end = (): void => clearInterval(timer)
  return {
    end,
    async release() {
      end()
      await ledger.renew(reservation, clock()).catch(() => {})
    },
  }
}
