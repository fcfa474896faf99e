import { sql } from 'kysely'
import { describe } from 'vitest'
import { budgetMigration, createSqlLedger } from '../../subgraphs/budget/sql-ledger.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { budgetLedgerContract } from './budget-ledger.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('budget_ledger', budgetMigration)

  budgetLedgerContract('PostgreSQL', async () => {
    await sql`truncate budget.spent, budget.budget`.execute(engine().admin)
    return createSqlLedger(engine().database(budgetMigration))
  })
})
