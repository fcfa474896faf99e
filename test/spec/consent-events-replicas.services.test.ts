import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import type { Deliverer } from '../../subgraphs/consent/outbox/deliverer.ts'
import { createSqlOutbox } from '../../subgraphs/consent/outbox/sql-outbox.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { connectPostgres, type Engine } from '../../subgraphs/database.ts'
import { consentLog } from '../support/consent-log.ts'
import { deliverAsReplica } from '../support/delivering-replica.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { RECEIPT_KEYS } from '../support/receipts.ts'
import { hanging, taken, WebhookServer } from '../support/webhook-server.ts'

const PROGRAM = fileURLToPath(new URL('../support/delivering-replica-program.ts', import.meta.url))

describe.skipIf(POSTGRES_URL === '')('Several replicas on one PostgreSQL', () => {
  const engine = ownPostgres('consent_events', consentMigration)
  const running = new Set<Deliverer>()
  let crm: WebhookServer
  let said: ReturnType<typeof consentLog>

  beforeEach(async () => {
    await sql`truncate consent.change, consent.receipt, consent.person, consent.head, consent.consumer cascade`.execute(
      engine().admin,
    )
    crm = await WebhookServer.open()
    said = consentLog(createSqlConsentStore(engine().database(consentMigration), RECEIPT_KEYS), Date.now)
  })
  afterEach(async () => {
    await stopAll()
    await crm.close()
  })

  const databaseUrl = async (): Promise<string> => {
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(engine().admin)
    return Object.assign(new URL(POSTGRES_URL), { pathname: `/${rows[0]?.name}` }).href
  }
  const replica = async (holder: string, on: Engine = engine()): Promise<void> => {
    running.add(await deliverAsReplica(on, holder, crm.url))
  }
  /** As a client does that is told to come again: each connection that was cut fails once. */
  const untilItSucceeds = async (write: () => Promise<unknown>): Promise<void> => {
    for (let attempt = 1; ; attempt++) {
      try {
        await write()
        return
      } catch (error) {
        if (attempt === 20) throw error
      }
    }
  }
  /** Waits for what is under way and for its record. */
  const stopAll = async (): Promise<void> => {
    await Promise.all([...running].map((deliverer) => deliverer.stop()))
    running.clear()
  }
  const outbox = () => createSqlOutbox(engine().database(consentMigration))

  test('tell a consumer of each change once, whichever of them wrote it', async () => {
    const second = await connectPostgres(await databaseUrl())
    await replica('replica-1')
    await replica('replica-2', second)
    const saidElsewhere = consentLog(
      createSqlConsentStore(second.database(consentMigration), RECEIPT_KEYS),
      Date.now,
    )
    const people = Array.from({ length: 40 }, (_, person) => `person-${person}`)
    for (const [place, person] of people.entries())
      await (place % 2 ? said : saidElsewhere)(person, 'analytics', 'given')
    await crm.reached(40)
    await stopAll()
    expect(new Set(crm.told).size).toBe(40)
    expect(crm.posted).toHaveLength(40)
    expect((await outbox().consumers())[0]).toMatchObject({ position: '40', retrying: 0 })
    await second.close()
  })

  test('when one is killed between the sending and the answer, another one sends it again under the same id', async () => {
    await said('ada', 'analytics', 'withdrawn')
    crm.answer = hanging
    const killed = fork(PROGRAM, [await databaseUrl(), crm.url], { execArgv: ['--import', 'tsx'] })
    try {
      await crm.reached(1)
    } finally {
      killed.kill('SIGKILL')
      await once(killed, 'exit')
    }
    expect(await outbox().deliveries('1')).toMatchObject([{ state: 'pending', attempts: 1 }])

    crm.answer = taken
    await replica('replica-2')
    expect(await outbox().take({ consumer: 'crm', holder: 'replica-3', ms: 1 })).toBe(false)
    await sql`update consent.consumer set held_until = now() where holder = 'replica-to-be-killed'`.execute(
      engine().admin,
    )
    await crm.reached(2)
    await stopAll()
    expect(crm.posted.map(({ headers }) => headers['webhook-id'])).toEqual(['1-crm', '1-crm'])
    expect(crm.posted[0]?.body).toBe(crm.posted[1]?.body)
    expect(await outbox().deliveries('1')).toMatchObject([{ state: 'acknowledged', attempts: 2 }])
  })

  test('whose connections are all cut go on when the database is back, and lose nothing', async () => {
    await replica('replica-1')
    await said('ada', 'analytics', 'given')
    await crm.reached(1)
    // Cut before that is written down, Ada's change would be told again, and rightly.
    await vi.waitFor(async () =>
      expect(await outbox().deliveries('1')).toMatchObject([{ state: 'acknowledged' }]),
    )
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`.execute(engine().admin)
    await untilItSucceeds(() => said('bo', 'analytics', 'withdrawn'))
    await crm.reached(2)
    await stopAll()
    expect(crm.told.at(-1)).toMatch(/ bo$/)
    expect((await outbox().consumers())[0]).toMatchObject({ retrying: 0, escalated: 0 })
  })
})
