import { type Kysely, sql } from 'kysely'
import type { Migration } from '../../database.ts'
import type { SetOfPerson, TrainingRegistry } from './training-registry.ts'

export const trainingMigration: Migration = {
  schema: 'training',
  role: 'assent_training',
  statements: [
    `create table training_set (
      id text primary key,
      name text not null,
      built_at timestamptz not null,
      asks_now boolean not null
    )`,
    `create table rests_on (
      pid text collate "C" not null,
      set_id text not null references training_set (id) on delete cascade,
      scope text collate "C" not null,
      revision bigint not null,
      primary key (pid, set_id, scope, revision)
    )`,
    `create index on rests_on (set_id)`,
    `grant select, insert, delete on training_set, rests_on to assent_training`,
  ],
}

/** Which sets people are in, in PGlite or PostgreSQL 15 and later. */
export function createSqlTrainingRegistry(db: Kysely<never>): TrainingRegistry {
  return {
    async register({ id, name, builtAt, asksNow, rests }, replaces) {
      await db.transaction().execute(async (transaction) => {
        if (replaces !== undefined)
          await sql`delete from training_set where id = ${replaces}`.execute(transaction)
        await sql`insert into training_set (id, name, built_at, asks_now)
          values (${id}, ${name}, ${new Date(builtAt)}, ${asksNow}) on conflict do nothing`.execute(
          transaction,
        )
        for (let start = 0; start < rests.length; start += AT_ONCE)
          await sql`insert into rests_on (pid, set_id, scope, revision)
            select pid, ${id}, scope, revision
            from jsonb_to_recordset(${JSON.stringify(rests.slice(start, start + AT_ONCE))}::jsonb)
              as given (pid text, scope text, revision bigint) on conflict do nothing`.execute(transaction)
      })
    },
    async setsOf(pid) {
      const { rows } = await sql<SetOfPerson>`
        select id, name, (extract(epoch from built_at) * 1000)::float8 as "builtAt", asks_now as "asksNow",
          json_agg(json_build_object('scope', scope, 'revision', revision::text) order by scope, revision) as rests
        from rests_on join training_set on id = set_id where pid = ${pid}
        group by id order by built_at, id`.execute(db)
      return rows
    },
    async peopleOf(id) {
      const { rows } = await sql<{ pid: string }>`
        select distinct pid from rests_on where set_id = ${id} order by pid`.execute(db)
      return rows.map(({ pid }) => pid)
    },
    async copyPids(renamed) {
      await sql`insert into rests_on (pid, set_id, scope, revision)
        select renamed."to", set_id, scope, revision
        from jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed ("from" text, "to" text)
        join rests_on on pid = renamed."from" on conflict do nothing`.execute(db)
    },
    async forgetPids(pids) {
      await sql`delete from rests_on where pid = any(${pids}::text[])`.execute(db)
    },
  }
}

const AT_ONCE = 5_000
