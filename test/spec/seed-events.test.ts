import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createFlowCounters } from '../../subgraphs/events/flow-counters.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import { createMaterialiser } from '../../subgraphs/features/materialise/materialiser.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { openContracts } from '../../subgraphs/open-contracts.ts'
import { openEvents, type OpenEvents } from '../../subgraphs/open-events.ts'
import { consentHere, openStanding, type OpenStanding } from '../../subgraphs/open-standing.ts'
import { openStores, type OpenStores } from '../../subgraphs/open-stores.ts'
import { seed } from '../../subgraphs/seed.ts'
import { eventSeed, rememberSeed } from '../../subgraphs/seed-events.ts'
import { readValues } from '../support/feature-rows.ts'

const MADE = { people: 40, events: 800, now: Date.now() }
const LIMITS = {
  maxEventBytes: 65_536,
  maxBatchBytes: 1_000_000,
  maxBatchEvents: 1_000,
  maxWaiting: 1_000,
  maxBytes: 1_000_000,
  maxDeliveries: 10,
}

describe('What the made-up people did', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'assent-seed-'))
  let stores: OpenStores
  let standing: OpenStanding
  let events: OpenEvents
  const log = (): void => {}
  const clock = Date.now
  const load = async (isOver = new AbortController().signal): Promise<boolean | undefined> => {
    const around = { ...stores, dataDir, flow: events.flow, log, pauseMs: 0, firstMs: 0 }
    return eventSeed(around).loaded?.(isOver)
  }
  const everything = async () => {
    const pids = await stores.events.people(null, 1_000)
    const keys = pids.flatMap((pid) =>
      openDefinitions().map(({ name, scope }) => ({ pid, scope, feature: name })),
    )
    const rows = await readValues(stores.features, keys, MADE.now)
    return rows.map(({ pid, feature, value }) => `${pid} ${feature} ${JSON.stringify(value)}`).toSorted()
  }

  beforeAll(async () => {
    stores = await openStores({ dataDir })
    const pseudonymizer = createPseudonymizer({ ring: stores.keys, tenant: '' })
    rememberSeed(dataDir, MADE)
    await seed(stores, pseudonymizer, MADE)
    const { currency, resting: holders } = stores
    const view = consentHere({ ...stores, policy: null, clock, leaseMs: 60_000 })
    standing = openStanding({ view, currency, holders, clock, log })
    await standing.follower.untilHeard(await stores.consent.revision())
    events = await openEvents(
      { ...LIMITS, host: '127.0.0.1', port: 0, sources: [], toleranceMs: 0, keepDays: 1 },
      {
        ...stores,
        stores: stores.eventStores,
        pseudonymizer,
        contracts: openContracts('events', standardVocabulary),
        counters: createFlowCounters(),
        ensure: (pids) => standing.follower.ensure(pids),
        untilCurrent: () => standing.follower.untilHeard(),
        dataDir,
        operatorToken: null,
        clock,
        log,
      },
    )
  })
  afterAll(async () => {
    await events.close()
    await standing.stop()
    await stores.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  test('comes into the event store by the way of every event, as of when it happened, and each once', async () => {
    const broken = new AbortController()
    broken.abort()
    expect(await load(broken.signal)).toBe(false)
    expect(readdirSync(dataDir)).toContain('retailer.json')

    expect(await load()).toBe(true)
    const counts = await stores.events.counts()
    expect([...counts.keys()].toSorted()).toEqual(['add_to_cart', 'page_view', 'purchase', 'session'])
    expect(readdirSync(dataDir)).not.toContain('retailer.json')
    expect(await load()).toBeUndefined()

    rememberSeed(dataDir, MADE)
    await load()
    expect(await stores.events.counts()).toEqual(counts)
    expect(await stores.eventStores.quarantine.waiting()).toEqual([])

    const stored = await stores.events.after('0', 1_000)
    expect(stored.length).toBeGreaterThan(300)
    expect(stored.every(({ occurredAt, receivedAt }) => occurredAt === receivedAt)).toBe(true)
    expect(stored.every(({ receivedAt }) => receivedAt <= MADE.now)).toBe(true)
  })

  test('makes the values anew that were there from the first moment, and the same ones', async () => {
    const before = await everything()
    expect(before.length).toBeGreaterThan(100)
    const { features: store, events: source } = stores
    const definitions = openDefinitions()
    await createMaterialiser({ definitions, store, events: source, clock: () => MADE.now }).rebuild()
    expect(await everything()).toEqual(before)
    expect(await store.progress()).toMatchObject({ position: await source.newest() })
  })
})
