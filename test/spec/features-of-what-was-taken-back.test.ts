import { expect, test } from 'vitest'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import type { EventSource, ProfileSource } from '../../subgraphs/features/materialise/event-source.ts'
import { createMaterialiser } from '../../subgraphs/features/materialise/materialiser.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { profilesIn } from '../../subgraphs/open-profiles.ts'
import { restingOf } from '../../subgraphs/open-stores.ts'
import { takeProfileWrites } from '../../subgraphs/ownership/profile-writes.ts'
import { catchUp } from '../../subgraphs/standing/catch-up.ts'
import type { ConsentView, ToldChange } from '../../subgraphs/standing/consent-view.ts'
import { createMemoryStandings } from '../../subgraphs/standing/memory-standings.ts'
import type { StandingStore } from '../../subgraphs/standing/standing-store.ts'
import { memoryEngine } from '../support/events/event-flow.ts'
import { readValues } from '../support/feature-rows.ts'
import { heard, NOON, openProfileDesk } from '../support/profile-desk.ts'

const KEY = { pid: 'ada', scope: 'analytics', feature: 'last_kind' }

const word = (kind: 'yes' | 'no', revision: string): ToldChange => ({
  revision,
  subject: 'ada',
  concerned: [],
  kind,
  scope: 'analytics',
  everywhere: true,
  recordedAt: NOON,
  expiresAt: null,
  pids: [],
})

/** Ada said no, and then yes again, before anybody looked. */
const AGAIN: Pick<ConsentView, 'changes' | 'decide'> = {
  changes: async (after) => ({
    newest: '3',
    upTo: '3',
    isWhole: true,
    changes: [word('no', '2'), word('yes', '3')].filter(({ revision }) => BigInt(revision) > BigInt(after)),
  }),
  decide: async (pids) => ({
    revision: '3',
    policy: null,
    states: new Map(
      pids.map((pid) => [
        pid,
        {
          revision: '3',
          blocked: null,
          granted: new Map([['analytics', { receipt: 'rc-3', expiresAt: null }]]),
        },
      ]),
    ),
  }),
}

/** A feature of what the profile of Ada holds by her first yes. */
async function open() {
  const desk = openProfileDesk()
  const store = createMemoryFeaturesStore()
  for (const standings of [desk.standings, store.standings])
    await standings.write([heard('ada', 'analytics', 1)], '1')
  const said = {
    pid: 'ada',
    attribute: 'events.last_type',
    value: 'visit',
    version: 1,
    at: new Date(NOON).toISOString(),
  }
  const [outcome] = await takeProfileWrites([JSON.stringify(said)], 'cdp', desk)
  expect(outcome).toMatchObject({ outcome: 'holds' })
  const [tier] = openDefinitions().filter(({ name }) => name === 'plan_tier')
  const definition = {
    ...tier!,
    name: KEY.feature,
    scope: KEY.scope,
    source: { kind: 'profile', attribute: said.attribute } as const,
  }
  const profiles = profilesIn({ ownership: desk.store, registry: desk.registry, clock: desk.clock })
  return {
    /** Computes it, from these profiles. */
    compute: (from: ProfileSource = profiles) =>
      createMaterialiser({
        definitions: [definition],
        store,
        events: NO_EVENTS,
        profiles: from,
        clock: desk.clock,
      }).takeTold(['ada']),
    profiles,
    /** Everybody in this house hears what was said; `inBetween`: when the first of them has written it down. */
    async hear(inBetween: () => Promise<void> = async () => {}) {
      const { standings, openStore, openQuarantine } = memoryEngine()
      const events = { isCurrent: () => true, clock: desk.clock }
      const resting = restingOf({
        ownership: desk.store,
        ownershipStandings: desk.standings,
        features: store,
        eventStores: {
          standings,
          store: openStore(events),
          quarantine: openQuarantine(),
          batches: { find: async () => null, keep: async () => {}, forget: async () => {} },
        },
        handedOut: { standings: createMemoryStandings(), purgeDead: async () => 0, vacuum: async () => {} },
      })
      const stores = resting.map(({ standings: one }) => one)
      await catchUp({ view: AGAIN, stores: [telling(stores[0]!, inBetween), ...stores.slice(1)] })
    },
    served: async () => (await readValues(store, [KEY], desk.now)).map(({ value }) => value),
  }
}

const telling = (standings: StandingStore, afterwards: () => Promise<void>): StandingStore => ({
  ...standings,
  async write(...what) {
    await standings.write(...what)
    await afterwards()
  },
})

const NO_EVENTS: EventSource = {
  after: async () => [],
  of: async () => [],
  people: async () => [],
  newest: async () => '0',
}

test('what a person allowed is computed, and served', async () => {
  const house = await open()
  await house.compute()
  expect(await house.served()).toEqual(['visit'])
})

test('what was taken back is computed under no later yes, when one has heard of it and the other has not', async () => {
  const house = await open()
  await house.hear(() => house.compute())
  expect(await house.served()).toEqual([])
})

test('nor when both hear of it while it is read', async () => {
  const house = await open()
  await house.compute({
    ...house.profiles,
    async of(pids) {
      const told = await house.profiles.of(pids)
      expect(told.get('ada')?.get('events.last_type')).toBe('visit')
      await house.hear()
      return told
    },
  })
  expect(await house.served()).toEqual([])
})
