import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryOwnershipStore } from '../../subgraphs/ownership/memory-store.ts'
import { createSqlOwnershipStore, ownershipMigration } from '../../subgraphs/ownership/sql-store.ts'
import { createMemoryStandings } from '../../subgraphs/standing/memory-standings.ts'
import { createSqlStandings } from '../../subgraphs/standing/sql-standings.ts'
import { ownershipStoreContract } from './ownership-store.contract.ts'

ownershipStoreContract('memory', async () => {
  const standings = createMemoryStandings()
  return { store: createMemoryOwnershipStore(standings), standings }
})

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [ownershipMigration])
  })
  afterAll(() => engine.close())

  ownershipStoreContract('PGlite', async () => {
    await sql`truncate ownership.profile_write, ownership.standing, ownership.standing_mark, ownership.standing_block`.execute(
      engine.admin,
    )
    return {
      store: createSqlOwnershipStore(engine.database(ownershipMigration)),
      standings: createSqlStandings(engine.database(ownershipMigration)),
    }
  })

  test('what was said cannot be changed, by whoever has the role', async () => {
    await expect(
      sql`update profile_write set value = '"AT"'`.execute(engine.database(ownershipMigration)),
    ).rejects.toMatchObject({ code: '42501' })
  })
})
