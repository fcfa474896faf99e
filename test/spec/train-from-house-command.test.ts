import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { consentHere, openStanding } from '../../subgraphs/open-standing.ts'
import { openStores, type OpenStores } from '../../subgraphs/open-stores.ts'
import type { ModelCard } from '../../subgraphs/recommendations/train/model.ts'
import { type CardOf, writeModel } from '../../subgraphs/recommendations/train/model-files.ts'

const DAY = 86_400_000
const NOW = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'assent-from-house-'))
const at = (name: string): string => join(folder, name)

/** One after the other: the embedded database has one client. */
const assent = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [
        '--import',
        'tsx',
        'cli/assent.ts',
        'recommend',
        ...args,
        ...(args[0] === 'receipts' ? [] : ['--data', at('data')]),
      ],
      { env: { PATH: process.env['PATH'] } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })

const says = (stores: OpenStores, pid: string, status: 'given' | 'withdrawn', when: number) =>
  writeReceipts(
    stores.consent,
    { pid, scopes: ['product_recs'], source: 'test', status },
    { vocabulary: standardVocabulary, now: when },
  )

async function live(
  say: (stores: OpenStores) => Promise<void>,
  andThen: (stores: OpenStores) => Promise<unknown> = async () => {},
): Promise<void> {
  const stores = await openStores({ dataDir: at('data') })
  const { currency, resting: holders } = stores
  const view = consentHere({ ...stores, policy: null, clock: Date.now, leaseMs: 60_000 })
  const running = openStanding({ view, currency, holders, clock: Date.now, log: () => {} })
  await say(stores)
  await running.follower.untilHeard(await stores.consent.revision())
  await andThen(stores)
  await running.stop()
  await stores.close()
}

const SKUS = ['KIT-001', 'KIT-002', 'KIT-003', 'KIT-004']
const PEOPLE = Array.from({ length: 14 }, (_, person) => `pid${person}`)

const purchasesOf = (pid: string, person: number) =>
  [0, 1].map((step) => ({
    source: 'test',
    eventId: `${pid}-${step}`,
    type: 'purchase',
    version: 1,
    occurredAt: NOW - 2 * DAY,
    receivedAt: NOW - 2 * DAY,
    pid,
    scope: null,
    consentId: null,
    consentRevision: null,
    data: { sku: SKUS[(person + step) % 4] },
    expiresAt: NOW + 300 * DAY,
  }))

beforeAll(async () => {
  mkdirSync(at('data'))
  await live(
    // Ada said nothing.
    async (stores) => {
      for (const pid of PEOPLE) await says(stores, pid, 'given', NOW - 10 * DAY)
    },
    async ({ recommendations, events }) => {
      const products = SKUS.map((sku, place) => ({ sku, title: sku, category: `c${place % 2}`, price: 1 }))
      await recommendations.replace(products)
      await events.append([...PEOPLE, 'ada'].flatMap(purchasesOf), NOW)
    },
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('assent recommend train --from-house', () => {
  test('learns of who agreed, charges the budget of the house, and says what is left of it', async () => {
    const trained = await assent('train', '--from-house', '--output', at('model'))
    expect(trained).toMatchObject({
      code: 0,
      out: expect.stringContaining('of the budget events/model_training: ε'),
    })
    expect(trained.out).toMatch(/of 20 for ever, 2\.\d+ of 4 in 30 days/)
    const card = JSON.parse(readFileSync(at('model/model.json'), 'utf8')) as ModelCard
    expect(card).toMatchObject({
      items: 4,
      privacy: { delta: 1e-6 },
      popularity: 'everywhere',
      testSeed: null,
    })
    expect(card.privacy.epsilon).toBeLessThanOrEqual(1.5)
    const receipts = readFileSync(at('model/receipts.ndjson'), 'utf8')
    expect(receipts).toContain('"pid13"')
    expect(receipts).not.toContain('"ada"')
  })

  test('lists the receipts that the card is bound to, and nothing else for them', async () => {
    const listed = await assent('receipts', at('model'))
    expect(listed).toMatchObject({
      code: 0,
      err: expect.stringMatching(/^14 receipts, to which \S+ is bound/m),
    })
    expect(
      listed.out
        .trim()
        .split('\n')
        .filter((line) => /^\S+$/.test(line)),
    ).toHaveLength(14)
    cpSync(at('model'), at('forged'), { recursive: true })
    writeFileSync(at('forged/receipts.ndjson'), '{"pid":"dee","receipt":"r"}\n')
    expect(await assent('receipts', at('forged'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('MODEL_LINEAGE_DIFFERS'),
    })
  })

  test('is refused without reading where less is left, and where there is no such budget', async () => {
    expect(await assent('train', '--from-house', '--output', at('more'), '--epsilon', '3.5')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/events\/model_training: 2\.\d+ of 4 in 30 days is left/),
    })
    expect(existsSync(at('more/.run'))).toBe(false)
    const another = ['--output', at('more'), '--house-budget', 'fun']
    expect(await assent('train', '--from-house', ...another)).toMatchObject({
      code: 2,
      err: expect.stringContaining('MODEL_BUDGET_UNKNOWN'),
    })
  })

  test('is published to where it is served from', async () => {
    const settings = at('assent.yaml')
    writeFileSync(settings, `recommendations:\n  model: ${at('served')}\n`)
    expect(await assent('publish', at('model'), '--config', settings)).toMatchObject({
      code: 0,
      out: expect.stringContaining('learned of 14 people, all of whom still agree'),
    })
    expect(readdirSync(at('served')).toSorted()).toEqual(['items.f32', 'items.json', 'model.json'])
  })

  test('is what vectors of people are kept by, where the settings say with which noise', async () => {
    const write = (name: string, text: string): string => {
      writeFileSync(at(name), text)
      return at(name)
    }
    const about = { kind: 'co-occurrence', privacy: {}, testSeed: null } as unknown as CardOf
    const factors = Float32Array.of(1, 0, 1, 0, 0, 1, 0, 1)
    writeModel(at('leaning'), { items: SKUS, dims: 2, factors, bias: new Float32Array(4) }, about)
    const model = `recommendations:\n  model: ${at('leaning')}\n`
    const without = write('without.yaml', model)
    expect(await assent('keep', '--config', without)).toMatchObject({
      code: 1,
      err: expect.stringContaining('STORED_VECTORS_OFF'),
    })
    const weak = write('weak.yaml', `${model}  storedVectors: { sigma: 0.001, dims: 3 }\n`)
    expect(await assent('keep', '--config', weak)).toMatchObject({
      code: 1,
      err: expect.stringContaining('STORED_VECTOR_NOISE_TOO_WEAK'),
    })
    const keeping = write('keep.yaml', `${model}  storedVectors: { sigma: 0.3, dims: 3 }\n`)
    const said = 'pids agree and are known to the model; a vector is kept since now of'
    expect(await assent('keep', '--config', keeping)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`14 ${said} 14`),
    })
    expect((await assent('keep', '--config', keeping)).out).toContain(`14 ${said} 0`)
  })

  test('is not published when somebody has left since', async () => {
    await live(async (stores) => {
      await says(stores, 'pid3', 'withdrawn', NOW)
    })
    expect(await assent('publish', at('model'), '--to', at('served'))).toMatchObject({
      code: 1,
      err: expect.stringContaining('MODEL_PEOPLE_LEFT'),
    })
  })
})
