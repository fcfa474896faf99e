import { type Kysely, sql } from 'kysely'
import type { Migration } from '../../database.ts'
import type { People } from './people.ts'

type Database = Kysely<unknown>

export const aggregatesMigration: Migration = {
  schema: 'aggregates',
  role: 'assent_aggregates',
  statements: [
    // Only who is not their own person: most people were never merged.
    `create table same_person (pid text primary key, person text not null, check (pid <> person))`,
    `create index same_person_of on same_person (person)`,
    `create table same_person_mark (one boolean primary key default true check (one), position bigint not null)`,
    `insert into same_person_mark (position) values (0)`,
    `create table bounding_key (one boolean primary key default true check (one), key bytea not null)`,
    `grant select, insert, update, delete on same_person to assent_aggregates`,
    `grant select, update (position) on same_person_mark to assent_aggregates`,
    `grant select, insert on bounding_key to assent_aggregates`,
  ],
}

/** In PGlite or PostgreSQL 15 and later. */
export const createSqlPeople = (db: Database): People => ({
  async personsOf(pids) {
    const { rows } = await sql<{ pid: string; person: string }>`
      select pid, person from same_person where pid = any(${pids}::text[])`.execute(db)
    const known = new Map(rows.map(({ pid, person }) => [pid, person]))
    return new Map(pids.map((pid) => [pid, known.get(pid) ?? pid]))
  },
  async concernedBy(pids) {
    const { rows } = await sql<{ pid: string }>`
      select pid from same_person where person = any(${pids}::text[])`.execute(db)
    return [...new Set([...pids, ...rows.map(({ pid }) => pid)])]
  },
  write: (persons, position) =>
    db.transaction().execute(async (transaction) => {
      await put(transaction, persons)
      await sql`update same_person_mark set position = ${position}::bigint`.execute(transaction)
    }),
  async position() {
    const { rows } = await sql<{ position: string }>`select position::text from same_person_mark`.execute(db)
    return rows[0]?.position ?? '0'
  },
  async copyPids(renamed) {
    await sql`
      insert into same_person (pid, person)
      select given."to", coalesce(known.person, given."from")
      from jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as given ("from" text, "to" text)
      left join same_person known on known.pid = given."from"
      where given."to" <> coalesce(known.person, given."from")
      on conflict do nothing`.execute(db)
  },
  forgetPids: (gone) =>
    db.transaction().execute(async (transaction) => {
      await sql`delete from same_person where pid = any(${gone}::text[])`.execute(transaction)
      // Who was called by a pid that is gone is called by one of those that are left.
      const { rows } = await sql<{ pid: string; person: string }>`
        select pid, min(pid collate "C") over (partition by person) as person
        from same_person where person = any(${gone}::text[])`.execute(transaction)
      await put(transaction, new Map(rows.map(({ pid, person }) => [pid, person])))
    }),
})

const put = async (db: Database, persons: ReadonlyMap<string, string>): Promise<void> => {
  await sql`delete from same_person where pid = any(${[...persons.keys()]}::text[])`.execute(db)
  const rows = [...persons].flatMap(([pid, person]) => (pid === person ? [] : [{ pid, person }]))
  await sql`
    insert into same_person (pid, person)
    select pid, person from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (pid text, person text)`.execute(
    db,
  )
}
