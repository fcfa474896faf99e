import { afterAll, beforeAll, describe } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { createMemoryVectors } from '../../subgraphs/recommendations/vectors/memory-vectors.ts'
import { extensionSchema } from '../../subgraphs/recommendations/vectors/sql-extension.ts'
import { emptyVectors, MIGRATION } from '../support/vectors.ts'
import { vectorStoreContract } from './vector-store.contract.ts'

vectorStoreContract('memory', async () => createMemoryVectors())

describe('PGlite', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openPglite()
    await extensionSchema(engine.admin)
    await migrate(engine, [MIGRATION])
  })
  afterAll(() => engine.close())

  vectorStoreContract('PGlite', () => emptyVectors(engine))
  vectorStoreContract('PGlite, where few consent and an index stands', () =>
    emptyVectors(engine, { indexing: { from: 1 } }),
  )
})
