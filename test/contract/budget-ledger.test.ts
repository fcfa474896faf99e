import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Charge } from '../../privacy/budget/charge.ts'
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
    `update released set charges = '[]'`,
    `delete from released`,
  ])('what was spent cannot be taken back: %s', async (statement) => {
    await expect(sql.raw(statement).execute(engine.database(budgetMigration))).rejects.toMatchObject({
      code: '42501',
    })
  })

  test('what a release cost is told as it is settled, and of what was known before it never', async () => {
    const ledger = createSqlLedger(engine.database(budgetMigration))
    const budget = { name: 'told once', delta: 1e-5, lifetime: 9, windows: [] }
    const idOf = async (charge: Charge): Promise<string> => {
      const made = await ledger.reserve({ budget, charge, query: charge.kind, snapshot: 's', now: 1 })
      return made.kind === 'reserved' ? made.id : made.kind
    }
    const known = await idOf({ kind: 'concentrated', rho: 0.1 })
    const settled = await idOf({ kind: 'approximate', epsilon: 1, delta: 1e-6 })
    await ledger.settle(settled, 'done')
    for (const id of [known, settled, '4711'])
      // eslint-disable-next-line no-await-in-loop -- one after the other
      await expect(
        sql`insert into released values (${id}::bigint, '[]')`.execute(engine.database(budgetMigration)),
      ).rejects.toMatchObject({ code: '42501' })
  })
})
