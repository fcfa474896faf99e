import { beforeEach, expect, test, vi } from 'vitest'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import type { EventSource } from '../../subgraphs/features/materialise/event-source.ts'
import { createMaterialiser, type Materialiser } from '../../subgraphs/features/materialise/materialiser.ts'
import { createMemoryFeaturesStore, type MemoryFeatures } from '../../subgraphs/features/memory-store.ts'
import type { FeaturesStore } from '../../subgraphs/features/store.ts'
import { openFeatures } from '../../subgraphs/open-features.ts'
import { profilesIn, refuseOtherUse } from '../../subgraphs/open-profiles.ts'
import { takeProfileWrites } from '../../subgraphs/ownership/profile-writes.ts'
import { createToldPeople, type ToldPeople } from '../../subgraphs/told-people.ts'
import { readValues, yes } from '../support/feature-rows.ts'
import { NOON, openProfileDesk, type ProfileDesk } from '../support/profile-desk.ts'

const DAY = 86_400_000
const TIER = { pid: 'ada', scope: 'personalization', feature: 'plan_tier' }

const NO_EVENTS: EventSource = {
  after: async () => [],
  of: async () => [],
  people: async () => [],
  newest: async () => '0',
}

let desk: ProfileDesk
let told: ToldPeople
let store: MemoryFeatures
let materialiser: Materialiser

beforeEach(async () => {
  desk = openProfileDesk()
  told = createToldPeople()
  store = createMemoryFeaturesStore()
  await store.standings.write(
    ['ada', 'bo'].flatMap((pid) => yes(pid)),
    '1',
  )
  materialiser = openMaterialiser()
})

const openMaterialiser = (): Materialiser =>
  createMaterialiser({
    definitions: openDefinitions(),
    store,
    events: NO_EVENTS,
    profiles: profilesIn({ ownership: desk.store, registry: desk.registry, clock: desk.clock }),
    clock: desk.clock,
  })

/** One write of a system, and what becomes of it. */
async function says(system: string, said: object): Promise<string> {
  const at = new Date(desk.now).toISOString()
  const line = JSON.stringify({ pid: 'ada', attribute: 'account.tier', version: 1, at, ...said })
  const [outcome] = await takeProfileWrites([line], system, { ...desk, onTaken: (pids) => told.add(pids) })
  return outcome?.outcome ?? ''
}

async function tier(): Promise<unknown> {
  return (await readValues(store, [TIER], desk.now))[0]?.value
}

test('a feature of a profile is what holds by the registry, as soon as its owner has said so', async () => {
  expect(await says('crm', { value: 'plus' })).toBe('holds')
  expect(told.take()).toEqual(['ada'])
  await materialiser.takeTold(['ada'])
  expect(await tier()).toBe('plus')

  expect(await says('crm', { value: 'premium', version: 3 })).toBe('holds')
  expect(await says('crm', { value: 'free', version: 2 })).toBe('lost')
  await materialiser.takeTold(told.take())
  expect(await tier()).toBe('premium')
})

test('what another system says of it changes nothing, and nobody looks', async () => {
  await says('crm', { value: 'plus' })
  await materialiser.takeTold(told.take())
  expect(await says('cdp', { value: 'premium', version: 9 })).toBe('refused')
  expect(told.take()).toEqual([])
  await materialiser.takeTold(['ada'])
  expect(await tier()).toBe('plus')
})

test('what its owner takes back is served no more', async () => {
  await says('crm', { value: 'plus' })
  await materialiser.takeTold(told.take())
  await says('crm', { value: null, version: 2 })
  await materialiser.takeTold(told.take())
  expect(await tier()).toBeUndefined()
})

test('nothing is told of who has not said yes, and all of it when they do', async () => {
  await store.standings.write(
    [{ ...yes('ada', ['personalization'])[0]!, granted: false, revision: '2', cut: '2' }],
    '2',
  )
  await says('crm', { value: 'plus' })
  await materialiser.takeTold(told.take())
  expect(await tier()).toBeUndefined()
  await store.standings.write(
    [{ ...yes('ada', ['personalization'])[0]!, revision: '3', cut: '2', basis: '3' }],
    '3',
  )
  await materialiser.keepUp()
  expect(await tier()).toBe('plus')
})

test('who was told of is looked at another time, where somebody else is quicker each time', async () => {
  let [lost, rounds] = [0, 0]
  const hurried: FeaturesStore = {
    ...store,
    async commit(step) {
      const isLost = step.rows.length > 0 && lost-- > 0
      return !isLost && store.commit(step)
    },
    async due(now, limit) {
      rounds += 1
      return store.due(now, limit)
    },
  }
  const logged: unknown[] = []
  const running = openFeatures({
    features: hurried,
    events: NO_EVENTS,
    profiles: profilesIn({ ownership: desk.store, registry: desk.registry, clock: desk.clock }),
    told,
    currency: { isCurrent: () => true },
    clock: desk.clock,
    log: (event) => logged.push(event),
    everyMs: 1,
  })
  await vi.waitFor(() => expect(rounds).toBeGreaterThan(1))
  lost = 10
  expect(await says('crm', { value: 'plus' })).toBe('holds')
  await vi.waitFor(async () => expect(await tier()).toBe('plus'))
  await running.stop()
  expect(logged).toEqual([{ error: 'CodedFailure', code: 'FEATURES_OVERTAKEN' }])
})

test('what was said while nobody looked is found at the start, and at the latest when the value counts as old', async () => {
  await materialiser.takeEvents()
  await materialiser.keepUp()
  desk.now += 1_000
  await says('crm', { value: 'plus' })
  await openMaterialiser().takeTold()
  expect(await tier()).toBe('plus')

  await says('crm', { value: 'premium', version: 2 })
  desk.now += DAY - 1
  await materialiser.keepUp()
  expect(await tier()).toBe('plus')
  desk.now += 1
  await materialiser.keepUp()
  expect(await tier()).toBe('premium')
})

test('an attribute that the registry does not give to the CDP is not told', async () => {
  const profiles = profilesIn({ ownership: desk.store, registry: desk.registry, clock: desk.clock })
  await says('crm', { attribute: 'account.territory', value: 'north' })
  await says('crm', { value: 'plus' })
  expect(await profiles.of(['ada', 'bo'])).toEqual(
    new Map([
      ['ada', new Map([['account.tier', 'plus']])],
      ['bo', new Map()],
    ]),
  )
  expect(await profiles.people(null, 10, NOON + 1)).toEqual([])
  expect(await profiles.people(null, 10)).toEqual(['ada'])
})

test('a feature of an attribute that people allowed for something else is refused: it would outlive their withdrawal', () => {
  const { attributes } = desk.registry
  const tierOf = attributes.get('account.tier')
  if (tierOf === undefined) throw new Error('There is no such attribute.')
  const registered = (terms: Partial<typeof tierOf>) => () =>
    refuseOtherUse({
      ...desk.registry,
      attributes: new Map([...attributes, [tierOf.name, { ...tierOf, ...terms }]]),
    })
  expect(registered({})).not.toThrow()
  expect(registered({ scope: 'personalization' })).not.toThrow()
  expect(registered({ scope: 'analytics' })).toThrow(
    'features/plan_tier.yaml scope FEATURE_USE_OF_OTHER_ATTRIBUTE',
  )
  expect(registered({ purpose: ['customer_service'] })).toThrow(
    'features/plan_tier.yaml purpose FEATURE_USE_OF_OTHER_ATTRIBUTE',
  )
})
