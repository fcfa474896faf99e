import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { consentWork } from '../../subgraphs/identity/graph/consent-work.ts'
import { mergeRecords } from '../../subgraphs/identity/graph/merge-records.ts'
import { proposeMatches } from '../../subgraphs/identity/graph/possible-matches.ts'
import { settle } from '../../subgraphs/identity/graph/settle.ts'
import { linkedConsentFor, NO_IDENTITY_FEED } from '../../subgraphs/open-identity-feed.ts'
import { openStores } from '../../subgraphs/open-stores.ts'
import { loneRecord } from '../support/lone-record.ts'

const MODEL = {
  how: 'model',
  by: 'people@1',
  evidence: [{ field: 'email', level: 'same', weight: 9.25 }],
  prior: -8,
  probability: 0.7,
} as const

let data: string
let decisionId: string

/** One process for what only reads, one after the other: the embedded database has one client. */
const assent = (...args: readonly string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/assent.ts', 'identity', ...args, '--data', data],
      { env: { PATH: process.env['PATH'] } },
      (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    )
  })

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'assent-identity-'))
  const stores = await openStores({ dataDir: data })
  const { identity } = stores
  decisionId = await identity.change(async (graph) => {
    const nodes = await graph.putRecords([loneRecord(1), loneRecord(2), loneRecord(3)], 0)
    const [one = 0, two = 0, three = 0] = nodes.map(({ id }) => id)
    await proposeMatches(graph, [{ ...MODEL, a: two, b: three }], 1)
    const draft = { ...MODEL, a: one, b: two, actor: 'people@1', reason: null }
    const outcome = await mergeRecords(graph, draft, 1)
    return outcome.outcome === 'decided' ? outcome.decision.decisionId : ''
  })
  await settle(consentWork(identity), linkedConsentFor(stores, NO_IDENTITY_FEED, Date.now), () => 2)
  await writeReceipts(
    stores.consent,
    { pid: 'p1_2', scopes: ['analytics'], source: 'test', status: 'withdrawn' },
    { vocabulary: standardVocabulary, now: Date.parse('2026-02-01T00:00:00Z') },
  )
  await stores.close()
})
afterAll(() => rmSync(data, { recursive: true, force: true }))

describe('assent identity', () => {
  test('why, with the waterfall that adds up', async () => {
    const { code, out } = await assent('why', 'p1_1', 'p1_2')
    expect(out).toContain('p1_1 = p1_2')
    expect(out).toContain(`${decisionId}  model people@1`)
    expect(out).toMatch(
      /-8\.00 {2}before anything was compared\n +\+9\.25 {2}email: same\n +\+1\.25 {2}together/,
    )
    expect(code).toBe(0)
  })

  test('how, and of each field which record the person has it from: never what stands in it', async () => {
    const { code, out } = await assent('how', 'p1_1')
    expect(out).toContain('p1_1 + p1_2 → p1_1  (2 records)')
    expect(out).toMatch(/^ {4}email: from p1_[12]( over p1_[12])? \(oldest-record@1\)$/m)
    expect(out).not.toContain('@example')
    expect(code).toBe(0)
  })

  test('why not, with the code of a question that is answered with no', async () => {
    const { code, out } = await assent('why', 'p1_1', 'p1_3')
    expect(out).toMatch(/^not one person\n/)
    expect(code).toBe(1)
  })

  const SAID = 'said while merged: p1_2  analytics withdrawn  2026-02-01T00:00:00.000Z'

  test('what an unmerge would change, and what was said while they were one', async () => {
    const { out } = await assent('plan-unmerge', decisionId)
    expect(out).toContain('p1_2 leads to p1_2, and led to p1_1')
    expect(out).toContain(SAID)
  })

  test('an unmerge, and what somebody has to look at', async () => {
    const { code, out } = await assent('unmerge', decisionId, '--actor', 'clerk-7')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('p1_2 leads to p1_2') })
    expect(out).toContain(SAID)
    expect((await assent('possible')).out).toContain('people@1 0.7000  email same')
  })

  test('keys of the vault, put under the wrapping key in use', async () => {
    expect(await assent('rewrap')).toMatchObject({ code: 0, out: '0 keys rewrapped\n' })
  })
})
