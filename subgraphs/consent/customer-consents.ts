import DataLoader from 'dataloader'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import type { SubgraphContext } from '../serve.ts'
import { isPid } from './pids.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import { shownState } from './links/state-of.ts'
import type { Standing } from './policy/apply-policy.ts'
import { shownScope } from './shown-scope.ts'
import { isHeldBack, type Use, type UseOf, usesSeenFrom } from './shown-use.ts'
import type { ConsentStore, SubjectRecord } from './store.ts'

/** Of one request: each person and each place is looked up once. */
export interface CustomerLoaders {
  readonly records: DataLoader<string, SubjectRecord>
  readonly uses: DataLoader<Place, UseOf, string>
}

interface Place {
  readonly region: string | null
  readonly brand: string | null
}

export function customerLoaders(store: ConsentStore, policy: PolicyBundle | null): () => CustomerLoaders {
  const usesIn = (place: Place): Promise<UseOf | Error> =>
    usesSeenFrom(policy, { ...place, gpc: null }).catch((error: unknown) => error as Error)
  return () => ({
    records: new DataLoader((pids) => recordsInOrder(store, pids)),
    uses: new DataLoader((places) => Promise.all(places.map(usesIn)), {
      cacheKeyFn: ({ region, brand }) => JSON.stringify([region, brand]),
    }),
  })
}

type Consents = (
  customer: { readonly pid: string },
  place: Partial<Place>,
  asking: Pick<SubgraphContext<CustomerLoaders>, 'loaders'>,
) => Promise<readonly object[]>

/** Every scope of one person with its state, and whether it is used where one looks from. */
export function customerConsents(vocabulary: Vocabulary, clock: () => number): Consents {
  return async ({ pid }, { region = null, brand = null }, { loaders }) => {
    const place = { region, brand }
    const useOf = await loaders.uses.load(place)
    const record = await loaders.records.load(pid)
    const { blocked, said, binding } = shownState(record, { context: place, now: clock() })
    return [...vocabulary.scopes.keys()].map((scope) => {
      if (blocked !== null) return { ...shownScope(scope, NEVER), ...shownUse(UNUSED), heldBack: false }
      const use = useOf(scope, binding.get(scope)?.status ?? null)
      const asSaid = useOf(scope, said.get(scope)?.status ?? null)
      return {
        ...shownScope(scope, said.get(scope) ?? NEVER),
        ...shownUse(use),
        heldBack: isHeldBack(asSaid, use),
      }
    })
  }
}

/**
 * By which channels one person agreed to be told of offers, wherever they are: what was said for one place or channel alone,
 * or holds in some places only, is no such yes.
 */
export function reachableBy(clock: () => number) {
  return async (
    { pid }: { readonly pid: string },
    _arguments: unknown,
    { loaders }: Pick<SubgraphContext<CustomerLoaders>, 'loaders'>,
  ): Promise<readonly string[]> => {
    const useOf = await loaders.uses.load({ region: null, brand: null })
    const record = await loaders.records.load(pid)
    const { blocked, binding } = shownState(record, { context: {}, now: clock() })
    if (blocked !== null) return []
    return CHANNELS.filter(
      ({ scope }) => useOf(scope, binding.get(scope)?.status ?? null).holds === 'yes',
    ).map(({ channel }) => channel)
  }
}

const CHANNELS = [
  { channel: 'email', scope: 'marketing_email' },
  { channel: 'sms', scope: 'marketing_sms' },
] as const

const NEVER: Standing = { status: 'unknown', receipt: null, expiresAt: null }
const UNUSED: Use = { holds: 'no', basis: null, denied: null }

function shownUse({ holds, basis }: Use): object {
  return { holds: holds.toUpperCase(), basis: basis?.toUpperCase() ?? null }
}

async function recordsInOrder(store: ConsentStore, pids: readonly string[]): Promise<SubjectRecord[]> {
  const records = await store.records(pids.filter(isPid))
  return pids.map((pid) => records.get(pid) ?? { revision: '0', blocked: null, latest: [] })
}
