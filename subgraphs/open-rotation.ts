import { setTimeout } from 'node:timers/promises'
import { tellFeed } from './identity/changes/settler.ts'
import { consentWork } from './identity/graph/consent-work.ts'
import type { LinkedConsent } from './identity/graph/linked-consent.ts'
import type { KeyState, Rotation } from './identity/pseudonyms/key-book.ts'
import { createPseudonymizer } from './identity/pseudonyms/pseudonym.ts'
import { rawIdentitiesIn } from './identity/raw-identities.ts'
import { type RotateOptions, rotateKeys, type RotationProgress } from './identity/rotation/rotate-keys.ts'
import type { Hearing, RotationPorts } from './identity/rotation/rotation-ports.ts'
import { type IdentityFeedOptions, linkedConsentFor } from './open-identity-feed.ts'
import { type OpenStores, openStores, type StoreOptions } from './open-stores.ts'

export interface KeyChange {
  run(options: RotateOptions): AsyncGenerator<RotationProgress>
  /** Every key there is or was, and the change that is under way. */
  status(): Promise<{ readonly keys: readonly KeyState[]; readonly underWay: Rotation | null }>
}

export interface OpenKeyChange extends KeyChange {
  close(): Promise<void>
}

/** For a process that changes the keys and serves nothing. */
export async function openKeyChange(
  options: StoreOptions,
  feed: IdentityFeedOptions,
): Promise<OpenKeyChange> {
  const stores = await openStores(options)
  const change = keyChangeIn(stores, feed, options.keys?.tenant)
  return { ...change, close: () => stores.close() }
}

export function keyChangeIn(stores: OpenStores, feed: IdentityFeedOptions, tenant = ''): KeyChange {
  // Each run is a job of its own: it looks anew where the book stands.
  const ports = (): RotationPorts => ({
    keys: stores.keys.rotation(),
    pseudonymizer: createPseudonymizer({ ring: stores.keys, tenant }),
    graph: stores.identity,
    raw: rawIdentitiesIn(stores.vault),
    consent: patient(linkedConsentFor(stores, feed, Date.now)),
    // What is known of consent goes before what rests on it.
    holders: [
      stores.features,
      stores.aggregates.people,
      stores.ownershipStandings,
      stores.ownership,
      stores.eventStores.standings,
      stores.eventStores.quarantine,
      stores.events,
      stores.training,
      stores.handedOut,
    ],
    hearing: hearingOf(stores),
    clock: Date.now,
    pause: (ms) => setTimeout(ms),
  })
  return {
    run: (terms) => rotateKeys(ports(), terms),
    status: async () => ({
      keys: await stores.keys.keys(),
      underWay: await stores.keys.rotation().underWay(),
    }),
  }
}

/** Behind the newest change there is, what waits to be told among it. */
const hearingOf = ({ identity, changes }: Pick<OpenStores, 'identity' | 'changes'>): Hearing => ({
  async behind() {
    await tellFeed({ work: consentWork(identity), feed: changes })
    const newest = BigInt(await changes.newest())
    return (await changes.consumers())
      .filter(({ position }) => BigInt(position) < newest)
      .map(({ name }) => name)
  },
})

const PATIENCE = 5

/** A gateway that has not heard yet is waited for; whoever is refused is not asked again. */
const patient = (consent: LinkedConsent): Pick<LinkedConsent, 'link'> => ({
  async link(links) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
        await consent.link(links)
        return
      } catch (error) {
        if ((error as Error).message !== WAITING || attempt === PATIENCE) throw error
      }
    }
  },
})

const WAITING = 'Consent waits for a gateway.'
