import { type Kysely, sql } from 'kysely'
import type { Migration } from '../../database.ts'
import type { WrappedKey } from './data-key-ring.ts'
import type { Entry } from './sealed-entry.ts'
import type { EntryHead, PendingBatch, SealedStore } from './sealed-store.ts'

/** Nobody's but this role's: whoever reads the graph does not read the vault, and the other way round. */
export const vaultMigration: Migration = {
  schema: 'vault',
  role: 'assent_vault',
  statements: [
    // Records named with two keys would be two records.
    `create table name_key (
       is_only boolean primary key default true check (is_only),
       key_id text not null,
       wrapped bytea not null)`,
    `create table entry (
       name text primary key,
       version bigint not null check (version >= 1),
       key_id text,
       wrapped bytea,
       sealed bytea,
       erased_at timestamptz,
       check ((sealed is null) = (erased_at is not null)),
       check ((wrapped is null) = (sealed is null)),
       check ((key_id is null) = (sealed is null)))`,
    `create index entry_under on entry (key_id)`,
    // Whatever asks for it: a record that was erased is never taken in again.
    `create function tombstones_stay() returns trigger language plpgsql as $$
       begin
         raise exception 'an erased record stays erased' using errcode = 'restrict_violation';
       end $$`,
    `create trigger tombstones_stay before update or delete on entry for each row
       when (old.erased_at is not null) execute function tombstones_stay()`,
    `create table pending (
       id uuid primary key,
       at timestamptz not null,
       names text[] not null)`,
    `create index pending_at on pending (at)`,
    `grant select, insert, update, delete on name_key, entry, pending to assent_vault`,
  ],
}

/** On PGlite or PostgreSQL. Whoever made the engine closes it. */
export const createSqlSealedStore = (db: Kysely<unknown>): SealedStore => ({
  ...overNameKey(db),
  ...readEntries(db),
  ...removeEntries(db),
  async write(entries, batch) {
    return db.transaction().execute(async (transaction) => {
      await sql`insert into pending (id, at, names)
        values (${batch.id}, to_timestamp(${batch.at} / 1000.0), ${batch.names}::text[])
        on conflict (id) do nothing`.execute(transaction)
      // In one order, so that two who write the same records do not wait for each other crosswise.
      const { rows } = await sql<{ name: string }>`
        insert into entry (name, version, key_id, wrapped, sealed)
        select name, version, key_id, decode(wrapped, 'base64'), decode(sealed, 'base64') from ${rowsOf(entries)}
        order by name collate "C"
        on conflict (name) do update set
          version = excluded.version, key_id = excluded.key_id, wrapped = excluded.wrapped, sealed = excluded.sealed
        where entry.version = excluded.version - 1 and entry.erased_at is null
        returning name`.execute(transaction)
      return new Set(rows.map(({ name }) => name))
    })
  },
  async rewrap(entries) {
    await sql`update entry set key_id = batch.key_id, wrapped = decode(batch.wrapped, 'base64') from ${rowsOf(entries)}
      where entry.name = batch.name and entry.version = batch.version and entry.erased_at is null`.execute(db)
  },
})

/** One JSON value a statement: thousands of rows as parameters would be more than a statement may have. */
const rowsOf = (entries: readonly Entry[]) => {
  const rows = entries.map(({ name, version, key, sealed }) => ({
    name,
    version,
    key_id: key.keyId,
    wrapped: key.bytes.toString('base64'),
    sealed: sealed.toString('base64'),
  }))
  return sql`json_to_recordset(${JSON.stringify(rows)}::json)
    as batch (name text, version bigint, key_id text, wrapped text, sealed text)`
}

const overNameKey = (
  db: Kysely<unknown>,
): Pick<SealedStore, 'nameKey' | 'keepNameKey' | 'rewrapNameKey'> => ({
  async nameKey() {
    const { rows } = await sql<WrappedKey>`select key_id as "keyId", wrapped as bytes from name_key`.execute(
      db,
    )
    return rows[0] ?? null
  },
  async keepNameKey({ keyId, bytes }) {
    await sql`insert into name_key (key_id, wrapped) values (${keyId}, ${bytes}) on conflict do nothing`.execute(
      db,
    )
  },
  async rewrapNameKey({ keyId, bytes }) {
    await sql`update name_key set key_id = ${keyId}, wrapped = ${bytes}`.execute(db)
  },
})

const readEntries = (db: Kysely<unknown>): Pick<SealedStore, 'heads' | 'read' | 'under'> => ({
  async heads(names) {
    const { rows } = await sql<{ name: string; version: string; isErased: boolean }>`
      select name, version, erased_at is not null as "isErased" from entry where name = any(${names}::text[])`.execute(
      db,
    )
    return new Map<string, EntryHead>(
      rows.map(({ name, version, isErased }) => [name, { version: Number(version), isErased }]),
    )
  },
  async read(names) {
    const { rows } = await sql<EntryRow>`
      select ${COLUMNS} from entry where name = any(${names}::text[]) and erased_at is null`.execute(db)
    return rows.map(toEntry)
  },
  async under(otherThan, limit) {
    const { rows } = await sql<EntryRow>`
      select ${COLUMNS} from entry where key_id <> ${otherThan} and erased_at is null limit ${limit}`.execute(
      db,
    )
    return rows.map(toEntry)
  },
})

interface EntryRow {
  readonly name: string
  readonly version: string
  readonly keyId: string
  readonly wrapped: Buffer
  readonly sealed: Buffer
}

const COLUMNS = sql`name, version, key_id as "keyId", wrapped, sealed`

const toEntry = ({ name, version, keyId, wrapped, sealed }: EntryRow): Entry => ({
  name,
  version: Number(version),
  key: { keyId, bytes: wrapped },
  sealed,
})

const removeEntries = (db: Kysely<unknown>): Pick<SealedStore, 'settle' | 'erase' | 'pending' | 'drop'> => ({
  async settle(batch) {
    await sql`delete from pending where id = ${batch}`.execute(db)
  },
  async erase(names, at) {
    await sql`insert into entry (name, version, erased_at)
      select name, 1, to_timestamp(${at} / 1000.0) from unnest(${names}::text[]) as name order by name collate "C"
      on conflict (name) do update set
        version = entry.version + 1, key_id = null, wrapped = null, sealed = null, erased_at = excluded.erased_at
      where entry.erased_at is null`.execute(db)
  },
  async pending(before, limit) {
    const { rows } = await sql<Omit<PendingBatch, 'at'> & { at: number }>`
      select id::text, (extract(epoch from at) * 1000)::float8 as at, names from pending
      where at < to_timestamp(${before} / 1000.0) order by at limit ${limit}`.execute(db)
    return rows
  },
  async drop(batch, entries) {
    return db.transaction().execute(async (transaction) => {
      const { rows } = await sql`delete from entry using
        json_to_recordset(${JSON.stringify(entries)}::json) as gone (name text, version bigint)
        where entry.name = gone.name and entry.version = gone.version and entry.erased_at is null
        returning entry.name`.execute(transaction)
      await sql`delete from pending where id = ${batch}`.execute(transaction)
      return rows.length
    })
  },
})
