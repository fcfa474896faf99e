import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { createMemoryOutbox } from '../../subgraphs/consent/outbox/memory-outbox.ts'
import { type RunningOutbox, startOutbox } from '../../subgraphs/consent/outbox/outbox.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { type LinkFor, trialLink } from '../../subgraphs/trial-link.ts'
import { consentLog } from '../support/consent-log.ts'
import { VirtualTime } from '../support/virtual-time.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const OPERATOR = 'the token of who operates the service'

/** A service that `assent start` runs on this data directory, as far as these commands can tell. */
let data: string
let app: FastifyInstance
let running: RunningOutbox
const time = new VirtualTime(NOON)
const store = createMemoryConsentStore(time.clock)
const outbox = createMemoryOutbox(time.clock)

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'assent-consumers-'))
  const pull = { kind: 'pull', url: null, secrets: [], stream: '', from: 'beginning', token: null } as const
  running = await startOutbox({
    store,
    outbox,
    consumers: [
      { ...pull, name: 'warehouse', scopes: null, slaMs: 60_000 },
      { ...pull, name: 'mailer', scopes: ['crm_contact'], slaMs: 300_000 },
    ],
    delivery: {
      attempts: 3,
      firstMs: 1_000,
      longestMs: 60_000,
      timeoutMs: 5_000,
      concurrency: 4,
      keepDays: 90,
    },
    operatorToken: OPERATOR,
    log: () => {},
    clock: time.clock,
    pause: time.pause,
  })
  app = await serveSubgraph({
    ...createConsentSubgraph({ store, clock: time.clock }),
    routes: [...running.routes, trialLink(OPERATOR, linkFor)],
    name: 'consent',
    grantKey: null,
    clock: time.clock,
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  writeFileSync(join(data, 'consent-service.url'), `http://127.0.0.1:${port}/`)
  writeFileSync(join(data, 'operator.token'), OPERATOR)

  const said = consentLog(store, time.clock)
  await said('ada', 'analytics', 'withdrawn', { actor: 'ada', surface: '/preferences', region: 'DE' })
  await outbox.handOut('warehouse', { revisions: ['1'], upTo: '1', at: NOON + 5 })
  time.now += 90_000
})
/** Of Ada, who is the first there, and of nobody else. */
let linkFor: LinkFor | null = async (pid) =>
  pid === null || pid === 'ada' ? 'http://shop.test/#token=new' : null

afterAll(async () => {
  await app.close()
  await running.stop()
  rmSync(data, { recursive: true, force: true })
})

const assent = async (...args: readonly string[]) => {
  const child = spawn(process.execPath, [
    '--import',
    'tsx',
    'cli/assent.ts',
    'consent',
    ...args,
    '--data',
    data,
  ])
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const code = await new Promise((ended) => child.once('close', ended))
  return { out, err, code }
}

describe('assent consent', () => {
  test('consumers lists each with position, lag, oldest and state, and fails when one is late', async () => {
    const { out, code } = await assent('consumers')
    expect(out.trimEnd().split('\n')).toEqual([
      'CONSUMER   KIND  POSITION  LAG  OLDEST  SLA    RETRYING  ESCALATED  STATE',
      'mailer     pull  0         0    -       5 min  0         0          ok',
      'warehouse  pull  0         1    90 s    60 s   0         0          late',
    ])
    expect(code).toBe(1)
  })

  test('trace tells who initiated a change, through what, and who got it when', async () => {
    const { out, code } = await assent('trace', '1')
    expect(out.trimEnd().split('\n')).toEqual([
      'revision  1',
      'about     ada, analytics',
      'said      withdrawn at 2026-05-01T12:00:00.000Z',
      'for       channel any, region DE, brand any',
      'by        person',
      'through   /preferences',
      '',
      'CONSUMER   STATE          ATTEMPTS  FIRST SENT                ACKNOWLEDGED',
      'mailer     not concerned  0         -                         -',
      'warehouse  pending        1         2026-05-01T12:00:00.005Z  -',
    ])
    expect(code).toBe(0)
  })

  test('link makes a new link for trying things out', async () => {
    expect(await assent('link')).toMatchObject({ code: 0, out: 'http://shop.test/#token=new\n' })
    expect(await assent('link', 'bo')).toMatchObject({
      code: 1,
      err: expect.stringContaining('INVALID_SUBJECT'),
    })
  })

  test('says what is wrong: no such change, no such consumer, nobody there', async () => {
    expect(await assent('trace', 'nothing')).toMatchObject({
      code: 1,
      err: expect.stringContaining('UNKNOWN_CHANGE'),
    })
    expect(await assent('resume', 'nobody')).toMatchObject({
      code: 1,
      err: expect.stringContaining('UNKNOWN_CONSUMER'),
    })
    expect(await assent('consumers', '--url', 'http://127.0.0.1:9')).toMatchObject({
      code: 3,
      err: expect.stringContaining('SUBGRAPH_UNREACHABLE'),
    })
  })
})
