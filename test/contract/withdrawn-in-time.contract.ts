import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StartOptions, SubgraphsMessage } from '../../subgraphs/start-message.ts'
import { readMetric } from '../support/read-metric.ts'
import { signedRequest } from '../support/signed-request.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const KEY = 'the key of every subgraph'
const OPERATOR = 'the token of who operates it'
const SHOP = 'the token of the shop that sends events'

/** What is promised, in milliseconds: whoever said no is served nothing after seconds, and nothing is kept after a minute. */
const ONLINE_MS = 10_000
const OFFLINE_MS = 60_000
const SOON = { timeout: 60_000, interval: 250 }

/** Stands in each event, in what is computed from them, and in no receipt. */
const CANARY = 'canary-seen-5d0e'
const COUNT = 20

/** Where the process keeps what it keeps, and how many rows of a person are there, where that can be asked from outside. */
export interface WithdrawnFrom {
  readonly options: Pick<StartOptions, 'dataDir' | 'postgresUrl' | 'rewriteAfterMs'>
  /** Of the store itself. */
  readonly files: string
  readonly rowsOf?: (pid: string) => Promise<number>
}

/** The whole process of the subgraphs, with a person who says yes, is measured, and says no. */
export function withdrawnInTimeContract(engineName: string, open: () => WithdrawnFrom): void {
  describe(`What is withdrawn, on ${engineName},`, () => {
    let child: ChildProcess
    let ready: Ready
    const pid = `person-${randomUUID()}`
    beforeAll(async () => {
      child = fork(join(root, 'subgraphs/start.ts'), [], {
        execArgv: ['--import', 'tsx'],
        cwd: root,
        silent: true,
      })
      child.send({ type: 'start', options: { ...OPTIONS, ...open().options } satisfies StartOptions })
      ready = await untilReady(child)
    }, 120_000)
    afterAll(async () => {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      await exit
    }, 60_000)

    test(
      'is not served after seconds, in no row and no file within a minute, and measured as that',
      { timeout: 240_000 },
      async () => {
        const { files, rowsOf } = open()
        const consentId = await say(ready, pid, 'giveConsent')
        await send(ready, pid, consentId)
        await expect.poll(() => served(ready, pid), SOON).toBe('KIT-001')
        if (rowsOf !== undefined) expect(await rowsOf(pid)).toBeGreaterThan(COUNT)
        expect(filesWith(CANARY, files)).not.toEqual([])
        const before = await measured(ready)

        const said = Date.now()
        await say(ready, pid, 'withdrawConsent')
        await expect.poll(() => served(ready, pid), { timeout: ONLINE_MS, interval: 100 }).toBeNull()
        await expect
          .poll(() => purged(ready, before), { timeout: OFFLINE_MS, interval: 250 })
          .toEqual({ events: { isDeleted: true, waits: 1 }, features: { isDeleted: true, waits: 1 } })
        if (rowsOf !== undefined) expect(await rowsOf(pid)).toBe(0)
        const left = Math.max(0, said + OFFLINE_MS - Date.now())
        await expect.poll(() => filesWith(CANARY, files), { timeout: left, interval: 500 }).toEqual([])

        const after = await measured(ready)
        const within = (store: string, le: number) =>
          bucket(after, store, String(le)) - bucket(before, store, String(le))
        expect([within('features', ONLINE_MS / 1000), within('events', OFFLINE_MS / 1000)]).toEqual([1, 1])
        expect(await served(ready, pid)).toBeNull()
      },
    )
  })
}

type Ready = Extract<SubgraphsMessage, { readonly type: 'ready' }>

const OPTIONS: Omit<StartOptions, 'dataDir'> = {
  grantKeys: Object.fromEntries(
    ['identity', 'consent', 'features', 'recommendations', 'aggregates'].map((name) => [name, KEY]),
  ),
  demoPeople: 0,
  seedDir: join(root, 'dist/pglite-seed'),
  recommendationLists: { windowMs: 60_000, listsPerWindow: 1_000 },
  outbox: {
    consumers: [],
    operatorToken: OPERATOR,
    delivery: { attempts: 1, firstMs: 100, longestMs: 100, timeoutMs: 1_000, concurrency: 1, keepDays: 1 },
  },
  events: {
    host: '127.0.0.1',
    port: 0,
    contracts: join(root, 'events'),
    sources: [{ name: 'shop', token: SHOP, secrets: [], nats: null }],
    maxEventBytes: 65_536,
    maxBatchBytes: 1_000_000,
    maxBatchEvents: 1_000,
    maxWaiting: 1_000,
    maxBytes: 1_000_000,
    toleranceMs: 60_000,
    keepDays: 1,
    maxDeliveries: 10,
  },
}

