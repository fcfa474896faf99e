import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import type { Engine } from '../../subgraphs/database.ts'
import { firstReceipt, NOON, RECEIPT_KEYS } from '../support/receipts.ts'

/** What the service's own role may not do, whoever has got hold of it: shown by trying. */
export function receiptsAreEvidence(name: string, engine: () => Engine): void {
  describe(`The role of the service on ${name}`, () => {
    const asService = (statement: string) => sql.raw(statement).execute(engine().database(consentMigration))
    const refused = { code: '42501' }

    test.each([
      'update receipt set position = position',
      `update receipt set sealed = ''`,
      'update receipt set signature = null, signer_id = null',
      'delete from receipt',
      'truncate receipt',
      'alter table receipt disable trigger all',
      'drop table receipt',
      'create rule r as on insert to receipt do instead nothing',
      'delete from person',
      'truncate person',
      `update person set pid = 'bo'`,
      `update person set heads = ''`,
      'drop trigger heads_gone on head',
      'drop function heads_of(text)',
      'update person set chain = gen_random_uuid()',
      'drop trigger tombstones_stay on person',
      'delete from change',
      'truncate change',
      'update change set revision = revision + 1',
      'create table consent.mine ()',
    ])('is refused `%s`', async (statement) => {
      await expect(asService(statement)).rejects.toMatchObject(refused)
    })

    test('cannot make a key again that was destroyed', async () => {
      const store = createSqlConsentStore(engine().database(consentMigration), RECEIPT_KEYS)
      await store.append([firstReceipt('evidence-ada')])
      await store.mark('evidence-ada', 'erased', NOON)
      for (const change of [
        `set key = '\\x00', master_id = 'x', destroyed_at = null`,
        'set destroyed_at = now()',
        'set suppressed = true',
      ])
        await expect(asService(`update person ${change} where pid = 'evidence-ada'`)).rejects.toMatchObject({
          code: '23001',
        })
      await expect(
        asService(`insert into person (pid, chain, key, master_id, revision)
          values ('evidence-ada', gen_random_uuid(), '\\x00', 'x', 99)`),
      ).rejects.toMatchObject({ code: '23505' })
    })
  })
}
