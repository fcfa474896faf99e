import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { featuresMigration } from '../../subgraphs/features/migration.ts'
import { createSqlFeaturesStore } from '../../subgraphs/features/sql-store.ts'
import { readValues, yes } from '../support/feature-rows.ts'
import { emptyFeatures } from '../support/empty-features.ts'
import { featuresStoreContract } from './features-store.contract.ts'

featuresStoreContract('memory', async () => createMemoryFeaturesStore())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [featuresMigration])
  })
  afterAll(() => engine.close())

  featuresStoreContract('PGlite', async () => {
    await emptyFeatures(engine)
    return createSqlFeaturesStore(engine.database(featuresMigration))
  })

  describe('rows that were put into the tables by other hands', () => {
    const NOON = Date.UTC(2026, 4, 1, 12)
    const key = { pid: 'ada', scope: 'analytics', feature: 'sessions_7d' }
    const plant = (receipt: string, revision: number, expiresAt: number) =>
      sql`
      insert into features.served (pid, scope, consent_id, consent_revision, expires_at, vals, plain, lineage)
      values ('ada', 'analytics', ${receipt}, ${revision}, ${NOON + 1e9},
        jsonb_build_object('sessions_7d', jsonb_build_array(3, ${NOON}::bigint, ${expiresAt}::bigint, null)),
        '{"sessions_7d": 3}', '{}')`.execute(engine.admin)

    test('a receipt that said yes once does not bring a row back when a newer one says no, without any purge', async () => {
      await emptyFeatures(engine)
      const store = createSqlFeaturesStore(engine.database(featuresMigration))
      await store.standings.write(yes('ada'), '1')
      await plant('rc-ada', 1, NOON + 1e9)
      expect(await readValues(store, [key], NOON)).toHaveLength(1)
      const [withdrawn] = yes('ada', ['analytics']).map((one) => ({
        ...one,
        granted: false,
        receipt: null,
        revision: '2',
        cut: '2',
      }))
      await store.standings.write(withdrawn ? [withdrawn] : [], '2')
      const { rows } = await sql`select from features.served`.execute(engine.admin)
      expect(rows, 'the row is still there').toHaveLength(1)
      expect(await readValues(store, [key], NOON)).toEqual([])
      expect(await store.trace([key], NOON)).toEqual([])
    })

    test('a value that has run out is not answered, whatever the row says of itself', async () => {
      await emptyFeatures(engine)
      const store = createSqlFeaturesStore(engine.database(featuresMigration))
      await store.standings.write(yes('ada'), '1')
      await plant('rc-ada', 1, NOON)
      await sql`update features.served set expires_at = ${NOON}`.execute(engine.admin)
      expect(await readValues(store, [key], NOON)).toEqual([])
    })

    test('refuses a row without the receipt that allows it', async () => {
      await expect(plant(null as never, 1, NOON)).rejects.toMatchObject({ code: '23502' })
    })
  })
})
