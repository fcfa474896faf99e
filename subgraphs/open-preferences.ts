import { createBarrier } from './consent/leases/barrier.ts'
import { DEFAULT_LEASE_MS } from './consent/subgraph.ts'
import { openPersons, type PersonsParts } from './open-persons.ts'
import type { OpenStores } from './open-stores.ts'
import type { Route } from './route.ts'
import type { StartOptions } from './start-message.ts'
import { type LinkFor, trialLink } from './trial-link.ts'

export interface OpenPreferences {
  /** The address of the preference centre; on trial with a token of one made-up person; null when it is not served. */
  readonly preferences: string | null
  /** Makes such links. */
  readonly route: Route
  close(): unknown
}

type Parts = Required<Pick<PersonsParts, 'pageDir' | 'clock' | 'log'>>

/** The door for persons with the preference centre behind it, where the settings open one. */
export async function openPreferences(
  { consent: store, firstSeen, leases }: Pick<OpenStores, 'consent' | 'firstSeen' | 'leases'>,
  { persons, vocabulary, policy = null, demoPeople = 500, outbox }: StartOptions,
  parts: Parts,
): Promise<OpenPreferences> {
  const linked = (linkFor: LinkFor | null): Route => trialLink(outbox?.operatorToken ?? null, linkFor)
  if (persons === undefined) return { preferences: null, route: linked(null), close: () => undefined }
  const { app, url, tokenFor } = await openPersons(persons, {
    ...parts,
    store,
    firstSeen,
    barrier: createBarrier({ ...leases, leases: leases.leases, leaseMs: DEFAULT_LEASE_MS }),
    policy,
    ...(vocabulary !== undefined && { vocabulary }),
  })
  const page = `${url}/preferences`
  const close = (): unknown => app.close()
  if (tokenFor === null) return { preferences: page, route: linked(null), close }
  const linkFor: LinkFor = async (pid) => {
    const subject = pid ?? (await store.changesAfter('0', 1))[0]?.subject
    return subject === undefined ? null : `${page}#token=${await tokenFor(subject)}`
  }
  const preferences = demoPeople > 0 ? await linkFor(null) : null
  return { preferences: preferences ?? page, route: linked(linkFor), close }
}
