import type { LeasedConsent } from '../lease/leased-consent.ts'
import type { ConsentChanges, ConsentSource } from '../ports.ts'

/**
 * Whether the service speaks of leases; unknown until it was asked. A service behind a door that was not ready, or of which the
 * first replica was an older one, may be heard to speak of them later: from then on nobody is answered as if it did not.
 */
export const createSpoken = (mayBeUnspoken: boolean) => {
  let state: 'unknown' | 'spoken' | 'unspoken' = 'unknown'
  let heard = createLatch()
  return {
    isSpoken(): void {
      if (state === 'unspoken') heard = createLatch()
      state = 'spoken'
    },
    /** True where it is believed. */
    isNot(): boolean {
      if (!mayBeUnspoken || state === 'spoken') return false
      state = 'unspoken'
      heard.open()
      return true
    },
    get isUnspoken(): boolean {
      return state === 'unspoken'
    },
    /** Resolves when it is found out that it does not; never of a service that has been heard to. */
    get unspoken(): Promise<true> {
      return heard.opened
    },
  }
}

const createLatch = (): { readonly opened: Promise<true>; open(): void } => {
  let open = (): void => undefined
  const opened = new Promise<true>((resolve) => {
    open = () => resolve(true)
  })
  return { opened, open }
}

/** Consent by leases, as long as nobody has found out that there are none. */
export const leasedOrAsked = (
  leased: Pick<LeasedConsent, 'known' | 'load' | 'changes'>,
  asked: ConsentSource,
  spoken: ReturnType<typeof createSpoken>,
): ConsentSource => ({
  known: (subject, context) => (spoken.isUnspoken ? undefined : leased.known(subject, context)),
  async load(subjects, context) {
    const waiting = spoken.isUnspoken ? null : leased.load(subjects, context)
    waiting?.catch(() => undefined)
    const first = await Promise.race([waiting ?? UNSPOKEN, spoken.unspoken])
    return first === true ? asked.load(subjects, context) : first
  },
  changes: {
    holds: () => spoken.isUnspoken || leased.changes.holds(),
    position: () => leased.changes.position(),
    after: (position) => leased.changes.after(position),
    reach: (revision) => reach(revision, leased.changes, spoken),
    term: () => (spoken.isUnspoken ? null : (leased.changes.term?.() ?? null)),
  },
})

const UNSPOKEN = Promise.resolve(true as const)

const reach = async (
  revision: string,
  changes: ConsentChanges,
  spoken: ReturnType<typeof createSpoken>,
): Promise<void> => {
  if (spoken.isUnspoken) return
  const reached = changes.reach(revision)
  reached.catch(() => undefined)
  await Promise.race([reached, spoken.unspoken])
}
