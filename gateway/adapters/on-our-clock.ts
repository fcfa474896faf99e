import type { ConsentState } from '../ports.ts'

/** A moment before the service was asked, by our own clocks: one that never steps, and the one that decisions are made by. */
interface AskedAt {
  readonly monotonic: number
  readonly wall: number
}

/**
 * Consent runs out by the clock of the service, whatever ours shows: what is left of it by that clock is counted from before we
 * asked, on a clock that is never set.
 */
export const onOurClock = (state: ConsentState, now: number, askedAt: AskedAt): ConsentState => {
  let soonest = Number.POSITIVE_INFINITY
  const scopes = new Map(state.scopes)
  for (const [scope, said] of state.scopes) {
    if (said.expiresAt === null) continue
    const left = said.expiresAt - now
    scopes.set(scope, { ...said, expiresAt: askedAt.wall + left })
    if (left > 0) soonest = Math.min(soonest, left)
  }
  if (soonest === Number.POSITIVE_INFINITY) return { ...state, scopes }
  return { ...state, scopes, until: askedAt.monotonic + soonest }
}
