import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { exactSearch } from '../../subgraphs/recommendations/vectors/exact-search.ts'
import { extensionSchema } from '../../subgraphs/recommendations/vectors/sql-extension.ts'
import { numbersFrom } from '../../subgraphs/recommendations/vectors/planted-people.ts'
import { createSqlVectors } from '../../subgraphs/recommendations/vectors/sql-vectors.ts'
import type { PersonVector, VectorStore } from '../../subgraphs/recommendations/vectors/vector-store.ts'
import { rewriteTables } from '../../subgraphs/standing/sql-rewrite.ts'
import { yes } from '../support/feature-rows.ts'
import { emptyVectors, MIGRATION, personVector, randomVector, testKeys } from '../support/vectors.ts'

const DIMS = 8
const PEOPLE = 800
const MODEL = { name: 'tower-1', dims: DIMS, card: 'card-1' }
const NOON = Date.UTC(2026, 4, 1, 12)

describe('A search among those who consent', () => {
  let engine: Engine
  let directory: string
  let store: VectorStore
  const people: PersonVector[] = peopleOf(PEOPLE)

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'assent-vectors-'))
    engine = await openPglite({ dataDir: directory })
    await extensionSchema(engine.admin)
    await migrate(engine, [MIGRATION])
    // An index is made and used, however few there are.
    store = await emptyVectors(engine, { indexing: { from: 1 }, tuning: { exactUpTo: 0 } })
    await store.publish(MODEL, [])
    await agreed()
    expect(await store.put(people, NOON)).toBe(PEOPLE)
    await store.index('tower-1')
  })
  afterAll(async () => {
    await engine.close()
    rmSync(directory, { recursive: true, force: true })
  })
  beforeEach(() => agreed())

  const agreed = async (): Promise<void> => {
    await sql`truncate vectors.standing, vectors.standing_block, vectors.standing_mark`.execute(engine.admin)
    await store.standings.write(
      people.flatMap(({ pid }) => yes(pid, ['product_recs'])),
      '1',
    )
  }

  const keepOnly = async (share: number): Promise<PersonVector[]> => {
    const may = people.filter((_, n) => (n * 7919) % 1_000 < share * 1_000)
    const stay = new Set(may.map(({ pid }) => pid))
    await store.standings.write(
      people.flatMap(({ pid }) => (stay.has(pid) ? [] : [noMore(pid)])),
      '2',
    )
    return may
  }

  test('the trap: an index that is asked first and filtered afterwards answers too few, and this one does not', async () => {
    const may = await keepOnly(0.05)
    const stay = new Set(may.map(({ pid }) => pid))
    const vector = farFrom(may)
    const plain = await engine.admin.transaction().execute(async (transaction) => {
      await sql`set local enable_seqscan = off`.execute(transaction)
      await sql`set local enable_sort = off`.execute(transaction)
      const { rows } = await sql<{ pid: string }>`
        select pid from vectors.person where model = 1 and embedding is not null
          and exists (select from vectors.standing where standing.pid = person.pid and granted)
        order by embedding::vector(8) <#> ${`[${vector.join(',')}]`}::vector(8) limit 20`.execute(transaction)
      return rows
    })
    expect(plain.length, 'of forty who consent').toBeLessThan(20)
    const found = await search(vector, 20)
    expect(found).toHaveLength(20)
    expect(found.every(({ id }) => stay.has(id))).toBe(true)
  })

  test.each([0.005, 0.01, 0.1, 0.5])(
    'where %d of all consent, nobody else is found, none is missing, and they are the nearest',
    async (share) => {
      const may = await keepOnly(share)
      const stay = new Set(may.map(({ pid }) => pid))
      let hits = 0
      let wanted = 0
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 20 }), async (seed, k) => {
          const vector = randomVector(DIMS, numbersFrom(seed))
          const found = await search(vector, k)
          expect(found).toHaveLength(Math.min(k, may.length))
          expect(found.every(({ id }) => stay.has(id))).toBe(true)
          const nearest = exactSearch(
            may.map(({ pid: id, vector: own }) => ({ id, vector: own })),
            vector,
            k,
          )
          const names = new Set(found.map(({ id }) => id))
          hits += nearest.filter(({ id }) => names.has(id)).length
          wanted += nearest.length
        }),
        { numRuns: 25, seed: 8 },
      )
      expect(hits / wanted).toBeGreaterThanOrEqual(0.99)
    },
  )

  test('a no that is heard between two searches is in force in the second', async () => {
    const vector = randomVector(DIMS, numbersFrom(5))
    const gone = (await search(vector, 5)).map(({ id }) => id)
    await store.standings.write(gone.map(noMore), '2')
    const after = (await search(vector, 20)).map(({ id }) => id)
    expect(after).toHaveLength(20)
    expect(after.filter((id) => gone.includes(id))).toEqual([])
  })

  test('a sealed vector is in no file at all, and opens for nobody with another key', async () => {
    const secret = personVector('dee', {
      vector: Float32Array.from({ length: DIMS }, (_, n) => 1 + n / 7),
      isSealed: true,
    })
    await store.standings.write(yes('dee', ['product_recs']), '1')
    expect(await store.put([secret], NOON)).toBe(1)
    await sql`checkpoint`.execute(engine.admin)
    expect(filesWith(Buffer.from(secret.vector.buffer), directory)).toEqual([])
    expect((await search(secret.vector, 20)).map(({ id }) => id)).toContain('dee')
    const stranger = createSqlVectors({
      db: engine.database<never>(MIGRATION),
      admin: engine.admin,
      keys: { current: 'k1', key: () => Buffer.alloc(32, 8) },
    })
    const asked = { model: MODEL, vector: secret.vector, k: 20, scope: 'product_recs', now: NOON }
    expect((await stranger.people(asked)).map(({ id }) => id)).not.toContain('dee')
  })

  test('a sealed vector that is put under another pid opens for nobody', async () => {
    await store.standings.write([...yes('fay', ['product_recs']), ...yes('eve', ['product_recs'])], '1')
    const vector = Float32Array.from({ length: DIMS }, () => 3)
    await store.put([personVector('fay', { vector, isSealed: true })], NOON)
    await sql`update vectors.person set pid = 'eve' where pid = 'fay'`.execute(engine.admin)
    expect((await search(vector, 20)).map(({ id }) => id)).not.toContain('eve')
  })

  test('where few consent, they are looked at one by one, and exactly they', async () => {
    const plain = createSqlVectors({
      db: engine.database<never>(MIGRATION),
      admin: engine.admin,
      keys: testKeys(),
    })
    const may = await keepOnly(0.1)
    for (let seed = 1; seed <= 10; seed += 1) {
      const vector = randomVector(DIMS, numbersFrom(seed))
      const eligible = { except: may.slice(0, 5).map(({ pid }) => pid) }
      const asked = { model: MODEL, vector, k: 20, scope: 'product_recs', now: NOON, eligible }
      const candidates = may.slice(5).map(({ pid: id, vector: own }) => ({ id, vector: own }))
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const found = await plain.people(asked)
      expect(found.map(({ id }) => id)).toEqual(exactSearch(candidates, vector, 20).map(({ id }) => id))
    }
    await store.standings.write([], '3', {
      blocks: may.map(({ pid }) => ({ pid, kind: 'suppressed', revision: '3' })),
    })
    const nobody = {
      model: MODEL,
      vector: randomVector(DIMS, numbersFrom(1)),
      k: 20,
      scope: 'product_recs',
      now: NOON,
    }
    expect(await plain.people(nobody)).toEqual([])
  })

  test('a vector that was deleted is in no file: not in the table, not in the index, not in the log', async () => {
    const [canary] = people
    const bytes = Buffer.from(Float32Array.from(canary?.vector ?? []).buffer)
    await sql`checkpoint`.execute(engine.admin)
    expect(filesWith(bytes, directory).length, 'in the table and in the index').toBeGreaterThan(1)
    await store.standings.write([noMore(canary?.pid ?? '')], '2')
    expect(await store.purgeDead(NOON, [canary?.pid ?? ''])).toBe(1)
    await rewriteTables(engine.admin, ['vectors.person'])
    expect(filesWith(bytes, directory)).toEqual([])
    expect(await search(randomVector(DIMS, numbersFrom(5)), 20)).toHaveLength(20)
  })

  const search = (vector: Float32Array, k: number) =>
    store.people({ model: MODEL, vector, k, scope: 'product_recs', now: NOON })
})

const noMore = (pid: string) => ({
  pid,
  scope: 'product_recs',
  granted: false,
  receipt: null,
  expiresAt: null,
  revision: '2',
  cut: '2',
  basis: '0',
})

function peopleOf(count: number): PersonVector[] {
  const next = numbersFrom(3)
  return Array.from({ length: count }, (_, n) =>
    personVector(`pid-${n}`, { vector: randomVector(DIMS, next) }),
  )
}

/** Where those who consent are the last that an index comes to. */
function farFrom(people: readonly PersonVector[]): Float32Array {
  const sum = new Float32Array(DIMS)
  for (const { vector } of people)
    for (const [at, value] of vector.entries()) sum[at] = (sum[at] ?? 0) - value
  return sum
}

function filesWith(canary: Buffer, directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(canary))
}
