import { type Engine, migrate } from './database.ts'
import { keptVectorKeys, type WrappingKeys } from './recommendations/vectors/sql-vector-keys.ts'
import { vectorsMigration } from './recommendations/vectors/migration.ts'
import { extensionSchema } from './recommendations/vectors/sql-extension.ts'
import { createSqlVectors } from './recommendations/vectors/sql-vectors.ts'
import type { VectorStore } from './recommendations/vectors/vector-store.ts'
import { rewriteTables } from './standing/sql-rewrite.ts'

/** Vectors need an extension that a server may not have: it is looked for before their tables are made. Throws `PGVECTOR_MISSING`. */
export async function openVectors(engine: Engine, ring: WrappingKeys): Promise<VectorStore> {
  const { admin } = engine
  const migration = vectorsMigration(await extensionSchema(admin))
  await migrate(engine, [migration])
  const db = engine.database<never>(migration)
  return createSqlVectors({
    db,
    admin,
    keys: await keptVectorKeys(db, ring),
    // With a table its indexes are written anew: what was deleted is in neither.
    vacuum: () => rewriteTables(admin, TABLES_OF_PEOPLE),
  })
}

const TABLES_OF_PEOPLE = ['vectors.person', 'vectors.drawn', 'vectors.handed_out', 'vectors.retrieval']
