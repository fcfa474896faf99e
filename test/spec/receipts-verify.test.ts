import fc from 'fast-check'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import type { DamageKind } from '../../subgraphs/consent/receipts/damage.ts'
import { createReceiptKeys, makeMasterSecret } from '../../subgraphs/consent/receipts/receipt-keys.ts'
import { rebuildHeads, rewrapKeys } from '../../subgraphs/consent/receipts/sql-upkeep.ts'
import { verifyReceipts } from '../../subgraphs/consent/receipts/sql-verify.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import {
  firstReceipt,
  fullReceipt,
  NOON,
  RECEIPT_KEYS,
  RECEIPT_SECRETS,
  successor,
} from '../support/receipts.ts'

/*
 * Ada said three things (revisions 1, 2 and 5) and Bo two (3, 4); Cyd spoke (6) and is suppressed (7), Dee spoke twice (8, 9)
 * and is erased (10).
 */
let engine: Engine
let db: Kysely<unknown>

beforeAll(async () => {
  engine = await openPglite()
  await migrate(engine, [consentMigration])
  db = engine.database(consentMigration)
  await fill()
  // Whoever damages the tables has all rights.
  await sql`set session_replication_role = replica`.execute(engine.admin)
})
afterAll(() => engine.close())

async function fill(): Promise<void> {
  const store = createSqlConsentStore(db, RECEIPT_KEYS)
  const [ada, bo, dee] = [firstReceipt('ada'), fullReceipt('bo'), firstReceipt('dee')]
  await store.append([ada, firstReceipt('ada', 'profiling')])
  await store.append([bo, successor(bo, 'withdrawn')])
  await store.append([successor(ada, 'withdrawn')])
  await store.append([firstReceipt('cyd')])
  await store.mark('cyd', 'suppressed', NOON + 7)
  await store.append([dee, firstReceipt('dee', 'profiling')])
  await store.mark('dee', 'erased', NOON + 10)
}

async function damages(): Promise<readonly (readonly [DamageKind, number | null])[]> {
  const { damages: found } = await verifyReceipts(db, { keys: RECEIPT_KEYS })
  return found.map(({ kind, revision }) => [kind, revision])
}

/** Does this to the tables as somebody with every right, looks, and takes it back. */
async function whatIsFoundAfter(...statements: string[]): ReturnType<typeof damages> {
  const tables = ['person', 'receipt', 'head', 'change']
  for (const table of tables) await raw(`create temp table kept_${table} as table consent.${table}`)
  try {
    for (const statement of statements) await raw(statement)
    return await damages()
  } finally {
    for (const table of tables) {
      await raw(`delete from consent.${table}`)
      await raw(`insert into consent.${table} select * from kept_${table}`)
      await raw(`drop table kept_${table}`)
    }
  }
}

const raw = (statement: string) => sql.raw(statement).execute(engine.admin)

