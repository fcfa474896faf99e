import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import type { Receipt } from '../../subgraphs/consent/receipts/receipt.ts'
import { verifyReceipts } from '../../subgraphs/consent/receipts/sql-verify.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import { POSTGRES_URL } from '../support/postgres-engine.ts'
import { NOON, RECEIPT_KEYS } from '../support/receipts.ts'
import { type PostgresService, startPostgres } from '../support/services/postgres.ts'

/** A server of its own that keeps what it has acknowledged: this file kills it. */
describe.skipIf(POSTGRES_URL === '')('Receipts on a PostgreSQL that dies', () => {
  let server: PostgresService
  let engine: Engine
  let store: ConsentStore

  beforeAll(async () => {
    server = await startPostgres(() => {}, { isDurable: true })
    engine = await connectPostgres(server.url)
    await migrate(engine, [consentMigration])
    store = storeOn(engine)
  })
  afterAll(async () => {
    await engine.close()
    await server.stop()
  })
  beforeEach(async () => {
    await sql`truncate consent.person, consent.receipt, consent.head, consent.change, consent.link_log, consent.link,
      consent.linked`.execute(engine.admin)
  })

  const storeOn = (on: Engine) => createSqlConsentStore(on.database(consentMigration), RECEIPT_KEYS)
  const damages = async () =>
    (await verifyReceipts(engine.database(consentMigration), { keys: RECEIPT_KEYS })).damages

  /** Says yes and no in turn, each until it is acknowledged, and tells every statement that was. */
  async function speak(
    pid: string,
    words: number,
    acknowledged: Map<string, readonly Receipt[]>,
  ): Promise<void> {
    for (let word = 0; word < words; word++) {
      const statement = `${pid}-statement-${word}`
      const input = { pid, scopes: ['analytics', 'profiling'], source: 'form', statement }
      const status = word % 2 === 0 ? ('given' as const) : ('withdrawn' as const)
      acknowledged.set(statement, await untilTaken(() => write({ ...input, status })))
    }
  }

  const write = (input: Parameters<typeof writeReceipts>[1], to: ConsentStore = store) =>
    writeReceipts(to, input, { vocabulary: standardVocabulary, now: NOON })

  async function untilTaken<T>(run: () => Promise<T>): Promise<T> {
    const end = Date.now() + 60_000
    for (;;) {
      try {
        return await run()
      } catch (error) {
        // What has another code of ours was refused; everything else is the server's.
        const code = (error as { extensions?: { code?: unknown } }).extensions?.code ?? 'STORE_UNAVAILABLE'
        if (code !== 'STORE_UNAVAILABLE' || Date.now() > end) throw error
        await pause(20)
      }
    }
  }

  test.each<[string, () => Promise<void>]>([
    [
      'the process of a client is killed in the middle of a write',
      async () => {
        const { rows } = await sql<{ pid: number }>`
          select pid from pg_stat_activity where application_name = 'assent_consent' limit 1`.execute(
          engine.admin,
        )
        if (rows[0]) process.kill(rows[0].pid, 'SIGKILL')
      },
    ],
    ['the server is killed', () => server.crash()],
  ])(
    'lose nothing that was acknowledged when %s, and nothing is there twice or by half',
    async (_what, strike) => {
      const acknowledged = new Map<string, readonly Receipt[]>()
      const people = ['ada', 'bo', 'cyd', 'dee']
      const speaking = Promise.all(people.map((pid) => speak(pid, 30, acknowledged)))
      while (acknowledged.size < 20) await pause(5)
      await untilTaken(strike)
      const struckAt = Date.now()
      const before = acknowledged.size
      while (acknowledged.size <= before + people.length) await pause(5)
      const healedMs = Date.now() - struckAt
      await speaking

      expect(healedMs).toBeLessThan(5_000)
      expect(acknowledged.size).toBe(120)
      for (const pid of people) {
        const kept = await store.history(pid)
        const told = [...acknowledged]
          .filter(([id]) => id.startsWith(pid))
          .flatMap(([, receipts]) => receipts)
        expect(kept).toEqual(told)
        expect(kept).toHaveLength(60)
      }
      expect(await damages()).toEqual([])
    },
  )

  test('answer with the receipts that are there when the answer to the commit was lost', async () => {
    const cut = await cutAfterCommit(server.url)
    const behind = await connectPostgres(cut.url)
    try {
      const said = { pid: 'ada', scopes: ['analytics'], source: 'form', statement: 'statement-1' }
      await write({ ...said, status: 'given' })
      const withdrawal = { ...said, statement: 'statement-2', status: 'withdrawn' } as const
      cut.arm()
      await expect(write(withdrawal, storeOn(behind))).rejects.toThrow()
      expect(cut.cuts()).toBe(1)
      // Nobody knows yet; who asks is told the stricter of the two, as it was committed.
      expect((await store.records(['ada'])).get('ada')?.latest).toMatchObject([{ status: 'withdrawn' }])
      const again = await write(withdrawal, storeOn(behind))
      expect(again).toMatchObject([{ status: 'withdrawn', version: 2 }])
      expect(await store.history('ada')).toHaveLength(2)
      expect(await store.revision()).toBe('2')
    } finally {
      await behind.close()
      await cut.close()
    }
  })

  test.each(['read committed', 'repeatable read', 'serializable'])(
    'let one of two in who write the same chain from two processes, when %s is what the database takes by default',
    async (isolation) => {
      const { database } = (
        await sql<{ database: string }>`select current_database() as database`.execute(engine.admin)
      ).rows[0] ?? { database: '' }
      await sql`alter database ${sql.id(database)} set default_transaction_isolation = ${sql.lit(isolation)}`.execute(
        engine.admin,
      )
      const engines = await Promise.all([connectPostgres(server.url), connectPostgres(server.url)])
      try {
        const stores = engines.map(storeOn)
        const said = { pid: 'ada', scopes: ['analytics'], source: 'form' }
        await write({ ...said, status: 'given' })
        for (let round = 0; round < 15; round++) {
          const outcomes = await Promise.allSettled([
            write({ ...said, status: 'given' }, stores[0]),
            write({ ...said, status: 'withdrawn' }, stores[1]),
          ])
          expect(outcomes[1].status).toBe('fulfilled')
          const refusal = outcomes[0].status === 'rejected' ? (outcomes[0].reason as object) : null
          if (refusal) expect(refusal).toMatchObject({ extensions: { code: 'CONSENT_CHANGED_MEANWHILE' } })
        }
        const kept = await store.history('ada')
        expect(kept.map(({ version }) => version)).toEqual(kept.map((_, index) => index + 1))
        expect(kept.slice(1).map(({ predecessor }) => predecessor)).toEqual(
          kept.slice(0, -1).map(({ consentId }) => consentId),
        )
        expect(await damages()).toEqual([])
      } finally {
        for (const one of engines) await one.close()
        await sql`alter database ${sql.id(database)} reset default_transaction_isolation`.execute(
          engine.admin,
        )
      }
    },
  )
})

/** A way to the server that, once armed, passes a COMMIT on and cuts the line before its answer comes back. */
async function cutAfterCommit(url: string) {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let [isArmed, cuts] = [false, 0]
  const proxy = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let isCommitting = false
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => {
      if (isArmed && /\bcommit\b/i.test(bytes.toString('latin1'))) [isArmed, isCommitting] = [false, true]
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (!isCommitting) client.write(bytes)
      else {
        cuts += 1
        client.destroy()
      }
    })
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  return {
    url: Object.assign(new URL(url), { port: String((proxy.address() as AddressInfo).port) }).href,
    arm: () => (isArmed = true),
    cuts: () => cuts,
    async close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      await once(proxy, 'close')
    },
  }
}
