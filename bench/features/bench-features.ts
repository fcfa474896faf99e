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

const fill = async ({ admin }: Engine, entities: number): Promise<void> => {
  const now = Date.now()
  const features = openDefinitions().map(({ name, scope }) => ({ name, scope }))
  const numbered = sql`(select ${pid} as pid, number from generate_series(1, ${entities}::int) as number) as people,
    (select scope, array_agg(name) as names from jsonb_to_recordset(${JSON.stringify(features)}::jsonb) as given (name text, scope text) group by 1) as scopes`
  await sql`insert into features.standing (pid, scope, granted, receipt, expires_at, revision, cut, basis)
    select pid, scope, true, 'rc-' || number, now() + interval '300 days', number, 0, number from ${numbered} order by 1, 2`.execute(
    admin,
  )
  await sql`insert into features.served (pid, scope, consent_id, consent_revision, expires_at, due_at, vals, lineage)
    select pid, scope, 'rc-' || number, number, ${now + 8e9}::bigint, ${now + 4e9}::bigint,
      (select jsonb_object_agg(name, jsonb_build_array(round((random() * 100)::numeric, 2), ${now}::bigint, ${now + 8e9}::bigint, ${now + 4e9}::bigint))
        from unnest(names) as name), '{}'
    from ${numbered} order by 1, 2`.execute(admin)
  await sql`vacuum analyze features.standing, features.served`.execute(admin)
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