describe('Whoever verifies the receipts', () => {
  test('finds nothing where nothing was damaged, erased people included', async () => {
    const told: number[] = []
    const onProgress = (verified: number, total: number) => told.push(verified / total)
    expect(await verifyReceipts(db, { keys: RECEIPT_KEYS, onProgress })).toEqual({
      people: 4,
      receipts: 8,
      erased: 1,
      newest: 10,
      damages: [],
    })
    expect(told.at(-1)).toBe(1)
  })

  test('verifies one person, and an erased one, too', async () => {
    expect(await verifyReceipts(db, { keys: RECEIPT_KEYS, pid: 'ada' })).toMatchObject({
      people: 1,
      receipts: 3,
    })
    expect(await verifyReceipts(db, { keys: RECEIPT_KEYS, pid: 'dee' })).toMatchObject({
      people: 1,
      receipts: 2,
      erased: 1,
      damages: [],
    })
  })

  test.each<[string, string, (readonly [DamageKind, number | null])[]]>([
    [
      'a sealed receipt with one bit turned',
      `update consent.receipt set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) where revision = 2`,
      [['ALTERED', 2]],
    ],
    [
      'a sealed receipt of an erased person with one bit turned',
      `update consent.receipt set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) where revision = 8`,
      [['ALTERED', 8]],
    ],
    [
      'a hash',
      `update consent.receipt set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where revision = 1`,
      [['ALTERED', 1]],
    ],
    [
      'a signature',
      `update consent.receipt set signature = set_byte(signature, 0, get_byte(signature, 0) # 1) where revision = 4`,
      [['BAD_SIGNATURE', 4]],
    ],
    [
      'the end of a yes that is gone from what was told',
      `update consent.change set expires_at = null where revision = 3 and expires_at is not null`,
      [['CHANGE_DIFFERS', 3]],
    ],
    [
      'a signature that is gone',
      `update consent.receipt set signature = null, signer_id = null where revision = 4`,
      [['UNSIGNED_END', 4]],
    ],
    [
      'a receipt that is gone from the middle',
      'delete from consent.receipt where revision = 2',
      [
        ['MISSING_RECEIPT', 2],
        ['MISSING_POSITION', 5],
        ['HEAD_DIFFERS', 2],
      ],
    ],
    [
      'the last receipt of an erased person that is gone',
      'delete from consent.receipt where revision = 9',
      [
        ['MISSING_RECEIPT', 9],
        ['MISSING_POSITION', 10],
      ],
    ],
    [
      'a write that nobody was told of',
      'delete from consent.change where revision = 8',
      [
        ['MISSING_REVISION', 8],
        ['STRAY_RECEIPT', 8],
      ],
    ],
    [
      'a head that says yes where no was said',
      `update consent.head set status = 'given' where subject = 'ada' and scope = 'analytics'`,
      [
        ['HEAD_DIFFERS', 5],
        ['HEAD_DIFFERS', 5],
      ],
    ],
    [
      'a head that is gone',
      `delete from consent.head where subject = 'ada' and scope = 'analytics'`,
      [
        ['HEAD_DIFFERS', 5],
        ['HEAD_DIFFERS', 5],
      ],
    ],
    [
      'a yes that decisions would read and that no head says',
      `update consent.person set heads = replace(heads, 'withdrawn', 'given') where pid = 'ada'`,
      [['HEAD_DIFFERS', 5]],
    ],
    [
      'a head of nobody',
      `update consent.head set subject = 'ada2' where subject = 'ada' and scope = 'profiling'`,
      [
        ['HEAD_DIFFERS', 2],
        ['HEAD_DIFFERS', 5],
        ['HEAD_DIFFERS', 2],
      ],
    ],
    [
      'a suppression that was lifted by hand',
      `update consent.person set suppressed = false where pid = 'cyd'`,
      [['PERSON_DIFFERS', 7]],
    ],
    [
      'a key of somebody else',
      `update consent.person set key = (select key from consent.person where pid = 'bo') where pid = 'ada'`,
      [['KEY_UNREADABLE', null]],
    ],
    [
      'a chain given to somebody else',
      `update consent.person set chain = gen_random_uuid() where pid = 'cyd'`,
      [
        ['STRAY_RECEIPT', 6],
        ['STRAY_RECEIPT', 7],
        ['MARK_UNSEALED', 7],
        ['HEAD_DIFFERS', 6],
      ],
    ],
    [
      'what was told of an erased person put back',
      `update consent.change set subject = 'dee', status = 'given' where revision = 8`,
      [['ERASED_REMAINS', 8]],
    ],
  ])('finds %s', async (_what, damage, expected) => {
    expect(await whatIsFoundAfter(damage)).toEqual(expected)
  })

  const TOLD = `insert into consent.change (revision, is_receipt, subject, status, at, initiator)
    values (11, false, 'ada', 'suppressed', now(), 'system')`

  test.each<[string, string[], (readonly [DamageKind, number | null])[]]>([
    [
      'a suppression that was taken away with all that tells of it in clear',
      [
        `update consent.person set suppressed = false, revision = 6 where pid = 'cyd'`,
        'delete from consent.change where revision = 7',
      ],
      [
        ['MISSING_REVISION', 7],
        ['STRAY_RECEIPT', 7],
      ],
    ],
    [
      'a suppression that was made its end',
      [
        `update consent.person set suppressed = false where pid = 'cyd'`,
        `update consent.change set status = 'suppression_lifted' where revision = 7`,
      ],
      [['MARK_UNSEALED', 7]],
    ],
    [
      'another day of a suppression',
      [`update consent.change set at = at - interval '1 day' where revision = 7`],
      [['MARK_UNSEALED', 7]],
    ],
    [
      'a suppression by somebody who cannot sign',
      [TOLD, `update consent.person set suppressed = true, revision = 11 where pid = 'ada'`],
      [['MARK_UNSEALED', 11]],
    ],
    [
      'an erasure by somebody who cannot sign',
      [
        TOLD.replace('suppressed', 'erased').replace('now()', `'2026-05-01 12:00Z'`),
        `delete from consent.head where subject = 'ada'`,
        `update consent.change set subject = null, consent_id = null, statement = null, scope = null, status = null,
          at = null, initiator = null where subject = 'ada' and revision < 11`,
        `update consent.person set key = null, master_id = null, destroyed_at = '2026-05-01 12:00Z', revision = 11, heads = null
          where pid = 'ada'`,
      ],
      [['MARK_UNSEALED', 11]],
    ],
    [
      'an erasure that is gone from the chain',
      ['delete from consent.receipt where revision = 10'],
      [['MARK_UNSEALED', 10]],
    ],
  ])('finds %s', async (_what, damage, expected) => {
    expect(await whatIsFoundAfter(...damage)).toEqual(expected)
  })

  test('finds a receipt of another person in a chain, though it was signed with our keys', async () => {
    const stolen = `(select %s from consent.receipt where revision = 6)`
    const columns = ['sealed', 'previous', 'hash', 'signature', 'signer_id']
    const set = columns.map((name) => `${name} = ${stolen.replace('%s', name)}`).join(', ')
    expect(await whatIsFoundAfter(`update consent.receipt set ${set} where revision = 1`)).toEqual([
      ['ALTERED', 1],
      ['BROKEN_LINK', 2],
    ])
  })

  const COLUMNS: Readonly<Record<string, string>> = {
    bytea: '%c = set_byte(%c, %b % octet_length(%c), get_byte(%c, %b % octet_length(%c)) # %x)',
    text: `%c = overlay(%c placing chr(ascii(substr(%c, 1 + %b % greatest(length(%c), 1), 1)) # 1) from 1 + %b % greatest(length(%c), 1) for 1)`,
    uuid: `%c = gen_random_uuid()`,
    bigint: `%c = %c + 1000`,
    integer: `%c = %c + 1`,
    boolean: `%c = not %c`,
    'timestamp with time zone': `%c = %c + interval '1 millisecond'`,
  }

  test('finds any flipped byte in any column of any row', async () => {
    const { rows: columns } = await sql<{ table: string; column: string; type: string }>`
      select table_name as table, column_name as column, data_type as type from information_schema.columns
      where table_schema = 'consent' and table_name in ('person', 'receipt', 'head', 'change')
        -- When it was taken down is no part of what was said: how late who hears of it may be is counted from it.
        and column_name <> 'recorded_at'`.execute(engine.admin)
    expect(columns).toHaveLength(8 + 8 + 11 + 15)
    const damage = fc.record({
      column: fc.constantFrom(...columns),
      row: fc.nat(20),
      byte: fc.nat(999),
      bits: fc.integer({ min: 1, max: 255 }),
    })
    await fc.assert(
      fc.asyncProperty(damage, async ({ column: { table, column, type }, row, byte, bits }) => {
        const set = (COLUMNS[type] ?? '')
          .replaceAll('%c', column)
          .replaceAll('%b', `${byte}`)
          .replaceAll('%x', `${bits}`)
        const { rows: victims } = await sql<{ ctid: string }>`
          select ctid::text as ctid from ${sql.table(`consent.${table}`)}
          where ${sql.ref(column)} is not null order by ctid`.execute(engine.admin)
        const victim = victims[row % Math.max(victims.length, 1)]
        if (victim === undefined) return
        const statement = `update consent.${table} set ${set} where ctid = '${victim.ctid}'`
        const found = await whatIsFoundAfter(statement).catch((error: { code?: string }) => {
          // Refused by the tables themselves: a status that is none, a revision that is taken.
          expect(error.code).toMatch(/^23/)
          return null
        })
        expect(found).not.toEqual([])
      }),
      { numRuns: 120 },
    )
  })
})

