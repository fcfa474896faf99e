import { sql } from 'kysely'
import { afterAll, describe, expect, test } from 'vitest'
import { connectPostgres } from '../../subgraphs/database.ts'
import { extensionSchema } from '../../subgraphs/recommendations/vectors/sql-extension.ts'
import { createSqlVectors } from '../../subgraphs/recommendations/vectors/sql-vectors.ts'
import { ownPostgres, POSTGRES_URL } from '../support/postgres-engine.ts'
import { emptyVectors, MIGRATION, testKeys } from '../support/vectors.ts'
import { vectorStoreContract } from './vector-store.contract.ts'

describe.skipIf(POSTGRES_URL === '')('PostgreSQL', () => {
  const engine = ownPostgres('vectors', MIGRATION, ({ admin }) => extensionSchema(admin))
  const closers: (() => Promise<void>)[] = []
  afterAll(async () => {
    await Promise.all(closers.map((close) => close()))
  })

  vectorStoreContract('PostgreSQL', () => emptyVectors(engine()))
  vectorStoreContract('PostgreSQL, where few consent and an index stands', () =>
    emptyVectors(engine(), { indexing: { from: 1 } }),
  )

  test('two replicas that race hand out twenty different results together, and no more', async () => {
    const first = await emptyVectors(engine())
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(engine().admin)
    const url = Object.assign(new URL(POSTGRES_URL), { pathname: `/${rows[0]?.name}` }).href
    const other = await connectPostgres(url)
    closers.push(() => other.close())
    const second = createSqlVectors({
      db: other.database<never>(MIGRATION),
      admin: other.admin,
      keys: testKeys(),
    })
    const line = {
      at: 1_000_000,
      client: 'shop',
      purpose: 'personalization',
      about: null,
      among: 'items',
      model: 'tower-1',
      k: 5,
    } as const
    const rounds = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        (n % 2 === 0 ? first : second).handOut([
          {
            line,
            countedFor: null,
            found: Array.from({ length: 5 }, (__, i) => `item-${n * 5 + i}`),
            wanted: 5,
            most: 20,
            windowMs: 60_000,
          },
        ]),
      ),
    )
    expect(new Set(rounds.flat(2)).size).toBe(20)
    expect(await first.retrievals(100)).toHaveLength(60)
    const admitted = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        (n % 2 === 0 ? first : second).admit({
          ...line,
          searches: 1,
          most: 10,
          windowMs: 60_000,
          now: line.at,
        }),
      ),
    )
    expect(admitted.filter((each) => each === 'admitted')).toHaveLength(10)
  })
})
