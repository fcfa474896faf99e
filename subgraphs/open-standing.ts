import type { ConsentLeases } from './all.ts'
import type { ConsentElsewhere } from './consent-elsewhere.ts'
import { followCalls, FOLLOWING_PEER } from './consent/follow-calls.ts'
import type { PolicyBundle } from './consent/policy/bundle.ts'
import { consentProtocol } from './consent/protocol.ts'
import type { ConsentStore } from './consent/store.ts'
import { DEFAULT_LEASE_MS } from './consent/subgraph.ts'
import type { Log } from './log.ts'
import { createSignedCaller } from './signed-caller.ts'
import type { CatchingUp, Heard } from './standing/catch-up.ts'
import type { ConsentView } from './standing/consent-view.ts'
import { Follower } from './standing/follower.ts'
import { Purger, type PurgerOptions } from './standing/purger.ts'
import type { LateCurrency } from './standing/late-currency.ts'
import { toldConsentView } from './standing/told-consent-view.ts'

/** Consent in this process. */
export interface ConsentHere {
  readonly consent: ConsentStore
  readonly leases: Required<ConsentLeases>
  readonly policy: PolicyBundle | null
  readonly clock: () => number
  readonly expiryClock?: () => number
  readonly leaseMs?: number
}

/** Asked as over the wire, but for the wire. */
export function consentHere({
  consent: store,
  leases,
  leaseMs = DEFAULT_LEASE_MS,
  ...rest
}: ConsentHere): ConsentView {
  const { lookEveryMs } = leases
  const protocol = { ...rest, store, leases: leases.leases, leaseMs, lookEveryMs }
  const calls = followCalls(consentProtocol(protocol), store)
  return toldConsentView(async (name, input, { isOver = NEVER }) => {
    const call = calls.get(`/consent/v1/follow/${name}`)
    if (call === undefined) throw new TypeError(`No call ${name}.`)
    return call(input, isOver)
  })
}

const NEVER = new AbortController().signal

/** Consent of another process, which knows whoever follows by a key of their own. */
export function consentElsewhere({
  url,
  key,
  clock,
}: ConsentElsewhere & { readonly clock: () => number }): ConsentView {
  const peer = { subgraph: 'consent', peer: FOLLOWING_PEER, purpose: 'standing' }
  const call = createSignedCaller({ ...peer, url, key, clock, timeoutMs: TIMEOUT_MS })
  return toldConsentView((name, input, { waitMs }) => call(`consent/v1/follow/${name}`, input, waitMs))
}

/** Null: consent is in this process. */
export function viewElsewhere(
  { consentElsewhere: place }: { readonly consentElsewhere?: ConsentElsewhere | null },
  clock: () => number,
): ConsentView | null {
  return place ? consentElsewhere({ ...place, clock }) : null
}

const TIMEOUT_MS = 5_000

export interface StandingOptions extends Pick<PurgerOptions, 'holders' | 'onPurged' | 'vacuumAfterMs'> {
  readonly view: ConsentView
  readonly currency: LateCurrency
  readonly clock: () => number
  readonly log: Log
  /** Told while there is much to hear. */
  readonly onProgress?: (heard: Heard) => void
}

export interface OpenStanding {
  readonly follower: Follower
  readonly purger: Purger
  stop(): Promise<void>
}

/** Who keeps rows that rest on consent follows it, and purges by it. */
export function openStanding(options: StandingOptions): OpenStanding {
  const { view, holders, currency, log, onProgress } = options
  const told = (sentence: string) => (cause: unknown) =>
    log({ error: (cause as Error).name, code: (cause as { code?: unknown }).code }, sentence)
  const catchingUp: CatchingUp = {
    view,
    stores: holders.map(({ standings }) => standings),
    onHeard: (heard) => {
      purger.hear(heard)
      onProgress?.(heard)
    },
  }
  const follower = new Follower({ ...catchingUp, view, onTrouble: told(NOT_HEARD) })
  const purger: Purger = new Purger({ ...options, currency: follower, onTrouble: told(NOT_PURGED) })
  currency.follow(follower)
  follower.start()
  purger.start()
  return {
    follower,
    purger,
    async stop() {
      await follower.stop()
      await purger.stop()
    },
  }
}

const NOT_HEARD = 'Consent cannot be followed: what rests on it is neither read nor taken.'
const NOT_PURGED = 'What is dead could not be purged; it is tried again, and not read meanwhile.'
