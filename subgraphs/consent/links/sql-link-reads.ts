import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Concerned, Said } from '../store.ts'
import type { LinkKind, TakenLink } from './link.ts'

interface LinkRow {
  readonly decision: string
  readonly kind: LinkKind
  readonly pids: readonly string[]
  readonly at: Date
  readonly by: string
  readonly taken_at: Date
  readonly revision: string
  readonly undone: string | null
}

/** Those of them that were taken, or ended before they came; null: all there are. */
export async function readTakenLinks(
  db: Kysely<unknown>,
  decisionIds: readonly string[] | null,
): Promise<ReadonlyMap<string, TakenLink>> {
  const { rows } = await sql<LinkRow>`
    select decision, kind, pids, at, by, taken_at, revision, undone from link
    where ${decisionIds === null ? sql`true` : sql`decision = any(${decisionIds}::text[])`}`.execute(db)
  return new Map(
    rows.map(({ decision, at, taken_at: takenAt, ...row }) => [
      decision,
      { ...row, decisionId: decision, at: at.getTime(), takenAt: takenAt.getTime() },
    ]),
  )
}

/** Whom writes were about, and everybody who is linked to them: at the very moment the writes are read. */
export async function readConcerned(
  db: Kysely<unknown>,
  revision: string,
  limit: number,
): Promise<readonly Concerned[]> {
  const { rows } = await sql<Concerned>`
    with told as materialized (
      select revision, subject from change where revision > ${revision}::bigint and subject is not null
      order by revision limit ${limit}
    )
    select revision, subject from told
    union
    select told.revision, mate.pid from told join linked on linked.pid = told.subject
      join linked mate on mate.component = linked.component
    order by revision`.execute(db)
  return rows
}

/** Of an array: one more lookup for each subject, and no more for who is linked to nobody. */
export const COMPONENTS_OF = (subjects: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`select distinct component from linked where pid = any(${subjects})`

/** Whether anything was written since about somebody linked to one of these. */
export async function isLinkedWordNewer(
  db: Kysely<unknown>,
  subjects: readonly string[],
  asOf: string,
): Promise<boolean> {
  const { rows } = await sql`
    select 1 from linked join person using (pid)
    where component in (${COMPONENTS_OF(sql`${subjects}::text[]`)}) and revision > ${asOf}::bigint limit 1`.execute(
    db,
  )
  return rows.length > 0
}

const MOST_SAID = 10_000

export async function readSaidWhileLinked(db: Kysely<unknown>, decisionId: string): Promise<readonly Said[]> {
  const { rows } = await sql<Omit<Said, 'at'> & { readonly at: Date }>`
    with decided as (select pids, revision, undone from link where decision = ${decisionId}),
      pid as (
        select unnest(pids) as pid from decided
        union
        select mate.pid from decided join linked on linked.pid = any(pids)
          join linked mate on mate.component = linked.component
      )
    select subject, statement, consent_id as "consentId", scope, channel, region, brand, status, change.at
    from decided cross join pid join change on change.subject = pid.pid
    where is_receipt and change.revision > decided.revision
      and (undone is null or change.revision < undone)
    order by change.revision limit ${MOST_SAID}`.execute(db)
  return rows.map((row) => ({ ...row, at: row.at.getTime() }))
}
