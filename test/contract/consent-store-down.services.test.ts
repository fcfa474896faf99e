import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'
import { POSTGRES_URL } from '../support/postgres-engine.ts'
import { firstReceipt, RECEIPT_KEYS } from '../support/receipts.ts'
import { type PostgresService, startPostgres } from '../support/services/postgres.ts'
import { signedRequest } from '../support/signed-request.ts'

const KEY = 'the key of the consent subgraph'

describe.skipIf(POSTGRES_URL === '')('A consent service whose PostgreSQL is killed', () => {
  let server: PostgresService
  let engine: Engine
  let store: ConsentStore
  let app: FastifyInstance
  beforeAll(async () => {
    server = await startPostgres(() => {})
    engine = await connectPostgres(server.url)
    await migrate(engine, [consentMigration])
    store = createSqlConsentStore(engine.database(consentMigration), RECEIPT_KEYS)
    app = await serveSubgraph({
      ...createConsentSubgraph({ store }),
      name: 'consent',
      grantKey: KEY,
      clock: Date.now,
    })
  })
  afterAll(async () => {
    await app.close()
    await engine.close().catch(() => {})
    await server.stop()
  })

  const ask = (path: string, body: object) =>
    app.inject(signedRequest(body, { subgraph: 'consent', key: KEY, now: Date.now(), path, actor: 'ada' }))
  const decide = () => ask('/consent/v1/decide', { subjects: ['ada'] })
  const say = (word: 'give' | 'withdraw') =>
    ask('/graphql', {
      query: `mutation { ${word}Consent(input: { pid: "ada", scopes: ["analytics"], source: "form" }) { status } }`,
    })

  /** The server's own process, by one of those it started for us. */
  const pidsOf = async (): Promise<{ readonly backend: number; readonly postmaster: number }> => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(engine.admin)
    const backend = rows[0]?.pid ?? 0
    const stat = readFileSync(`/proc/${backend}/stat`, 'utf8')
    return { backend, postmaster: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }
  }

  test('loses nothing that it acknowledged, and writes what is sent again once', async () => {
    expect((await say('give')).json().data.giveConsent).toEqual([{ status: 'GIVEN' }])
    const outcomes = new Map<number, 'acknowledged' | 'unavailable'>()
    const write = async (index: number): Promise<void> => {
      try {
        await store.append([firstReceipt(`p${index}`)])
        outcomes.set(index, 'acknowledged')
      } catch (error) {
        expect(error).toMatchObject({ extensions: { code: 'STORE_UNAVAILABLE' } })
        outcomes.set(index, 'unavailable')
      }
    }
    const writing = Array.from({ length: 200 }, (_, index) => write(index))
    await Promise.race(writing)
    // All that were connected are thrown out with it, and the server recovers from its log.
    process.kill((await pidsOf()).backend, 'SIGKILL')
    await Promise.all(writing)
    expect([...outcomes.values()]).toContain('unavailable')
    await expect.poll(async () => (await decide()).statusCode, { timeout: 30_000 }).toBe(200)
    const acknowledged = [...outcomes].filter(([, outcome]) => outcome === 'acknowledged')
    const kept = await store.records(acknowledged.map(([index]) => `p${index}`))
    expect([...kept.values()].every(({ latest }) => latest.length === 1)).toBe(true)

    await Promise.all(Array.from({ length: 200 }, (_, index) => write(index)))
    expect([...new Set(outcomes.values())]).toEqual(['acknowledged'])
    const histories = await Promise.all(Array.from({ length: 200 }, (_, index) => store.history(`p${index}`)))
    expect(histories.every((history) => history.length === 1)).toBe(true)
    expect(await store.revision()).toBe('201')
  })

  test('decides nothing, takes nothing, and says when to ask again', async () => {
    expect((await decide()).json().states).toMatchObject([
      ['ada', '1', null, [['analytics', 'given', expect.any(String), null]]],
    ])
    process.kill((await pidsOf()).postmaster, 'SIGKILL')
    // Its children notice one after the other; whoever still answers, answers what was written.
    await expect.poll(async () => (await decide()).statusCode, { timeout: 30_000 }).toBe(503)

    const lean = await decide()
    expect([lean.statusCode, lean.headers['retry-after']]).toEqual([503, '5'])
    expect(lean.json()).toEqual({
      errors: [
        {
          message: 'The store of the consents does not answer.',
          extensions: { code: 'STORE_UNAVAILABLE' },
        },
      ],
    })
    const graph = await ask('/graphql', { query: '{ consentStates(subjects: ["ada"]) { subject } }' })
    expect(graph.json().data).toBeNull()
    for (const word of ['give', 'withdraw'] as const) {
      const answer = await say(word)
      expect(answer.headers['retry-after']).toBe('5')
      expect(answer.json()).toMatchObject({
        data: null,
        errors: [{ extensions: { code: 'STORE_UNAVAILABLE' } }],
      })
      expect(answer.body).not.toMatch(/ECONN|127\.0\.0\.1|postgres/)
    }
    expect((await app.inject('/health/live')).statusCode).toBe(200)
  })
})
