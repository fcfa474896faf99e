import type { ConsentStore } from './consent/store.ts'
import type { Pseudonymizer } from './identity/pseudonyms/pseudonym.ts'
import type { Log } from './log.ts'
import type { OpenStores } from './open-stores.ts'
import { expireWrites } from './ownership/expire-writes.ts'
import type { Basis } from './ownership/profile-writes.ts'
import type { Registry } from './ownership/registry.ts'
import { ownershipRoutes } from './ownership/routes.ts'
import type { Route } from './route.ts'
import type { ConsentView } from './standing/consent-view.ts'
import type { Standing } from './standing/standing.ts'
import type { Currency, StandingStore } from './standing/standing-store.ts'

/** Who owns which attribute of a profile, and how systems prove who they are. */
export interface OwnershipOptions {
  readonly registry: Registry
  /** By system. */
  readonly systemTokens: ReadonlyMap<string, string>
  readonly operatorToken: string | null
}

export interface OwnershipSurroundings {
  readonly pseudonymizer: Pick<Pseudonymizer, 'tokens'>
  readonly currency: Pick<Currency, 'isCurrent'>
  /** Hears of people of whom nothing was heard yet. */
  readonly ensure: (pids: readonly string[]) => Promise<void>
  readonly onTaken?: (pids: readonly string[]) => void
  /** What stands at a revision of consent; default: asked of the store of this house. */
  readonly saidAt?: SaidAt
  readonly clock: () => number
  readonly log: Log
}

export interface RunningOwnership {
  readonly routes: readonly Route[]
  stop(): void
}

/** The addresses at which systems write to profiles, over the stores of this house, and the end of what is kept too long. */
export function openOwnership(
  { ownership: store, ownershipStandings: standings, identity, consent }: OwnershipStores,
  { pseudonymizer, ensure, saidAt = saidAtIn(consent), ...surroundings }: OwnershipSurroundings,
  options: OwnershipOptions,
): RunningOwnership {
  const { clock, log } = surroundings
  const expire = (): void =>
    void expireWrites(store, options.registry, clock()).catch(() => log({}, NOT_EXPIRED))
  const timer = setInterval(expire, HOUR_MS)
  expire()
  const routes = ownershipRoutes({
    ...options,
    ...surroundings,
    store,
    tokens: pseudonymizer,
    people: { known: async (pids) => new Set((await identity.records(pids)).keys()) },
    basis: basisIn({ standings, ensure, saidAt }),
  })
  return { routes, stop: () => clearInterval(timer) }
}

const HOUR_MS = 3_600_000
const NOT_EXPIRED = 'What systems said is kept longer than agreed: it could not be removed.'

export type OwnershipStores = Pick<OpenStores, 'ownership' | 'ownershipStandings' | 'identity' | 'consent'>

interface BasisParts {
  readonly standings: Pick<StandingStore, 'of'>
  readonly ensure: OwnershipSurroundings['ensure']
  readonly saidAt: SaidAt
}

/** When a word was said, and when the service took it; in milliseconds since the epoch. */
export type SaidAt = (
  revision: string,
) => Promise<{ readonly at: number; readonly recordedAt: number } | null>

/**
 * What is written now rests on the yes that holds now, and only what was said since then: since it was given, and since
 * the service heard of the no before it, whichever is later.
 */
function basisIn({ standings, ensure, saidAt }: BasisParts): Basis {
  const sinceOf = async ({ basis, cut }: Standing): Promise<number> => {
    const [yes, no] = [await saidAt(basis), cut === '0' ? null : await saidAt(cut)]
    // What holds by policy was never said.
    return Math.max(yes?.at ?? 0, no?.recordedAt ?? 0)
  }
  return {
    async of(pairs) {
      await ensure([...new Set(pairs.map(({ pid }) => pid))])
      const held = new Map((await standings.of(pairs)).map((standing) => [keyOf(standing), standing]))
      const found = []
      for (const pair of pairs) {
        const standing = held.get(keyOf(pair))
        const { receipt, basis } = standing ?? { receipt: null, basis: '0' }
        const isGranted = standing !== undefined && standing.granted && receipt !== null
        // oxlint-disable-next-line no-await-in-loop -- one connection
        const since = isGranted ? await sinceOf(standing) : 0
        found.push(isGranted ? { scope: pair.scope, consentId: receipt, revision: basis, since } : null)
      }
      return found
    },
  }
}

const keyOf = ({ pid, scope }: { readonly pid: string; readonly scope: string }): string =>
  JSON.stringify([pid, scope])

/** Of a consent service that tells words to who follows: not when they were said by the clock of whoever said them. */
export function saidAtToldBy(view: Pick<ConsentView, 'changes'>): SaidAt {
  const known = new Map<string, { readonly at: number; readonly recordedAt: number }>()
  return async (revision) => {
    if (revision === '0') return null
    const heard = known.get(revision)
    if (heard !== undefined) return heard
    const { changes } = await view.changes(String(BigInt(revision) - 1n), 1)
    const [change] = changes
    // What was not written yet may be by the next time; what was written stays as it is.
    if (change?.revision !== revision) return null
    const told = { at: change.recordedAt, recordedAt: change.recordedAt }
    if (known.size >= MOST_KNOWN) known.delete(known.keys().next().value ?? '')
    known.set(revision, told)
    return told
  }
}

/** Revisions whose time is remembered. */
const MOST_KNOWN = 10_000

function saidAtIn(consent: Pick<ConsentStore, 'changesAfter'>): SaidAt {
  return async (revision) => {
    if (revision === '0') return null
    const [change] = await consent.changesAfter(String(BigInt(revision) - 1n), 1)
    return change?.revision === revision ? change : null
  }
}
