// How well and how fast is found who is near, where 1 %, 10 % and 50 % of 100,000 people consent.
import { sql } from 'kysely'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import { bestFirst, exactSearch } from '../../subgraphs/recommendations/vectors/exact-search.ts'
import { vectorsMigration } from '../../subgraphs/recommendations/vectors/migration.ts'
import { numbersFrom } from '../../subgraphs/recommendations/vectors/planted-people.ts'
import { extensionSchema } from '../../subgraphs/recommendations/vectors/sql-extension.ts'
import { createSqlVectors } from '../../subgraphs/recommendations/vectors/sql-vectors.ts'
import type { PersonVector, VectorStore } from '../../subgraphs/recommendations/vectors/vector-store.ts'
import { startPostgres } from '../../test/support/services/postgres.ts'

interface VectorsOptions {
  readonly vectors: number
  readonly questions: number
  readonly progress: (line: string) => void
}

const DIMS = 64
const MODEL = { name: 'bench', dims: DIMS, card: 'made up' }
const K = 20
const WARM = 100
const NOW = 1_000
const SHARES = [0.01, 0.1, 0.5]

export const benchVectors = async ({ vectors, questions, progress }: VectorsOptions): Promise<string> => {
  const { url, stop } = await startPostgres(progress, { sharedBuffers: '512MB' })
  try {
    const engine = await connectPostgres(url)
    try {
      return await measure(engine, { vectors, questions: Math.min(questions, MOST_QUESTIONS), progress })
    } finally {
      await engine.close()
    }
  } finally {
    await stop()
  }
}

const MOST_QUESTIONS = 1_000

const measure = async (engine: Engine, { vectors, questions, progress }: VectorsOptions): Promise<string> => {
  const migration = vectorsMigration(await extensionSchema(engine.admin))
  await migrate(engine, [migration])
  const store = createSqlVectors({
    db: engine.database<never>(migration),
    admin: engine.admin,
    keys: { current: '', key: () => null },
  })
  const next = numbersFrom(1)
  const draw = tasteful(next)
  const people = Array.from({ length: vectors }, (_, n) => ({ pid: `pid-${n}`, vector: draw() }))
  const begun = performance.now()
  await fill(engine, store, people)
  progress(`${vectors} vectors; making the index`)
  await sql`set maintenance_work_mem = '512MB'`.execute(engine.admin)
  await store.index(MODEL.name)
  const filledMs = performance.now() - begun
  const lines: string[] = []
  // oxlint-disable no-await-in-loop -- one after the other
  for (const share of SHARES) {
    await consentOf(engine, share)
    lines.push(await measureShare(store, { people, share, questions, draw }))
    progress(lines.at(-1) ?? '')
  }
  // oxlint-enable no-await-in-loop
  return [
    `${vectors} × ${DIMS} vectors of people on PostgreSQL with pgvector; kept and indexed in ${Math.round(filledMs / 1_000)} s.`,
    'Recall is against a look at everybody who consents; of the first 200 questions.',
    '',
    '| consent | found | recall@20 | p50 ms | p90 ms | p99 ms |',
    '|---|---|---|---|---|---|',
    ...lines,
  ].join('\n')
}

/** As factors of a model are: some tastes that many share, and directions that matter less and less. */
const tasteful = (next: () => number): (() => Float32Array) => {
  const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  const drawn = (width: (at: number) => number): Float32Array =>
    Float32Array.from({ length: DIMS }, (_, at) => gaussian() * width(at))
  const tastes = Array.from({ length: 50 }, () => drawn((at) => (at + 1) ** -0.5))
  return () => {
    const taste = tastes[Math.floor(next() * tastes.length)] as Float32Array
    const own = drawn((at) => 0.7 * (at + 1) ** -0.5).map((value, at) => value + (taste[at] ?? 0))
    const length = Math.hypot(...own)
    return own.map((value) => value / length)
  }
}

interface Person {
  readonly pid: string
  readonly vector: Float32Array
}

const fill = async (engine: Engine, store: VectorStore, people: readonly Person[]): Promise<void> => {
  await store.publish(MODEL, [])
  await sql`insert into vectors.standing (pid, scope, granted, receipt, expires_at, revision, cut, basis)
    select 'pid-' || n, 'recs', true, 'rc-' || n, null, 1, 0, 1 from generate_series(0, ${people.length - 1}::int) as n`.execute(
    engine.admin,
  )
  const rows: PersonVector[] = people.map(({ pid, vector }) => ({
    pid,
    vector,
    scope: 'recs',
    consentId: `rc-${pid}`,
    consentRevision: '1',
    model: MODEL.name,
    sigma: 0.5,
    clip: 1,
    isSealed: false,
  }))
  await store.put(rows, NOW)
}

/** Who consents is spread over all. */
const isAmong = (n: number, share: number): boolean => (n * 7_919) % 10_000 < share * 10_000

const consentOf = async ({ admin }: Engine, share: number): Promise<void> => {
  await sql`update vectors.standing set granted = (substr(pid, 5)::bigint * 7919) % 10000 < ${share * 10_000}::int`.execute(
    admin,
  )
  await sql`vacuum (full, analyze) vectors.standing`.execute(admin)
  await sql`analyze vectors.person`.execute(admin)
}

interface ShareOptions {
  readonly people: readonly Person[]
  readonly share: number
  readonly questions: number
  readonly draw: () => Float32Array
}

const RECALLED = 200

/** Of what a look at everybody finds; what finds less is no figure to publish. */
const LEAST_RECALL = 0.99

const measureShare = async (
  store: VectorStore,
  { people, share, questions, draw }: ShareOptions,
): Promise<string> => {
  const eligible = people.filter((_, n) => isAmong(n, share)).map(({ pid: id, vector }) => ({ id, vector }))
  const took: number[] = []
  let hits = 0
  let wanted = 0
  let fewest = K
  // oxlint-disable no-await-in-loop -- one question after the other
  for (let turn = -WARM; turn < questions; turn += 1) {
    const vector = draw()
    const begun = performance.now()
    const found = await store.people({ model: MODEL, vector, k: K, scope: 'recs', now: NOW })
    if (turn >= 0) took.push(performance.now() - begun)
    fewest = Math.min(fewest, found.length)
    if (turn < 0 || turn >= RECALLED) continue
    const nearest = exactSearch(eligible, vector, K).toSorted(bestFirst)
    const least = (nearest.at(-1)?.score ?? 0) - 1e-5
    hits += found.filter(({ score }) => score >= least).length
    wanted += nearest.length
  }
  // oxlint-enable no-await-in-loop
  const recall = hits / wanted
  if (fewest < K || recall < LEAST_RECALL)
    throw new Error(
      `Where ${share * 100} % consent, ${fewest} were found and recall@${K} is ${recall.toFixed(4)}.`,
    )
  took.sort((a, b) => a - b)
  const at = (part: number): string => (took[Math.floor(took.length * part)] ?? NaN).toFixed(2)
  return `| ${share * 100} % (${eligible.length}) | ${fewest} or more | ${recall.toFixed(4)} | ${at(0.5)} | ${at(0.9)} | ${at(0.99)} |`
}
