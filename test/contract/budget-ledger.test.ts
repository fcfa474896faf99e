import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMemoryLedger } from '../../subgraphs/budget/memory-ledger.ts'
import { budgetMigration, createSqlLedger } from '../../subgraphs/budget/sql-ledger.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { budgetLedgerContract } from './budget-ledger.contract.ts'

budgetLedgerContract('memory', async () => createMemoryLedger())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [budgetMigration])
  })
  afterAll(() => engine.close())

  budgetLedgerContract('PGlite', async () => {
    await sql`truncate budget.spent, budget.budget`.execute(engine.admin)
    return createSqlLedger(engine.database(budgetMigration))
  })

  test.each([
    `delete from spent`,
    `update spent set charge = '{"kind":"pure","epsilon":0}'`,
    `update spent set at = now()`,
  ])('what was spent cannot be taken back: %s', async (statement) => {
    await expect(sql.raw(statement).execute(engine.database(budgetMigration))).rejects.toMatchObject({
      code: '42501',
    })
  })
})
