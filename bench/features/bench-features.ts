// How long twenty features of a hundred people take out of a million, read as the features subgraph reads them.
import { sql } from 'kysely'
import { connectPostgres, type Engine, migrate } from '../../subgraphs/database.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import { featuresMigration } from '../../subgraphs/features/migration.ts'
import { createSqlFeaturesStore } from '../../subgraphs/features/sql-store.ts'
import { startPostgres } from '../../test/support/services/postgres.ts'

interface FeaturesOptions {
  readonly entities: number
  readonly questions: number
  readonly progress: (line: string) => void
}

const PEOPLE = 100
const WARM = 200

export const benchFeatures = async ({ entities, questions, progress }: FeaturesOptions): Promise<string> => {
  const { url, stop } = await startPostgres(progress, { sharedBuffers: '2GB' })
  try {
    const engine = await connectPostgres(url)
    try {
      await migrate(engine, [featuresMigration])
      progress(`filling ${entities} people`)
      await fill(engine, entities)
      return await measure(engine, { entities, questions, progress })
    } finally {
      await engine.close()
    }
  } finally {
    await stop()
  }
}

/** Pids are spread as hashes are, so that no two people asked for lie beside each other. */
const pid = sql`translate(encode(sha256(number::text::bytea), 'base64'), '+/=', '-_')`

const TABLES = ['standing', 'served']

/** Keys are made when everything is there, and nothing is written twice for a crash: what is measured reads. */
const fill = async ({ admin }: Engine, entities: number): Promise<void> => {
  const keyOf = (table: string) => sql`alter table ${sql.id('features', table)}`
  for (const table of TABLES) {
    // oxlint-disable no-await-in-loop -- one table after the other
    await sql`${keyOf(table)} set unlogged`.execute(admin)
    await sql`${keyOf(table)} drop constraint ${sql.id(`${table}_pkey`)}`.execute(admin)
    // oxlint-enable no-await-in-loop
  }
  const now = Date.now()
  const people = sql`(select ${pid} as pid, number from generate_series(1, ${entities}::int) as number) as people
    cross join lateral jsonb_to_recordset(${JSON.stringify(templates(now))}::jsonb) as given (scope text, vals text)`
  await sql`insert into features.standing (pid, scope, granted, receipt, expires_at, revision, cut, basis)
    select pid, scope, true, 'rc-' || number, now() + interval '300 days', number, 0, number from ${people}`.execute(
    admin,
  )
  await sql`insert into features.served (pid, scope, consent_id, consent_revision, expires_at, due_at, vals, lineage)
    select pid, scope, 'rc-' || number, number, ${now + 8e9}::bigint, ${now + 4e9}::bigint,
      replace(vals, '"value"', round((random() * 100)::numeric, 2)::text)::jsonb, '{}' from ${people}`.execute(
    admin,
  )
  for (const table of TABLES)
    // oxlint-disable-next-line no-await-in-loop -- one table after the other
    await sql`${keyOf(table)} add primary key (pid, scope)`.execute(admin)
  await sql`vacuum analyze features.standing, features.served`.execute(admin)
}

/** What is kept of one person, by scope; `"value"` stands for a number. */
const templates = (now: number): readonly { readonly scope: string; readonly vals: string }[] => {
  const scopes = new Map<string, Record<string, unknown>>()
  for (const { name, scope } of openDefinitions())
    scopes.set(scope, { ...scopes.get(scope), [name]: ['value', now, now + 8e9, now + 4e9] })
  return [...scopes].map(([scope, vals]) => ({ scope, vals: JSON.stringify(vals) }))
}

const measure = async (
  engine: Engine,
  { entities, questions, progress }: FeaturesOptions,
): Promise<string> => {
  const store = createSqlFeaturesStore(engine.database<never>(featuresMigration))
  const features = openDefinitions().map(({ name, scope }) => ({ feature: name, scope }))
  const { rows } = await sql<{ pid: string }>`
    select ${pid} as pid from (select (random() * ${entities - 1})::int + 1 as number from generate_series(1, 50000)) as drawn`.execute(
    engine.admin,
  )
  const ask = async (turn: number): Promise<number> => {
    const people = Array.from(
      { length: PEOPLE },
      (_, n) => rows[(turn * PEOPLE + n) % rows.length]?.pid ?? '',
    )
    const keys = people.flatMap((one) => features.map((feature) => ({ ...feature, pid: one })))
    const begun = performance.now()
    const read = await store.read(keys, Date.now())
    const took = performance.now() - begun
    if (read.length < new Set(people).size * features.length) throw new Error('Not everybody was answered.')
    return took
  }
  // oxlint-disable no-await-in-loop -- one question after the other
  for (let turn = 0; turn < WARM; turn += 1) await ask(turn)
  const took: number[] = []
  for (let turn = 0; turn < questions; turn += 1) took.push(await ask(WARM + turn))
  // oxlint-enable no-await-in-loop
  took.sort((a, b) => a - b)
  const at = (share: number): string => (took[Math.floor(took.length * share)] ?? NaN).toFixed(2)
  progress(`${took.length} questions`)
  return [
    `| people | features | of | p50 ms | p90 ms | p99 ms |`,
    `|---|---|---|---|---|---|`,
    `| ${PEOPLE} | ${features.length} | ${entities} | ${at(0.5)} | ${at(0.9)} | ${at(0.99)} |`,
  ].join('\n')
}
