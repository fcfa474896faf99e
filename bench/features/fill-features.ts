import { type RawBuilder, sql } from 'kysely'
import type { Engine } from '../../subgraphs/database.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'

/** Pids are spread as hashes are, so that no two people asked for lie beside each other. */
const pid = sql`translate(encode(sha256(number::text::bytea), 'base64'), '+/=', '-_')`

/** With what the migrations keep in their keys. */
const KEYS = [
  ['standing', sql`(pid, scope) include (granted, expires_at, cut)`],
  ['served', sql`(pid, scope)`],
] as const

/**
 * A million people with a value of each feature, and a yes to each scope. Keys are made when everything is there. What is
 * measured reads: everything is on disk before, so that nobody who reads has to write for those who have filled. What is filled
 * stays as it is.
 */
export const fillFeatures = async ({ admin }: Engine, entities: number): Promise<void> => {
  const { rows } = await sql`select from features.served limit 1`.execute(admin)
  if (rows.length > 0) return
  const keyOf = (table: string) => sql`alter table ${sql.id('features', table)}`
  for (const [table] of KEYS)
    // oxlint-disable-next-line no-await-in-loop -- one table after the other
    await sql`${keyOf(table)} drop constraint ${sql.id(`${table}_pkey`)}`.execute(admin)
  await insert(admin, entities)
  for (const [table, key] of KEYS)
    // oxlint-disable-next-line no-await-in-loop -- one table after the other
    await sql`${keyOf(table)} add primary key ${key}`.execute(admin)
  await sql`vacuum (analyze, freeze) features.standing, features.served, features.standing_block`.execute(
    admin,
  )
  await sql`checkpoint`.execute(admin)
}

const insert = async (admin: Engine['admin'], entities: number): Promise<void> => {
  const now = Date.now()
  // Person by person, as they are computed: what is given depends on the number, so that it is not taken the other way round.
  const people = sql`(select ${pid} as pid, number from generate_series(1, ${entities}::int) as number) as people
    cross join lateral jsonb_to_recordset(case when number > 0 then ${JSON.stringify(templates(now))}::jsonb end)
      as given (scope text, vals text)`
  await sql`insert into features.standing (pid, scope, granted, receipt, expires_at, revision, cut, basis)
    select pid, scope, true, 'rc-' || number, now() + interval '300 days', number, 0, number from ${people}`.execute(
    admin,
  )
  await sql`insert into features.served (pid, scope, consent_id, consent_revision, expires_at, due_at, vals, plain, lineage)
    select pid, scope, 'rc-' || number, number, ${now + 8e9}::bigint, ${now + 4e9}::bigint, vals, features.plain_values(vals), '{}'
    from (select pid, scope, number, replace(vals, '"value"', round((random() * 100)::numeric, 2)::text)::jsonb as vals
      from ${people} offset 0) as valued`.execute(admin)
  // One person in a hundred may not be used at all, and is never asked for here.
  await sql`insert into features.standing_block (pid, kind, revision)
    select 'blocked-' || number, 'suppressed', number from generate_series(1, ${Math.ceil(entities / 100)}::int) as number`.execute(
    admin,
  )
}

/** What is kept of one person, by scope; `"value"` stands for a number. */
const templates = (now: number): readonly { readonly scope: string; readonly vals: string }[] => {
  const scopes = new Map<string, Record<string, unknown>>()
  for (const { name, scope, type } of openDefinitions())
    scopes.set(scope, { ...scopes.get(scope), [name]: [madeUp(type), now, now + 8e9, now + 4e9] })
  return [...scopes].map(([scope, vals]) => ({ scope, vals: JSON.stringify(vals) }))
}

/** Of the type of the feature, so that it can be answered. */
const madeUp = (type: string): unknown =>
  type === '[String!]'
    ? ['KIT-001', 'GAR-014', 'TOY-020']
    : type === 'String'
      ? 'somethingtold'
      : type === 'Boolean'
        ? true
        : type === 'Int'
          ? 17
          : 'value'

/** People of whom anybody may be asked for, at random. */
export const drawPeople = async (
  { admin }: Engine,
  { entities, count }: { readonly entities: number; readonly count: number },
): Promise<readonly string[]> => {
  const drawn: RawBuilder<{ pid: string }> = sql`
    select ${pid} as pid from (select (random() * ${entities - 1})::int + 1 as number
      from generate_series(1, ${count}::int)) as drawn`
  const { rows } = await drawn.execute(admin)
  return rows.map((row) => row.pid)
}
