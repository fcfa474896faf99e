import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Migration } from '../subgraphs/database.ts'
import type { Delivery, Move, RegistryBooks, RegistryStore, RegistryTurn } from './registry-store.ts'

type Database = Kysely<unknown>

/** In PGlite or PostgreSQL 15 and later. The role can neither change nor delete a version or a move. */
export const registryMigration: Migration = {
  schema: 'registry',
  role: 'assent_registry',
  statements: [
    `create table version (hash text collate "C" primary key, body text not null)`,
    `create table tag (
      tag text collate "C" primary key,
      version text collate "C" not null references version (hash),
      sequence bigint not null, at text not null, by text not null)`,
    `create table move (
      position bigint generated always as identity primary key,
      tag text collate "C" not null, sequence bigint not null, body text not null, unique (tag, sequence))`,
    `create table pending (id text collate "C" primary key, at text not null, body text not null)`,
    `create table approval (
      id text collate "C" primary key, body text not null, used_by text references version (hash))`,
    `create table deprecation (
      tag text collate "C" not null, coordinate text collate "C" not null, body text not null,
      primary key (tag, coordinate))`,
    `create table field_use (
      tag text collate "C" not null, client text collate "C" not null, coordinate text collate "C" not null,
      day date not null, count bigint not null, primary key (tag, coordinate, client, day))`,
    `create table notice (position bigint generated always as identity primary key, body text not null)`,
    `create table delivery (
      consumer text collate "C" not null, position bigint not null references notice (position),
      attempts int not null, next_at bigint, primary key (consumer, position))`,
    `grant select, insert on version, move, notice to assent_registry`,
    `grant select, insert, update on tag, field_use, delivery to assent_registry`,
    `grant select, insert, delete on pending to assent_registry`,
    `grant select, insert, update (used_by) on approval to assent_registry`,
    `grant select, insert, delete on deprecation to assent_registry`,
  ],
}

export const createSqlRegistryStore = (db: Database): RegistryStore => ({
  ...booksOf(db),
  exclusively: (work) =>
    db.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtext('assent.registry'))`.execute(transaction)
      return work(turnOf(transaction))
    }),
  async count(tag, day, uses) {
    if (uses.length === 0) return
    await sql`insert into field_use (tag, client, coordinate, day, count)
      select ${tag}, client, coordinate, ${day}::date, sum(count)
      from jsonb_to_recordset(${JSON.stringify(uses)}::jsonb) as told (client text, coordinate text, count bigint)
      group by client, coordinate
      on conflict (tag, coordinate, client, day) do update set count = field_use.count + excluded.count`.execute(
      db,
    )
  },
  async due(consumer, now, most) {
    const { rows } = await sql<{ position: string; body: string; attempts: number }>`
      select notice.position::text, notice.body, coalesce(delivery.attempts, 0) as attempts
      from notice left join delivery on delivery.consumer = ${consumer} and delivery.position = notice.position
      where delivery.position is null or delivery.next_at <= ${now}
      order by notice.position limit ${most}`.execute(db)
    return rows.map(({ position, body, attempts }) => ({
      position: Number(position),
      notice: JSON.parse(body) as Delivery['notice'],
      attempts,
    }))
  },
  async settle(consumer, { position, attempts }, nextAt) {
    await sql`insert into delivery (consumer, position, attempts, next_at)
      values (${consumer}, ${position}, ${attempts + 1}, ${nextAt})
      on conflict (consumer, position) do update set attempts = excluded.attempts, next_at = excluded.next_at`.execute(
      db,
    )
  },
})

const bodies = async <T>(db: Database, query: RawBuilder<{ body: string }>): Promise<readonly T[]> =>
  (await query.execute(db)).rows.map(({ body }) => JSON.parse(body) as T)

const booksOf = (db: Database): RegistryBooks => ({
  tags: () => tagsWhere(db, sql`true`),
  tag: async (name) => (await tagsWhere(db, sql`tag = ${name}`))[0] ?? null,
  version: async (hash) =>
    (await bodies<never>(db, sql`select body from version where hash = ${hash}`))[0] ?? null,
  history: (tag) =>
    bodies(db, sql`select body from move where tag = ${tag} order by sequence desc limit 1000`),
  pending: () => bodies(db, sql`select body from pending order by at, id`),
  approvals: () => bodies(db, sql`select body from approval where used_by is null`),
  async approvalState(id) {
    const { rows } = await sql<{ used: boolean }>`
      select used_by is not null as used from approval where id = ${id}`.execute(db)
    const [row] = rows
    return row === undefined ? 'unknown' : row.used ? 'used' : 'kept'
  },
  deprecations: (tag) => bodies(db, sql`select body from deprecation where tag = ${tag} order by coordinate`),
  async uses(tag) {
    const { rows } = await sql<{ client: string; coordinate: string; count: string; last: string }>`
      select client, coordinate, sum(count)::text as count, max(day)::text as last
      from field_use where tag = ${tag} group by client, coordinate order by coordinate, client`.execute(db)
    return rows.map((row) => ({ ...row, count: Number(row.count) }))
  },
})

const tagsWhere = async (db: Database, condition: RawBuilder<unknown>) => {
  const { rows } = await sql<{ tag: string; version: string; sequence: string; at: string; by: string }>`
    select tag, version, sequence::text, at, by from tag where ${condition} order by tag`.execute(db)
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }))
}

const turnOf = (db: Database): RegistryTurn => ({
  ...booksOf(db),
  async keepVersion(version) {
    await sql`insert into version (hash, body) values (${version.hash}, ${JSON.stringify(version)})
      on conflict do nothing`.execute(db)
  },
  async moveTag({ tag, version, at, by, from, because }) {
    const { rows } = await sql<{ sequence: string }>`
      insert into tag (tag, version, sequence, at, by) values (${tag}, ${version}, 1, ${at}, ${by})
      on conflict (tag) do update
        set version = excluded.version, sequence = tag.sequence + 1, at = excluded.at, by = excluded.by
      returning sequence::text`.execute(db)
    const moved = { tag, version, at, by, sequence: Number(rows[0]?.sequence) }
    const body: Move = { ...moved, from, because }
    await sql`insert into move (tag, sequence, body)
      values (${tag}, ${moved.sequence}, ${JSON.stringify(body)})`.execute(db)
    return moved
  },
  async park(pending) {
    await sql`delete from pending where id = ${pending.id}`.execute(db)
    await sql`insert into pending (id, at, body)
      values (${pending.id}, ${pending.at}, ${JSON.stringify(pending)})`.execute(db)
  },
  async unpark(id) {
    await sql`delete from pending where id = ${id}`.execute(db)
  },
  async keepApproval(approval) {
    await sql`insert into approval (id, body) values (${approval.id}, ${JSON.stringify(approval)})
      on conflict do nothing`.execute(db)
  },
  async useApprovals(ids, version) {
    if (ids.length === 0) return
    await sql`update approval set used_by = ${version} where id in (${sql.join(ids)})`.execute(db)
  },
  async deprecate(tag, deprecations, gone) {
    if (gone.length > 0)
      await sql`delete from deprecation where tag = ${tag} and coordinate in (${sql.join(gone)})`.execute(db)
    for (const one of deprecations)
      // eslint-disable-next-line no-await-in-loop -- one connection
      await sql`insert into deprecation (tag, coordinate, body)
        values (${tag}, ${one.coordinate}, ${JSON.stringify(one)}) on conflict do nothing`.execute(db)
  },
  async tell(notice) {
    await sql`insert into notice (body) values (${JSON.stringify(notice)})`.execute(db)
  },
})
