import type { Acknowledgement, Lease, LeaseStore } from './lease-store.ts'
import { isBefore } from './lease-store.ts'

/** Whether a change is in force everywhere. */
export interface Effect {
  /** `EFFECTIVE`: nobody who may rely on what they know can still know it as it was. */
  readonly effective: 'PENDING' | 'EFFECTIVE'
  readonly acknowledgements: readonly Acknowledgement[]
  /** Who is still waited for. */
  readonly pending: readonly string[]
}

export interface Barrier {
  /** How it stands with a revision now. It must have been committed before. */
  effectOf(revision: string): Promise<Effect>
  /** The same when it is effective, or after so many milliseconds. */
  waitFor(revision: string, ms: number): Promise<Effect>
}

export interface BarrierOptions {
  readonly leases: LeaseStore
  /** How long a holder may rely on a renewal at least, in milliseconds; of a longer one the lease says it. */
  readonly leaseMs: number
  /** Whether leases are lost when this process ends: who held one from the process before is not known, and waited for. */
  readonly isForgetful?: boolean
  /** How far the clocks of the subgraphs may be behind ours, in milliseconds. */
  readonly skewMs?: number
  /** Milliseconds that never step. */
  readonly monotonic?: () => number
  /** Resolves after so many milliseconds at the latest, and earlier where it helps. */
  readonly pause?: (ms: number, isOver: AbortSignal) => Promise<void>
}

/** Clocks run at rates that differ by less than this share, and a holder begins to count before we do. */
const DRIFT = 0.05
/** What clocks of machines that are kept in time differ by, and a good deal more. */
const DEFAULT_SKEW_MS = 250
/** Stands for whoever was granted a lease by the process before this one. */
const FROM_BEFORE = 'whoever holds a lease from before the service started'
/** Another replica's holders are seen by asking this often, in milliseconds. */
const ASK_EVERY_MS = 20
const CHANGED = 'a lease has changed'

/**
 * A withdrawal is effective when every holder of a lease has acknowledged it or has lost the lease (Gray and Cheriton 1989,
 * "Leases"). A holder counts from before it asked for the renewal, we from when we saw it: so it stops before we say so, and
 * no two clocks have to show the same time, only to run at the same rate. What a holder sent in the last moment of its lease,
 * or was about to send when it stood still, subgraphs refuse by their clocks when the lease is over by ours: what these two may
 * differ by is waited for besides.
 */
export function createBarrier(options: BarrierOptions): Barrier {
  const { leases, monotonic = () => performance.now(), pause = pauseFor } = options
  const pendingFor = createPendingFor({ ...options, monotonic })
  const effectOf = async (revision: string): Promise<Effect> => {
    const pending = await pendingFor(revision)
    const acknowledgements = await leases.acknowledgements(revision)
    return { effective: pending.length === 0 ? 'EFFECTIVE' : 'PENDING', acknowledgements, pending }
  }
  return {
    effectOf,
    async waitFor(revision, ms) {
      const end = monotonic() + ms
      for (;;) {
        const round = new AbortController()
        // With a reason that is there: without one an error is made, and its stack is walked, at each renewal.
        const forget = leases.onChange(() => round.abort(CHANGED))
        try {
          const pending = await pendingFor(revision)
          const left = end - monotonic()
          if (pending.length === 0 || left <= 0) return await effectOf(revision)
          await pause(Math.min(left, ASK_EVERY_MS), round.signal)
        } finally {
          forget()
        }
      }
    },
  }
}

/** Who is waited for; whoever has lost the lease is taken out. */
function createPendingFor({
  leases,
  leaseMs,
  isForgetful = false,
  skewMs = DEFAULT_SKEW_MS,
  monotonic,
}: BarrierOptions & Required<Pick<BarrierOptions, 'monotonic'>>): (revision: string) => Promise<string[]> {
  const termMs = (ms: number): number => Math.max(ms, leaseMs) * (1 + DRIFT) + skewMs
  const begun = monotonic()
  /** When each lease was first seen with the renewals it has. */
  const seen = new Map<string, { readonly renewals: number; readonly since: number }>()

  const isOver = ({ holder, renewals, ms }: Lease, now: number): boolean => {
    const known = seen.get(holder)
    const since = known?.renewals === renewals ? known.since : now
    seen.set(holder, { renewals, since })
    return now - since > termMs(ms)
  }

  return async (revision) => {
    const pending = isForgetful && monotonic() - begun <= termMs(leaseMs) ? [FROM_BEFORE] : []
    const all = await leases.leases()
    // After the question: a renewal counts from when we saw it at the latest.
    const now = monotonic()
    for (const lease of all) {
      if (!isOver(lease, now)) {
        if (isBefore(lease.acknowledged, revision)) pending.push(lease.holder)
      } else await leases.remove(lease)
    }
    const holders = new Set(all.map(({ holder }) => holder))
    for (const holder of seen.keys()) if (!holders.has(holder)) seen.delete(holder)
    return pending
  }
}

async function pauseFor(ms: number, isOver: AbortSignal): Promise<void> {
  if (isOver.aborted) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    isOver.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
