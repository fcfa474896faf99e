import type { ConsentChanges, ConsentContext, ConsentSource, ConsentState } from '../ports.ts'
import { ChangeLog } from './change-log.ts'
import type { ConsentProtocol, Renewed } from './consent-protocol.ts'
import { Fills } from './fills.ts'
import { KeptStates } from './kept-states.ts'
import { LeaseKeeper, type LeaseKeeperOptions } from './lease-keeper.ts'

export interface LeasedConsentOptions extends Pick<LeaseKeeperOptions, 'onTrouble' | 'instant' | 'pause'> {
  readonly protocol: ConsentProtocol
  /** How long a request waits for the lease, for an answer or for a revision, in milliseconds. */
  readonly timeoutMs: number
  /** People whose consent is kept in memory. */
  readonly most: number
  readonly waitMs?: number
}

export interface LeasedConsent extends ConsentSource {
  readonly changes: ConsentChanges
  known(subject: string, context: ConsentContext): ConsentState | undefined
  close(): Promise<void>
}

/**
 * Consent that may be relied upon without asking, as long as the lease lasts. What is withdrawn is forgotten before that is
 * acknowledged; without a lease nothing is known, not even what is being answered at this moment.
 */
export const createLeasedConsent = (options: LeasedConsentOptions): LeasedConsent => {
  const { protocol, timeoutMs, most, waitMs = 300 } = options
  const kept = new KeptStates(most)
  const log = new ChangeLog()
  const keeper = new LeaseKeeper({
    ...options,
    waitMs,
    apply: (renewed) => apply(renewed, { kept, log, fills }),
  })
  const { lease } = keeper
  const fills = new Fills({
    protocol,
    revision: () => keeper.revision,
    holds: () => lease.holds(),
    keep: (state, context) => kept.set(state, context),
  })
  keeper.start()
  return {
    known(subject, context) {
      const state = kept.get(subject, context)
      if (state === undefined || !lease.holds()) return undefined
      if (state.until === undefined || performance.now() < state.until) return state
      kept.forget(subject)
      return undefined
    },
    async load(subjects, context) {
      await keeper.until(() => lease.holds(), timeoutMs)
      return fills.load(subjects, context)
    },
    changes: {
      holds: () => lease.holds(),
      position: () => log.position,
      after: (position) => log.after(position),
      reach: (revision) => keeper.reach(revision, timeoutMs),
      term: () => lease.term(),
    },
    close: () => keeper.stop(),
  }
}

interface Knowledge {
  readonly kept: KeptStates
  readonly log: ChangeLog
  readonly fills: Fills
}

const apply = ({ changes, revision }: Renewed, { kept, log, fills }: Knowledge): void => {
  if (changes === null) {
    kept.clear()
    log.reset()
    fills.overtakeAll(revision)
    return
  }
  for (const change of changes) {
    kept.forget(change.subject)
    log.add(change.subject)
    fills.overtake(change.subject, change.revision)
  }
}
