import { createBarrier } from './consent/leases/barrier.ts'
import { FOLLOWING_PEER } from './consent/follow-calls.ts'
import { LINKING_PEER } from './consent/links/link-calls.ts'
import { createLinks } from './consent/links/links.ts'
import { EVENTS_PEER } from './consent/receipt-call.ts'
import { DEFAULT_LEASE_MS } from './consent/subgraph.ts'
import { type EndedRedirects, redirectsUntilHeard } from './identity/ended-redirects.ts'
import { type FeedConsumerSettings, type RunningFeed, startFeed } from './identity/changes/feed.ts'
import { consentWork } from './identity/graph/consent-work.ts'
import type { LinkedConsent } from './identity/graph/linked-consent.ts'
import { linkedConsentIn, linkedConsentOver } from './linked-consent.ts'
import type { Log } from './log.ts'
import type { OpenStores } from './open-stores.ts'
import { createSignedCaller } from './signed-caller.ts'

/** How identity reaches consent, and who has to hear what became of pids. */
export interface IdentityFeedOptions {
  /** The consent service of another process; null: it is in this one. */
  readonly consentUrl: string | null
  /** The secret that identity shares with it; null: nobody links pids from elsewhere. */
  readonly linkKey: string | null
  readonly consumers: readonly FeedConsumerSettings[]
  readonly operatorToken: string | null
  /** How long a pid that lost a merge leads to the person: for good, or until every consumer has heard of it. */
  readonly lostPids: 'kept' | 'until-heard'
}

export const NO_IDENTITY_FEED: IdentityFeedOptions = {
  consentUrl: null,
  linkKey: null,
  consumers: [],
  operatorToken: null,
  lostPids: 'kept',
}

/** What the consent service knows those of other processes by: identity, and who keeps rows that rest on consent. */
export function peerKeysOf(
  { linkKey }: IdentityFeedOptions,
  followKey: string | null = null,
): Readonly<Record<string, string>> {
  return {
    ...(linkKey !== null && { [LINKING_PEER]: linkKey }),
    ...(followKey !== null && { [FOLLOWING_PEER]: followKey, [EVENTS_PEER]: followKey }),
  }
}

export interface IdentityFeed extends RunningFeed {
  readonly linkedConsent: LinkedConsent
  readonly redirects: EndedRedirects | null
}

type FeedStores = Pick<OpenStores, 'identity' | 'consent' | 'leases' | 'changes'>

const TIMEOUT_MS = 5_000

export async function openIdentityFeed(
  stores: FeedStores,
  options: IdentityFeedOptions,
  { clock, log }: { readonly clock: () => number; readonly log: Log },
): Promise<IdentityFeed> {
  const linkedConsent = linkedConsentFor(stores, options, clock)
  const running = await startFeed({
    ...options,
    feed: stores.changes,
    work: consentWork(stores.identity),
    consent: linkedConsent,
    clock,
    log,
  })
  const isKept = options.lostPids === 'kept'
  const redirects = isKept ? null : redirectsUntilHeard(stores.identity, stores.changes)
  return { ...running, linkedConsent, redirects }
}

export function linkedConsentFor(
  { consent: store, leases }: Pick<FeedStores, 'consent' | 'leases'>,
  { consentUrl, linkKey }: IdentityFeedOptions,
  clock: () => number,
): LinkedConsent {
  if (consentUrl === null) {
    const barrier = createBarrier({ ...leases, leaseMs: DEFAULT_LEASE_MS })
    return linkedConsentIn(createLinks({ store, barrier, clock }))
  }
  const peer = { subgraph: 'consent', peer: LINKING_PEER, purpose: 'linking' }
  return linkedConsentOver(
    createSignedCaller({ ...peer, url: consentUrl, key: linkKey ?? '', clock, timeoutMs: TIMEOUT_MS }),
  )
}
