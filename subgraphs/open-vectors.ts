import { type Engine, migrate } from './database.ts'
import { keptVectorKeys, type WrappingKeys } from './recommendations/vectors/sql-vector-keys.ts'
import { handedOutMigration, vectorsMigration } from './recommendations/vectors/migration.ts'
import { extensionSchema } from './recommendations/vectors/sql-extension.ts'
import { createSqlHandedOut } from './recommendations/vectors/sql-handed-out.ts'
import { createSqlVectors } from './recommendations/vectors/sql-vectors.ts'
import { createStoredVectors, type StoredVectors } from './recommendations/vectors/stored-vectors.ts'
import type { KeptHandedOut, VectorStore } from './recommendations/vectors/vector-store.ts'
import { rewriteTables } from './standing/sql-rewrite.ts'

export interface OpenVectors {
  /** Vectors of items and of people; null: none are kept. */
  readonly vectors: VectorStore | null
  /** Through which vectors of people are kept, with noise in them. */
  readonly storedVectors: StoredVectors | null
  /** What clients were given: beside the vectors, or by itself where none are kept. */
  readonly handedOut: KeptHandedOut
}

export interface VectorOptions {
  /** Whether vectors are kept, which needs pgvector on a server of one's own; default: they are. */
  readonly vectors?: 'on' | 'off'
  /** With which noise vectors of people are kept; absent: none are. */
  readonly storedVectors?: StoredVectorOptions
}

/**
 * Vectors need an extension that a server may not have: it is looked for before their tables are made.
 * Throws `PGVECTOR_MISSING`, `STORED_VECTOR_NOISE_TOO_WEAK`.
 */
export async function openVectors(
  engine: Engine,
  ring: WrappingKeys,
  { vectors = 'on', storedVectors }: VectorOptions,
): Promise<OpenVectors> {
  const { admin } = engine
  if (vectors === 'off') return { vectors: null, storedVectors: null, handedOut: await openHandedOut(engine) }
  const migration = vectorsMigration(await extensionSchema(admin))
  await migrate(engine, [migration])
  const db = engine.database<never>(migration)
  const store = createSqlVectors({
    db,
    admin,
    keys: await keptVectorKeys(db, ring),
    // With a table its indexes are written anew: what was deleted is in neither.
    vacuum: () => rewriteTables(admin, TABLES_OF_PEOPLE),
  })
  return { vectors: store, storedVectors: openStoredVectors(store, storedVectors), handedOut: store }
}

async function openHandedOut(engine: Engine): Promise<KeptHandedOut> {
  await migrate(engine, [handedOutMigration])
  const vacuum = (): Promise<void> =>
    rewriteTables(engine.admin, ['handed_out.handed_out', 'handed_out.retrieval', 'handed_out.counted_as'])
  return createSqlHandedOut(engine.database<never>(handedOutMigration), vacuum)
}

export interface StoredVectorOptions {
  readonly sigma: string
  readonly dims: number
  readonly mostLinkagePercent: number
  readonly sealedScopes: readonly string[]
  /** Clients that may look for people. */
  readonly foundBy: readonly string[]
}

/** Vectors are as long as 1 at most: whoever makes them puts them so. */
const CLIP = 1

const openStoredVectors = (store: VectorStore, options: StoredVectorOptions | undefined): StoredVectors =>
  createStoredVectors(
    store,
    options === undefined
      ? null
      : {
          sigma: options.sigma,
          dims: options.dims,
          clip: CLIP,
          mostLinkage: options.mostLinkagePercent / 100,
          sealedScopes: new Set(options.sealedScopes),
        },
  )

const TABLES_OF_PEOPLE = [
  'vectors.person',
  'vectors.drawn',
  'vectors.handed_out',
  'vectors.retrieval',
  'vectors.counted_as',
]
