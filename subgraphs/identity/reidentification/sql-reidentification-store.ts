import { type Kysely, sql } from 'kysely'
import type { Migration } from '../../database.ts'
import type { WrappedKey } from '../vault/data-key-ring.ts'
import type { KeptRequest } from './kept-request.ts'
import type { ReidentificationStore, Turn } from './reidentification-store.ts'
import { EMPTY_TRAIL, type TrailLink } from './trail.ts'

/** The role can add to the trail and read it; to change it is refused to everybody. */
export const reidentificationMigration: Migration = {
  schema: 'reidentification',
  role: 'assent_reidentification',
  statements: [
    `create table request (
       id uuid primary key,
       number bigint generated always as identity unique,
       requester text not null,
       requested_at timestamptz not null,
       revision int not null check (revision >= 1),
       body jsonb not null)`,
    `create index request_at on request (requested_at)`,
    `create table trail (
       position bigint primary key check (position >= 1),
       entry text not null,
       previous bytea not null check (octet_length(previous) = 32),
       hash bytea not null check (octet_length(hash) = 32),
       seal bytea not null check (octet_length(seal) = 32))`,
    `create function trail_stays() returns trigger language plpgsql as $$
       begin
         raise exception 'the trail is only added to' using errcode = 'restrict_violation';
       end $$`,
    `create trigger trail_stays before update or delete on trail for each row execute function trail_stays()`,
    `create trigger trail_is_not_emptied before truncate on trail for each statement execute function trail_stays()`,
    `create table trail_key (
       is_only boolean primary key default true check (is_only),
       key_id text not null,
       wrapped bytea not null)`,
    `grant select, insert on request, trail, trail_key to assent_reidentification`,
    `grant update (revision, body) on request to assent_reidentification`,
  ],
}

/** On PGlite or PostgreSQL. Whoever made the engine closes it. */
export const createSqlReidentificationStore = (db: Kysely<unknown>): ReidentificationStore => ({
  inTurn: (work) =>
    db
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (transaction) => {
        // What was revealed is in the trail after a crash, too, also where the server is set to be quick instead.
        await sql`select pg_advisory_xact_lock(hashtext('assent.reidentification')),
          case when current_setting('synchronous_commit') = 'off'
          then set_config('synchronous_commit', 'on', true) end`.execute(transaction)
        return work(await turnIn(transaction))
      }),
  request: (id) => readRequest(db, id),
  async requests(limit) {
    const { rows } = await sql<BodyRow>`select body from request order by number desc limit ${limit}`.execute(
      db,
    )
    return rows.map(toRequest)
  },
  async trail(after, limit) {
    const { rows } = await sql<LinkRow>`
      select position, entry, previous, hash, seal from trail
      where position > ${after} order by position limit ${limit}`.execute(db)
    return rows.map(toLink)
  },
  async trailKey() {
    const { rows } = await sql<WrappedKey>`select key_id as "keyId", wrapped as bytes from trail_key`.execute(
      db,
    )
    return rows[0] ?? null
  },
  async keepTrailKey({ keyId, bytes }) {
    await sql`insert into trail_key (key_id, wrapped) values (${keyId}, ${bytes}) on conflict do nothing`.execute(
      db,
    )
  },
})

async function turnIn(db: Kysely<unknown>): Promise<Turn> {
  const { rows } = await sql<LinkRow>`
    select position, entry, previous, hash, seal from trail order by position desc limit 1`.execute(db)
  return {
    tip: rows[0] === undefined ? EMPTY_TRAIL : toLink(rows[0]),
    request: (id) => readRequest(db, id),
    async requestersSince(at) {
      const since = await sql<{ requester: string }>`
        select requester from request where requested_at > to_timestamp(${at} / 1000.0)`.execute(db)
      return since.rows.map(({ requester }) => requester)
    },
    put: (request) => putRequest(db, request),
    async append({ position, entry, previous, hash, seal }) {
      await sql`insert into trail (position, entry, previous, hash, seal)
        values (${position}, ${entry}, ${previous}, ${hash}, ${seal})`.execute(db)
    },
  }
}

async function putRequest(db: Kysely<unknown>, request: KeptRequest): Promise<void> {
  const { rows } = await sql`
    insert into request (id, requester, requested_at, revision, body)
    values (${request.id}, ${request.requester}, to_timestamp(${request.requestedAt} / 1000.0), ${request.revision},
      ${bodyOf(request)}::jsonb)
    on conflict (id) do update set revision = excluded.revision, body = excluded.body
    where request.revision = excluded.revision - 1
    returning id`.execute(db)
  // It was looked at in this turn, so nobody else can have been first.
  if (rows.length === 0) throw new Error('A request was changed outside of its turn.')
}

async function readRequest(db: Kysely<unknown>, id: string): Promise<KeptRequest | null> {
  const { rows } = await sql<BodyRow>`select body from request where id = ${id}`.execute(db)
  return rows[0] === undefined ? null : toRequest(rows[0])
}

interface BodyRow {
  readonly body: Omit<KeptRequest, 'reason'> & {
    readonly reason: { readonly keyId: string; readonly key: string; readonly sealed: string }
  }
}

function bodyOf({ reason, ...request }: KeptRequest): string {
  const { key, sealed } = reason
  const kept = { keyId: key.keyId, key: key.bytes.toString('base64'), sealed: sealed.toString('base64') }
  return JSON.stringify({ ...request, reason: kept })
}

const toRequest = ({ body: { reason, ...request } }: BodyRow): KeptRequest => ({
  ...request,
  reason: {
    key: { keyId: reason.keyId, bytes: Buffer.from(reason.key, 'base64') },
    sealed: Buffer.from(reason.sealed, 'base64'),
  },
})

type LinkRow = Omit<TrailLink, 'position'> & { readonly position: string }

const toLink = (row: LinkRow): TrailLink => ({ ...row, position: Number(row.position) })
