import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import type { HouseLineage } from '../../subgraphs/house-lineage.ts'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { recordKey } from '../../subgraphs/identity/store.ts'
import { openHouse } from '../../subgraphs/open-house.ts'
import { openStores, type OpenStores } from '../../subgraphs/open-stores.ts'
import { consentHere, openStanding } from '../../subgraphs/open-standing.ts'
import { openTraining } from '../../subgraphs/open-training.ts'
import { publishModel } from '../../subgraphs/publish-model.ts'
import { type PreparedTraining, trainPrepared } from '../../subgraphs/recommendations/train/train-prepared.ts'
import { trainOnHouse } from '../../subgraphs/train-on-house.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'

const DAY = 86_400_000
const NOW = Date.now()
const SKUS = ['KIT-001', 'KIT-002', 'KIT-003', 'KIT-004']

/** Sixteen years, and fourteen in Austria. */
const LAW = bundleOf(`${NAMED}${STRICT('[minimumAge]')}
regions:
  AT: { defaults: { minimumAge: 14 } }
`)

/** Born so many years ago, and a month. */
const born = (years: number): string => {
  const [year = '', ...rest] = new Date(NOW - 31 * DAY).toISOString().slice(0, 10).split('-')
  return [String(Number(year) - years), ...rest].join('-')
}

const ADULTS = Array.from({ length: 14 }, (_, n) => ({ name: `adult${n}`, region: 'DE', age: 30 + n }))
const PEOPLE = [
  ...ADULTS,
  { name: 'emil', region: 'DE', age: 15 },
  { name: 'resi', region: 'AT', age: 15 },
  { name: 'toni', region: 'AT', age: 13 },
]

const purchase = (pid: string, sku = '') => ({
  source: 'test',
  eventId: `${pid}-${sku}`,
  type: 'purchase',
  version: 1,
  occurredAt: NOW - 2 * DAY,
  receivedAt: NOW - 2 * DAY,
  pid,
  scope: null,
  consentId: null,
  consentRevision: null,
  data: { sku },
  expiresAt: NOW + 300 * DAY,
})

describe('A model of the house, where the vault knows birth dates', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assent-under-age-'))
  const place = (name: string): string => join(folder, name)
  let stores: OpenStores
  let pids: ReadonlyMap<string, string>
  /** What trainers were given. */
  let given: PreparedTraining[]
  beforeEach(() => {
    given = []
  })

  const pidOf = (name: string): string => pids.get(name) ?? '?'
  /** One of the shop's customers, as its CRM knows them. */
  const knows = async (people: readonly { name: string; region: string; age: number }[]) => {
    const { identity: store, vault } = stores
    const records = people.map(({ name, region, age }) => ({
      source: 'crm',
      recordId: name,
      givenName: name,
      familyName: `of ${name}`,
      dateOfBirth: born(age),
      region,
      devices: [],
    }))
    const pseudonymizer = createPseudonymizer({ ring: stores.keys })
    const { owners } = await importRecords(records, { store, vault, pseudonymizer })
    return new Map(records.map((record) => [record.recordId, owners.get(recordKey(record)) ?? '?']))
  }
  const agree = (pid: string) =>
    writeReceipts(
      stores.consent,
      { pid, scopes: ['product_recs'], source: 'test', status: 'given' },
      { vocabulary: standardVocabulary, now: NOW - 10 * DAY },
    )
  const buy = (pid: string, person: number) =>
    stores.events.append([purchase(pid, SKUS[person % 4]), purchase(pid, SKUS[(person + 1) % 4])], NOW)
  /** As the house that is served follows consent. */
  const live = async (meanwhile: () => Promise<void>): Promise<void> => {
    const { currency, resting: holders } = stores
    const view = consentHere({ ...stores, policy: LAW, clock: Date.now, leaseMs: 60_000 })
    const running = openStanding({ view, currency, holders, clock: Date.now, log: () => {} })
    await running.follower.untilHeard(await stores.consent.revision())
    await meanwhile()
    await running.stop()
  }
  const train = async (output: string) => {
    const { ports, stop } = await openTraining(stores, { definitions: openDefinitions(), policy: LAW })
    try {
      const budget = { name: 'events/model_training', delta: 1e-5, lifetime: 20, windows: [] }
      const house = openHouse(stores, {
        ports,
        vocabulary: standardVocabulary,
        budget,
        train: async (prepared) => {
          given.push(prepared)
          return trainPrepared(prepared, () => {})
        },
      })
      const feature = 'products_bought_365d'
      const spec = { name: 'items', purpose: 'model_training', consent: 'then-and-now' as const, feature }
      const how = { epsilon: 1.5, delta: 1e-5, trainer: 'co-occurrence' as const, testSeed: null }
      return await trainOnHouse({ spec, output, ...how }, house)
    } finally {
      await stop()
    }
  }
  const publish = async (from: string) => {
    const { ports, stop } = await openTraining(stores, { definitions: openDefinitions(), policy: LAW })
    try {
      return await publishModel({ from, to: place('served'), althoughLeft: false }, ports)
    } finally {
      await stop()
    }
  }
  const trainedOn = (output: string) => ({
    receipts: readFileSync(join(output, 'receipts.ndjson'), 'utf8'),
    lineage: JSON.parse(readFileSync(join(output, 'lineage.json'), 'utf8')) as HouseLineage,
  })

  beforeAll(async () => {
    mkdirSync(place('data'))
    stores = await openStores({ dataDir: place('data') })
    await stores.recommendations.replace(
      SKUS.map((sku, at) => ({ sku, title: sku, category: `c${at % 2}`, price: 1 })),
    )
    pids = await knows(PEOPLE)
    for (const { name } of PEOPLE) await agree(pidOf(name))
    await live(async () => {
      for (const [person, { name }] of PEOPLE.entries()) await buy(pidOf(name), person)
    })
  })
  afterAll(async () => {
    await stores.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('is learned of nobody under the age limit of their region, though they agreed', async () => {
    await train(place('model'))
    expect(given.map(({ interactions }) => interactions.baskets.length)).toEqual([15])
    const { receipts, lineage } = trainedOn(place('model'))
    const isIn = (name: string): boolean => receipts.includes(`"${pidOf(name)}"`)
    expect(PEOPLE.filter(({ name }) => !isIn(name)).map(({ name }) => name)).toEqual(['emil', 'toni'])
    expect(lineage.manifest.leftOut.byPolicy).toEqual({ UNDER_AGE: { rows: 4, people: 2 } })
    expect(await publish(place('model'))).toMatchObject({ left: 0, people: 15 })
  })

  test('is not published when the CRM says later that one of them was too young', async () => {
    await train(place('late'))
    const adult = ADULTS[3]
    if (adult === undefined) throw new Error('Nobody is there.')
    expect(await knows([{ ...adult, age: 15 }])).toEqual(new Map([[adult.name, pidOf(adult.name)]]))
    await expect(publish(place('late'))).rejects.toMatchObject({
      message: expect.stringContaining('(1 of 15 pids)'),
      extensions: { code: 'MODEL_PEOPLE_LEFT' },
    })
    await train(place('again'))
    expect(given.map(({ interactions }) => interactions.baskets.length)).toEqual([15, 14])
  })
})
