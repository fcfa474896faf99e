import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rebuildLinks } from '../../subgraphs/consent/links/sql-links.ts'
import { verifyLinks } from '../../subgraphs/consent/links/sql-verify-links.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { verifyReceipts } from '../../subgraphs/consent/receipts/sql-verify.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { inTurn } from '../../subgraphs/consent/sql-turn.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { linkOf } from '../contract/consent-links.contract.ts'
import { openConsent } from '../../subgraphs/open-consent.ts'
import { openEngine } from '../../subgraphs/open-stores.ts'
import { NOON, RECEIPT_KEYS, RECEIPT_SECRETS } from '../support/receipts.ts'

/*
 * Ada and Bo are linked (revisions 1, 2), Cyd and Dee (3, 4), Bo and Cyd (5, 6); Ada and Bo no longer (7, 8); the end of a link
 * that never was (9). Dee is erased (10), and linked to Eli (11, 12).
 */
let engine: Engine
let db: Kysely<unknown>
beforeAll(async () => {
  engine = await openPglite()
  await migrate(engine, [consentMigration])
  db = engine.database(consentMigration)
  const store = createSqlConsentStore(db, RECEIPT_KEYS)
  await store.link([linkOf('d1', ['ada', 'bo']), linkOf('d2', ['cyd', 'dee'])], NOON)
  await store.link([linkOf('d3', ['bo', 'cyd'])], NOON)
  await store.unlink([{ decisionId: 'd1', at: NOON, by: 'bo' }], NOON)
  await store.unlink([{ decisionId: 'd9', at: NOON, by: 'bo' }], NOON)
  await store.mark('dee', 'erased', NOON)
  await store.link([linkOf('d4', ['dee', 'eli'])], NOON)
})
afterAll(() => engine.close())

async function found(): Promise<readonly (readonly [string, number | null])[]> {
  const { damages } = await verifyReceipts(db, { keys: RECEIPT_KEYS })
  const links = await verifyLinks(db, RECEIPT_KEYS)
  return [...damages, ...links].map(({ kind, revision }) => [kind, revision])
}

const TABLES = ['person', 'link_log', 'link', 'linked', 'change']
const raw = (statement: string) => sql.raw(statement).execute(engine.admin)

/** Does this to the tables as somebody with every right, looks, and takes it back. */
async function foundAfter(...statements: string[]): ReturnType<typeof found> {
  for (const table of TABLES) await raw(`create temp table kept_${table} as table consent.${table}`)
  try {
    for (const statement of statements) await raw(statement)
    return await found()
  } finally {
    await raw('set session_replication_role = replica')
    for (const table of TABLES) {
      await raw(`delete from consent.${table}`)
      await raw(`insert into consent.${table} select * from kept_${table}`)
      await raw(`drop table kept_${table}`)
    }
    await raw('set session_replication_role = default')
  }
}

describe('Whoever looks after the consent service', () => {
  test('finds pids that were told apart behind its back, and makes them again from the log', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'assent-links-'))
    const options = { dataDir, receiptSecrets: RECEIPT_SECRETS }
    try {
      const service = await openConsent(options)
      await service.store.link([linkOf('d1', ['ada', 'bo'])], NOON)
      expect((await service.verify()).damages).toEqual([])
      await service.close()
      const intruder = await openEngine(options)
      await sql`delete from consent.linked`.execute(intruder.admin)
      await intruder.close()
      const again = await openConsent(options)
      expect((await again.verify()).damages).toMatchObject([{ kind: 'LINK_DIFFERS', revision: 2 }])
      await again.rebuild()
      expect((await again.verify()).damages).toEqual([])
      await again.close()
    } finally {
      rmSync(dataDir, { recursive: true, force: true })
    }
  })
})

describe('Whoever verifies the links', () => {
  test('finds nothing where nothing was damaged', async () => {
    expect(await found()).toEqual([])
  })

  test.each<[string, readonly string[], readonly (readonly [string, number | null])[]]>([
    [
      'a link that decisions no longer read',
      [`delete from consent.link where decision = 'd3'`],
      [['LINK_DIFFERS', 6]],
    ],
    [
      'pids that decisions no longer take for one person’s',
      [`delete from consent.linked where pid in ('bo', 'cyd')`],
      [['LINK_DIFFERS', 4]],
    ],
    [
      'somebody who was never linked',
      [`insert into consent.linked select 'flo', component from consent.linked where pid = 'bo'`],
      [
        ['LINK_DIFFERS', 4],
        ['LINK_DIFFERS', null],
      ],
    ],
    [
      'a link that came to be one of another person',
      [`update consent.link_log set entry = replace(entry, 'cyd', 'flo') where position = 3`],
      [
        ['LINK_ALTERED', 5],
        ['CHANGE_DIFFERS', 6],
        ['LINK_DIFFERS', 6],
        ['LINK_DIFFERS', 4],
        ['LINK_DIFFERS', 6],
      ],
    ],
    [
      'the end of a link that is taken out of the log',
      [
        `delete from consent.link_log where position = 4`,
        `update consent.link set undone = null where undone = 8`,
      ],
      [
        ['LINK_MISSING', 9],
        ['LINK_MISSING', 7],
        ['LINK_MISSING', 8],
        ['LINK_DIFFERS', 2],
      ],
    ],
    [
      'a link that is taken out everywhere but in the order of all writes',
      [
        `delete from consent.link_log where position = 6`,
        `delete from consent.link where decision = 'd4'`,
        `delete from consent.linked where pid = 'eli'`,
      ],
      [
        ['LINK_MISSING', 11],
        ['LINK_MISSING', 12],
      ],
    ],
    [
      'a log whose chain was made anew without the key',
      [
        `update consent.link_log set signature = set_byte(signature, 0, get_byte(signature, 0) # 1) where position = 3`,
      ],
      [['LINK_ALTERED', 5]],
    ],
    [
      'a change that tells of another pid',
      [`update consent.change set subject = 'ada' where revision = 6`],
      [
        ['PERSON_DIFFERS', 6],
        ['CHANGE_DIFFERS', 6],
      ],
    ],
  ])('finds %s', async (_what, statements, expected) => {
    const damages = await foundAfter(...statements)
    expect(damages).toEqual(expected)
  })

  test('makes what decisions read again from the log', async () => {
    const tables = async () => {
      const links = await sql`select * from consent.link order by decision`.execute(engine.admin)
      const linked = await sql`select * from consent.linked order by pid`.execute(engine.admin)
      return [links.rows, linked.rows]
    }
    const before = await tables()
    await raw(`delete from consent.linked`)
    await raw(`update consent.link set undone = 3`)
    expect(await inTurn(db, rebuildLinks)).toBe(3)
    expect(await tables()).toEqual(before)
    expect(await found()).toEqual([])
  })

  test.each(['update link_log set position = 0', 'delete from link_log', 'truncate link_log'])(
    'is the only one to find out: the service is refused `%s`',
    async (statement) => {
      await expect(sql.raw(statement).execute(db)).rejects.toThrow(/permission denied/)
    },
  )
})
