import { execFile } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { consentHere, openStanding } from '../../subgraphs/open-standing.ts'
import { openStores, type OpenStores } from '../../subgraphs/open-stores.ts'

const DAY = 86_400_000
const NOW = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'assent-training-'))
const [data, set] = [join(folder, 'data'), join(folder, 'set')]

/** One after the other: the embedded database has one client. */
const assent = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', 'features', 'training-set', ...args, '--data', data],
      { env: { PATH: process.env['PATH'] } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })

const specOf = (feature: string): string => {
  const file = join(folder, `${feature}.yaml`)
  writeFileSync(
    file,
    `name: churn
purpose: model_training
features: [${feature}]
entities: { everybody: [${new Date(NOW - DAY).toISOString()}] }
`,
  )
  return file
}

const says = (stores: OpenStores, pid: string, status: 'given' | 'withdrawn', at: number) =>
  writeReceipts(
    stores.consent,
    { pid, scopes: ['analytics'], source: 'test', status },
    { vocabulary: standardVocabulary, now: at },
  )

/** Ada and Bo agreed and came to the shop. */
async function live(work: (stores: OpenStores) => Promise<void>): Promise<void> {
  const stores = await openStores({ dataDir: data })
  const { currency, resting: holders } = stores
  const clock = Date.now
  const view = consentHere({ ...stores, policy: null, clock, leaseMs: 60_000 })
  const running = openStanding({ view, currency, holders, clock, log: () => {} })
  await work(stores)
  await running.follower.untilHeard(await stores.consent.revision())
  const of = (await stores.eventStores.standings.ofPeople(['ada', 'bo'])).filter(({ granted }) => granted)
  await stores.events.append(
    of.map(({ pid, receipt, basis }) => ({
      source: 'test',
      eventId: `visit-${pid}`,
      type: 'session',
      version: 1,
      occurredAt: NOW - 2 * DAY,
      receivedAt: NOW - 2 * DAY,
      pid,
      scope: 'analytics',
      consentId: receipt,
      consentRevision: basis,
      data: { seconds: 60 },
      expiresAt: NOW + 300 * DAY,
    })),
    NOW,
  )
  await running.stop()
  await stores.close()
}

beforeAll(async () => {
  mkdirSync(data)
  await live(async (stores) => {
    for (const pid of ['ada', 'bo']) await says(stores, pid, 'given', NOW - 10 * DAY)
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('assent features training-set', () => {
  test('builds a set of who agreed', async () => {
    const built = await assent('build', '--spec', specOf('sessions_30d'), '--output', set)
    expect(built.err).toBe('')
    expect(built).toMatchObject({ code: 0, out: expect.stringContaining('2 rows of 2 people') })
    const rows = readFileSync(join(set, 'rows.ndjson'), 'utf8').trim().split('\n')
    expect(rows.map((row) => JSON.parse(row))).toEqual([
      { pid: 'ada', at: expect.any(Number), label: null, values: { sessions_30d: 1 } },
      { pid: 'bo', at: expect.any(Number), label: null, values: { sessions_30d: 1 } },
    ])
  })

  test('knows in which sets somebody is', async () => {
    expect(await assent('affected', 'ada')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/churn {2}in order/),
    })
  })

  test('makes a set again to the byte, and finds what was changed in it', async () => {
    const again = await assent('rebuild', set, '--spec', specOf('sessions_30d'), '--output', `${set}-2`)
    expect(again).toMatchObject({ code: 0, out: 'The same, to the byte.\n' })
    appendFileSync(join(`${set}-2`, 'rows.ndjson'), '{}\n')
    expect(await assent('verify', `${set}-2`)).toMatchObject({
      code: 1,
      err: expect.stringContaining('rows.ndjson is not what was written.'),
    })
  })

  test('names who has left since, and has to be built again without them', async () => {
    await live(async (stores) => {
      await says(stores, 'bo', 'withdrawn', NOW)
    })
    expect(await assent('verify', set)).toMatchObject({
      code: 1,
      err: expect.stringContaining('bo has left'),
    })
    expect((await assent('affected', 'bo')).out).toMatch(/churn {2}must be built again/)
    const again = await assent('rebuild', set, '--spec', specOf('sessions_30d'), '--output', `${set}-3`)
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('bo has left') })
    expect(readFileSync(join(`${set}-3`, 'rows.ndjson'), 'utf8')).not.toContain('"bo"')
  })

  test.each([
    ['a feature nobody defined', 'colour', 'TRAINING_FEATURE_UNKNOWN'],
    ['one that may not be used for it', 'email_opens_30d', 'TRAINING_PURPOSE_NOT_ALLOWED'],
  ])('%s is a fault of whoever asks', async (_, feature, code) => {
    const asked = await assent('build', '--spec', specOf(feature), '--output', `${set}-4`)
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining(code) })
  })
})