async function untilReady(child: ChildProcess): Promise<Ready> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one message after the other
    const [message] = (await once(child, 'message')) as [SubgraphsMessage]
    if (message.type === 'failed') throw new Error(`${message.code}: ${message.message}`)
    if (message.type === 'ready') return message
  }
}

/** As the gateway asks, for the person who is there. */
async function ask<T>(
  { subgraphs }: Ready,
  subgraph: string,
  body: { readonly query: string; readonly variables: object },
  grant: { readonly actor: string; readonly lookups?: Readonly<Record<string, { scopes: string[] }>> },
): Promise<T> {
  const url = subgraphs.find(({ name }) => name === subgraph)?.url ?? ''
  const signed = { subgraph, key: KEY, now: Date.now(), purpose: 'analytics', ...grant }
  const { method, headers, payload } = signedRequest(body, signed)
  const response = await fetch(url, { method, headers, body: payload })
  const { data, errors } = (await response.json()) as { data?: T; errors?: unknown }
  if (errors !== undefined || data === undefined) throw new Error(JSON.stringify(errors))
  return data
}

async function say(ready: Ready, pid: string, word: 'giveConsent' | 'withdrawConsent'): Promise<string> {
  const type = word === 'giveConsent' ? 'GiveConsentInput' : 'WithdrawConsentInput'
  const query = `mutation ($input: ${type}!) { ${word}(input: $input) { consentId } }`
  const variables = { input: { pid, scopes: ['analytics'], source: 'web' } }
  const said = await ask<Record<string, readonly { consentId: string }[]>>(
    ready,
    'consent',
    { query, variables },
    { actor: pid },
  )
  return said[word]?.[0]?.consentId ?? ''
}

/** As a shop sends what the person did. */
async function send({ events }: Ready, pid: string, consentId: string): Promise<void> {
  const occurredAt = new Date().toISOString()
  const lines = Array.from({ length: COUNT }, (_, at) => ({
    eventId: `${CANARY}-${at}`,
    type: 'page_view',
    version: 1,
    occurredAt,
    pid,
    consentId,
    data: { sku: 'KIT-001' },
  }))
  const response = await fetch(`${events}/events/v1/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${SHOP}` },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
  expect(await response.json()).toMatchObject({ stored: COUNT })
}

/** Asked under the same grant before and after: what is not served is not there, whatever the gateway thinks. */
async function served(ready: Ready, pid: string): Promise<string | null> {
  const query = `query ($people: [_Any!]!) {
    people: _entities(representations: $people) { ... on Customer { features { lastProductViewed } } }
  }`
  const variables = { people: [{ __typename: 'Customer', pid }] }
  const lookups = { people: { scopes: ['analytics'] } }
  const { people } = await ask<{ people: readonly { features: { lastProductViewed: string | null } }[] }>(
    ready,
    'features',
    { query, variables },
    { actor: pid, lookups },
  )
  return people[0]?.features.lastProductViewed ?? null
}

async function measured({ subgraphs }: Ready): Promise<string> {
  const url = subgraphs.find(({ name }) => name === 'aggregates')?.url ?? ''
  const response = await fetch(new URL('/metrics', url), { headers: { authorization: `Bearer ${OPERATOR}` } })
  expect(response.status).toBe(200)
  return response.text()
}

const bucket = (text: string, store: string, le: string): number =>
  readMetric(text, `assent_purge_latency_seconds_bucket{store="${store}",le="${le}"}`) ?? 0

/** Whether a word has deleted rows since, and how many words were waited for. */
async function purged(ready: Ready, before: string): Promise<object> {
  const now = await measured(ready)
  const grown = (line: string): number => (readMetric(now, line) ?? 0) - (readMetric(before, line) ?? 0)
  const of = (store: string): object => ({
    isDeleted: grown(`assent_purged_rows_total{store="${store}",because="word"}`) > 0,
    waits: grown(`assent_purge_latency_seconds_count{store="${store}"}`),
  })
  return { events: of('events'), features: of('features') }
}

function filesWith(canary: string, directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => isIn(file, canary))
}

/** What is rewritten meanwhile is gone. */
function isIn(file: string, canary: string): boolean {
  try {
    return readFileSync(file).includes(canary)
  } catch {
    return false
  }
}
