import { type Kysely, sql } from 'kysely'
import type { Engine } from '../../subgraphs/database.ts'
import { vectorsMigration } from '../../subgraphs/recommendations/vectors/migration.ts'
import {
  createSqlVectors,
  type SqlVectorsOptions,
} from '../../subgraphs/recommendations/vectors/sql-vectors.ts'
import { numbersFrom } from '../../subgraphs/recommendations/vectors/planted-people.ts'
import type {
  ItemVector,
  PersonVector,
  VectorKeys,
  VectorModel,
  VectorStore,
} from '../../subgraphs/recommendations/vectors/vector-store.ts'

export const MIGRATION = vectorsMigration('public')

export const TOWER: VectorModel = { name: 'tower-1', dims: 4, card: 'card-1' }

export const testKeys = (fill = 7): VectorKeys => {
  const key = Buffer.alloc(32, fill)
  return { current: 'k1', key: (id) => (id === 'k1' ? key : null) }
}

/** One for all stores of an engine: each keeps connections of its own, and a server has so many. */
const databaseOf = (engine: Engine): Kysely<never> => {
  const known = databases.get(engine) ?? engine.database<never>(MIGRATION)
  databases.set(engine, known)
  return known
}

const databases = new WeakMap<Engine, Kysely<never>>()

export async function emptyVectors(
  engine: Engine,
  options: Partial<Omit<SqlVectorsOptions, 'db' | 'admin'>> = {},
): Promise<VectorStore> {
  const { rows } = await sql<{ name: string }>`
    select indexrelid::regclass::text as name from pg_index join pg_class on pg_class.oid = indexrelid
    where relname ~ '^(item|person)_of_'`.execute(engine.admin)
  // oxlint-disable-next-line no-await-in-loop -- one connection
  for (const { name } of rows) await sql`drop index ${sql.table(name)}`.execute(engine.admin)
  await sql`truncate vectors.model, vectors.item, vectors.person, vectors.drawn, vectors.search_count, vectors.handed_out,
    vectors.retrieval, vectors.standing, vectors.standing_block, vectors.standing_mark restart identity`.execute(
    engine.admin,
  )
  return createSqlVectors({
    db: databaseOf(engine),
    admin: engine.admin,
    keys: testKeys(),
    ...options,
  })
}

export const randomVector = (dims: number, next: () => number): Float32Array =>
  Float32Array.from({ length: dims }, () => Math.round((next() - 0.5) * 2_000) / 1_000)

export const itemsOf = (count: number, dims: number, seed = 1): ItemVector[] => {
  const next = numbersFrom(seed)
  return Array.from({ length: count }, (_, n) => ({ item: `item-${n}`, vector: randomVector(dims, next) }))
}

export const personVector = (pid: string, rest: Partial<PersonVector> = {}): PersonVector => ({
  pid,
  scope: 'product_recs',
  consentId: `rc-${pid}`,
  consentRevision: '1',
  model: TOWER.name,
  vector: Float32Array.of(1, 0, 0, 0),
  sigma: 0.5,
  clip: 1,
  isSealed: false,
  ...rest,
})
