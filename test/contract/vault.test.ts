import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { identityMigration } from '../../subgraphs/identity/migration.ts'
import { createMemorySealedStore } from '../../subgraphs/identity/vault/memory-sealed-store.ts'
import { createSqlSealedStore, vaultMigration } from '../../subgraphs/identity/vault/sql-sealed-store.ts'
import { everythingIn } from '../support/everything-in.ts'
import { vaultContract } from './vault.contract.ts'

vaultContract('memory', async () => {
  const kept: unknown[] = []
  const store = createMemorySealedStore()
  return {
    store: {
      ...store,
      write(entries, batch) {
        kept.push(entries, batch)
        return store.write(entries, batch)
      },
    },
    everything: async () => JSON.stringify(kept) + JSON.stringify(kept, hexBytes),
  }
})

/** Bytes as JSON are lists of numbers, in which nobody would find anything. */
function hexBytes(_name: string, value: unknown): unknown {
  const bytes = (value as { readonly type?: string; readonly data?: number[] } | null) ?? {}
  if (bytes.type !== 'Buffer') return value
  const buffer = Buffer.from(bytes.data ?? [])
  return [buffer.toString('latin1'), buffer.toString('hex'), buffer.toString('base64')]
}

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [identityMigration, vaultMigration])
  })
  afterAll(() => engine.close())

  vaultContract('PGlite', async () => {
    await sql`truncate vault.entry, vault.pending, vault.name_key`.execute(engine.admin)
    return {
      store: createSqlSealedStore(engine.database(vaultMigration)),
      everything: () => everythingIn(engine, 'vault'),
    }
  })

  test('the role of the graph reads nothing of the vault, and the role of the vault nothing of the graph', async () => {
    const graph = engine.database(identityMigration)
    const vault = engine.database(vaultMigration)
    await expect(sql`select * from vault.entry`.execute(graph)).rejects.toMatchObject({ code: '42501' })
    await expect(sql`select * from vault.name_key`.execute(graph)).rejects.toMatchObject({ code: '42501' })
    await expect(sql`select * from identity.record`.execute(vault)).rejects.toMatchObject({ code: '42501' })
  })

  test('a tombstone cannot be changed or removed, even by who owns the tables', async () => {
    await createSqlSealedStore(engine.database(vaultMigration)).erase(['r_ada'], 0)
    for (const statement of [
      sql`update vault.entry set erased_at = now() where name = 'r_ada'`,
      sql`delete from vault.entry where name = 'r_ada'`,
    ])
      await expect(statement.execute(engine.admin)).rejects.toMatchObject({ code: '23001' })
  })
})
