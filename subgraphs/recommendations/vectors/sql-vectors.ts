import { type Kysely, sql } from 'kysely'
import { createSqlStandings } from '../../standing/sql-standings.ts'
import { bestFirst, exactSearch } from './exact-search.ts'
import { openVector, type SealedVector } from './sealed-vector.ts'
import { purgeHandedOut, sqlHandedOut } from './sql-handed-out.ts'
import {
  INDEXING,
  type Indexing,
  type KeptModel,
  makeIndexes,
  noteUse,
  publish,
  readModel,
  retire,
  unusedSince,
} from './sql-models.ts'
import { pidHolder, purgePeople, putPeople } from './sql-people.ts'
import { among, consents, findItems, findPeople, type Searching, type Tuning, TUNING } from './sql-search.ts'
import type { PeopleSearch, VectorKeys, VectorModel, VectorStore } from './vector-store.ts'

export interface SqlVectorsOptions {
  readonly db: Kysely<never>
  /** Of the engine's own user, to whom the tables belong: it makes indexes. */
  readonly admin: Kysely<unknown>
  readonly keys: VectorKeys
  /** Removes from the files what was deleted. */
  readonly vacuum?: () => Promise<void>
  readonly tuning?: Partial<Tuning>
  readonly indexing?: Partial<Indexing>
}

/** Vectors in PGlite or PostgreSQL 15 and later, with pgvector 0.8 and later. */
export function createSqlVectors(options: SqlVectorsOptions): VectorStore {
  const { db, admin, keys, vacuum = async () => {} } = options
  const searching: Searching = { db, tuning: { ...TUNING, ...options.tuning }, sizes: new Map() }
  const indexing = { ...INDEXING, ...options.indexing }
  const kept = rememberedModels(db)
  return {
    standings: createSqlStandings(db),
    model: (name) => readModel(db, name),
    publish: (model, items) => publish(db, model, items),
    noteUse: (name, now) => noteUse(db, name, now),
    unusedSince: (moment) => unusedSince(db, moment),
    async retire(name) {
      await retire(db, admin, name)
      kept.forget(name)
    },
    put: (rows, now) => putPeople(db, rows, { now, keys }),
    async index(name) {
      const model = await readModel(db, name)
      if (model !== null) await makeIndexes(admin, model, indexing)
      kept.forget(name)
    },
    async items(search) {
      const model = await kept.of(search.model)
      return model === null ? [] : findItems({ ...search, model }, searching)
    },
    async people(search) {
      const model = await kept.of(search.model)
      if (model === null) return []
      const asked = { ...search, model }
      const found = await Promise.all([findPeople(asked, searching), findSealed(db, asked, keys)])
      return found.flat().toSorted(bestFirst).slice(0, search.k)
    },
    ...sqlHandedOut(db),
    async purgeDead(now, pids) {
      await purgeHandedOut(db, now)
      return purgePeople(db, now, pids)
    },
    vacuum,
    ...pidHolder(db, keys),
  }
}

const REMEMBERED_MS = 5_000

interface RememberedModels {
  of(model: VectorModel): Promise<KeptModel | null>
  forget(name: string): void
}

/** What does not change but whether there is an index, which is found out a moment later. */
function rememberedModels(db: Kysely<never>): RememberedModels {
  const known = new Map<string, { readonly model: KeptModel; readonly until: number }>()
  return {
    async of({ name }) {
      const one = known.get(name)
      if (one !== undefined && one.until > performance.now()) return one.model
      known.delete(name)
      const model = await readModel(db, name)
      if (model !== null) known.set(name, { model, until: performance.now() + REMEMBERED_MS })
      return model
    },
    forget: (name) => void known.delete(name),
  }
}

interface SealedRow extends SealedVector {
  readonly pid: string
  readonly scope: string
}

/** No index can be made of what the database cannot read: all of them are opened here, and one that does not open is nobody's. */
async function findSealed(
  db: Kysely<never>,
  search: PeopleSearch & { readonly model: KeptModel },
  keys: VectorKeys,
): Promise<readonly { readonly id: string; readonly score: number }[]> {
  const { model, vector, k, eligible } = search
  const { rows } = await sql<SealedRow>`
    with own as materialized (select * from person
      where person.model = ${sql.lit(model.id)} and person.scope = ${search.scope} and person.sealed is not null)
    select pid, scope, key_id as "keyId", sealed as bytes from own as person where ${consents(search)}
      and ${among('person.pid', eligible)} order by pid`.execute(db)
  const opened = rows.flatMap(({ pid, scope, keyId, bytes }) => {
    const own = openVector({ keyId, bytes: Buffer.from(bytes) }, { pid, scope, model: model.name }, keys)
    return own === null || own.length !== model.dims ? [] : [{ id: pid, vector: own }]
  })
  return exactSearch(opened, vector, k)
}