describe('What decisions read', () => {
  const atHand = async (): Promise<unknown> =>
    (await sql`select pid, heads from person order by pid`.execute(db)).rows

  test('follows the heads, whoever writes to them', async () => {
    const before = await atHand()
    await sql`set session_replication_role = origin`.execute(engine.admin)
    try {
      for (const change of [
        `update consent.head set status = 'withdrawn'`,
        `update consent.head set subject = 'bo' where subject = 'ada' and scope = 'profiling'`,
        `delete from consent.head where subject = 'ada'`,
      ]) {
        await raw(change)
        expect(await damages()).not.toEqual([])
        const { rows } = await sql`select pid from person where destroyed_at is null
          and heads is distinct from heads_of(pid)`.execute(db)
        expect(rows).toEqual([])
      }
      await rebuildHeads(db, RECEIPT_KEYS)
      expect(await atHand()).toEqual(before)
    } finally {
      await sql`set session_replication_role = replica`.execute(engine.admin)
    }
  })

  test.each([
    ['a head without its last field', `regexp_replace(heads, E'\\x1f[0-9]+$', '')`],
    ['a head with a field more', `heads || E'\\x1f' || '1'`],
    ['a head of nothing', `heads || E'\\x1e'`],
    ['an instant that is none', `regexp_replace(heads, '[0-9]{13}', 'soon')`],
    ['an instant that is missing', `regexp_replace(heads, '[0-9]{13}', '')`],
    ['a person more', `heads || E'\\x1d'`],
  ])('decides nothing by %s', async (_what, damaged) => {
    const store = createSqlConsentStore(db, RECEIPT_KEYS)
    await raw(`update consent.person set heads = ${damaged} where pid = 'ada'`)
    await expect(store.records(['ada'])).rejects.toMatchObject({ code: 'RECEIPT_UNREADABLE' })
    await rebuildHeads(db, RECEIPT_KEYS)
    expect((await store.records(['ada'])).get('ada')?.latest).not.toEqual([])
  })

  test('is made again from the receipts', async () => {
    const { rows: before } = await sql`select * from head order by subject, scope`.execute(db)
    await raw(`update consent.head set status = 'given', version = 9`)
    await raw(`insert into consent.head select 'dee', scope, channel, region, brand, 'x', status, at, expires_at, version, revision
      from consent.head limit 1`)
    expect(await rebuildHeads(db, RECEIPT_KEYS)).toBe(before.length)
    const { rows: after } = await sql`select * from head order by subject, scope`.execute(db)
    expect(after).toEqual(before)
    expect(await damages()).toEqual([])
  })
})

describe('A new master key', () => {
  test('opens what the old one wrapped, wraps it anew, and then does without it', async () => {
    const next = makeMasterSecret()
    const both = createReceiptKeys({ ...RECEIPT_SECRETS, masters: [next, ...RECEIPT_SECRETS.masters] })
    const alone = createReceiptKeys({ ...RECEIPT_SECRETS, masters: [next] })
    const before = await verifyReceipts(db, { keys: alone })
    expect(before.damages.map(({ kind }) => kind)).toEqual(Array.from({ length: 3 }, () => 'KEY_UNREADABLE'))
    expect(await rewrapKeys(db, both)).toBe(3)
    expect(await rewrapKeys(db, both)).toBe(0)
    expect((await verifyReceipts(db, { keys: alone })).damages).toEqual([])
    expect(await createSqlConsentStore(db, alone).history('ada')).toHaveLength(3)
  })
})
