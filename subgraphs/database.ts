import { createHash } from 'node:crypto'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { Kysely, PostgresDialect, type PostgresPoolClient, type RawBuilder, sql } from 'kysely'
import pg from 'pg'
import { CodedFailure } from './coded-failure.ts'

/** Whose tables: the schema they live in and the role that may touch them. Names are lower-case identifiers. */
export interface SchemaOwner {
  readonly schema: string
  readonly role: string
  /** Where else names are looked for: the schema of an extension. */
  readonly besides?: readonly string[]
}

/** One SQL engine shared by several owners who cannot see one another's tables. */
export interface Engine {
  /**
   * A database as one owner sees it: every connection it takes runs under the owner's role and search path.
   * On PGlite all owners share ONE connection: inside `transaction()` use only the transaction's own handle.
   */
  database<T>(owner: SchemaOwner): Kysely<T>
  /** The engine's own user, for migrations and maintenance. */
  readonly admin: Kysely<unknown>
  close(): Promise<void>
}

export interface PgliteOptions {
  /** Where the files are; without it everything is kept in memory. The caller holds the lock of this directory. */
  readonly dataDir?: string
}

/**
 * Stands at the beginning of a statement that a connection parses and plans once, under this name. The same name is the same
 * text for as long as the process lasts. A plan that is kept was made for tables as they were: who changes the name when they
 * have grown has it made anew.
 */
export function prepared(name: string): RawBuilder<unknown> {
  return sql.raw(`/* prepared ${name} */ `)
}

/** PostgreSQL in this process. Its queries block the event loop, so nothing that must stay quick lives here. */
export async function openPglite({ dataDir }: PgliteOptions = {}): Promise<Engine> {
  const extensions = { vector }
  const lite = await PGlite.create(dataDir === undefined ? { extensions } : { dataDir, extensions })
  // What was written ahead is removed and not used again: in a file that is, what was deleted since would stay readable.
  await lite.exec('set wal_recycle = off')
  // One session is all there is: a second pool would send its statements into the first one's transaction,
  // and a client that was ended cannot be replaced, so this one is never idle for too long.
  const pool = openPool(Object.assign(createPgConfig(lite), { idleTimeoutMillis: 0 }), 1)
  const databaseFor = sharedPool(pool)
  return {
    database: databaseFor,
    admin: databaseFor(null),
    async close() {
      await pool.end()
      await lite.close()
    },
  }
}

/** A PostgreSQL server (15 or later), as the user of the url, who must be able to create schemas and roles. */
export async function connectPostgres(url: string): Promise<Engine> {
  const pools: pg.Pool[] = []
  const databaseFor = <T>(owner: SchemaOwner | null): Kysely<T> => {
    const pool = openPool(
      {
        connectionString: url,
        application_name: owner?.role ?? 'assent',
        // Whoever asks is told that nobody answers, and does not wait for ever.
        connectionTimeoutMillis: 5_000,
      },
      owner ? 10 : 2,
    )
    pools.push(pool)
    return sharedPool(pool)(owner)
  }
  const engine: Engine = {
    database: databaseFor,
    admin: databaseFor(null),
    async close() {
      await Promise.all(pools.map((pool) => pool.end()))
    },
  }
  return engine
}

/**
 * The tables of one subgraph. `statements` are run once each, in this order, by the engine's own user with the
 * schema as search path; later changes are appended, what was released is never edited.
 * They also grant the role what it needs, table by table (`grant select, insert on receipt to consent_owner`):
 * the role starts with the use of its schema and nothing else. Keep to SQL that PostgreSQL 15 knows.
 */
export interface Migration extends SchemaOwner {
  readonly statements: readonly string[]
}

/** Creates schemas, roles and tables that are not there yet, each subgraph's all or none. Safe to run at every start. */
export async function migrate({ admin }: Engine, migrations: readonly Migration[]): Promise<void> {
  for (const migration of migrations) {
    await admin.transaction().execute((transaction) => apply(transaction, migration))
  }
}

function madeByAnotherVersion(schema: string, position: number): CodedFailure {
  return new CodedFailure('SCHEMA_OF_ANOTHER_VERSION', `schema ${schema}, statement ${position} differs`)
}

function openPool(config: pg.PoolConfig, max: number): pg.Pool {
  const pool = new pg.Pool(Object.assign(config, { max }))
  // An idle connection that the server ends is replaced at the next query; unheard, the event would end the process.
  pool.on('error', () => {})
  // The same for one that is in use: the statement under way, or the next one, fails and is told of the end.
  pool.on('connect', (client) => client.on('error', () => {}))
  return pool
}

/**
 * Each connection is put under the role and search path of whoever takes it, before its first statement.
 * Done here and not in Kysely's `onReserveConnection`: when that hook fails, the connection is never given back.
 */
function sharedPool(pool: pg.Pool): <T>(owner: SchemaOwner | null) => Kysely<T> {
  const actingAs = new WeakMap<pg.PoolClient, string>()
  const reserve = async (owner: SchemaOwner | null): Promise<pg.PoolClient> => {
    const client = await pool.connect()
    const role = owner?.role ?? 'none'
    const path = pathOf(owner)
    if (actingAs.get(client) === `${role}/${path}`) return client
    try {
      await client.query(`select set_config('role', $1, false), set_config('search_path', $2, false)`, [
        role,
        path,
      ])
      actingAs.set(client, `${role}/${path}`)
      return client
    } catch (error) {
      client.release()
      throw error
    }
  }
  return (owner) =>
    new Kysely({
      dialect: new PostgresDialect({
        pool: { connect: async () => withNames(await reserve(owner)), end: async () => {} },
      }),
    })
}

const pathOf = (owner: SchemaOwner | null): string =>
  owner === null
    ? 'public'
    : [owner.schema, ...(owner.besides ?? [])].map((name) => pg.escapeIdentifier(name)).join(', ')

const named = new WeakMap<pg.PoolClient, PostgresPoolClient>()

/** Sends statements that have a name under it, and those that lost a deadlock again. */
function withNames(client: pg.PoolClient): PostgresPoolClient {
  const known = named.get(client)
  if (known !== undefined) return known
  let isTransaction = false
  const query = async (text: string, values: unknown[]): Promise<unknown> => {
    const [, name] = /^\/\* prepared ([\w-]+) \*\//.exec(text) ?? []
    if (/^(begin|start transaction)/.test(text)) isTransaction = true
    else if (/^(commit|rollback)$/.test(text)) isTransaction = false
    const send = () => client.query(name === undefined ? { text, values } : { name, text, values })
    return isTransaction ? send() : againAfterDeadlock(send)
  }
  const made = { query, release: () => client.release() } as PostgresPoolClient
  named.set(client, made)
  return made
}

/**
 * Two statements that lock the same rows in different orders wait for each other until the server ends one of them, whole:
 * alone, outside a transaction, it has done nothing and can be sent again.
 */
async function againAfterDeadlock<T>(send: () => Promise<T>, triesLeft = 4): Promise<T> {
  try {
    return await send()
  } catch (error) {
    if (triesLeft === 0 || !(error instanceof pg.DatabaseError) || error.code !== DEADLOCK_DETECTED)
      throw error
    return againAfterDeadlock(send, triesLeft - 1)
  }
}

const DEADLOCK_DETECTED = '40P01'

async function apply(database: Kysely<unknown>, migration: Migration): Promise<void> {
  const { schema, role, statements } = migration
  // Two processes that start at once take turns.
  await sql`select pg_advisory_xact_lock(hashtext('assent.migrate'))`.execute(database)
  await sql.raw(createRole(role)).execute(database)
  await sql`create schema if not exists ${sql.id(schema)}`.execute(database)
  await sql`grant usage on schema ${sql.id(schema)} to ${sql.id(role)}`.execute(database)
  await sql`select set_config('search_path', ${pathOf(migration)}, true)`.execute(database)
  await sql`create table if not exists migration (position int primary key, digest text not null)`.execute(
    database,
  )
  const { rows: done } = await sql<{
    digest: string
  }>`select digest from migration order by position`.execute(database)
  for (const [position, statement] of statements.entries()) {
    const digest = createHash('sha256').update(statement).digest('hex')
    const known = done[position]?.digest
    if (known === digest) continue
    if (known !== undefined) throw madeByAnotherVersion(schema, position)
    await sql.raw(statement).execute(database)
    await sql`insert into migration (position, digest) values (${position}, ${digest})`.execute(database)
  }
  if (done.length > statements.length) throw madeByAnotherVersion(schema, statements.length)
}

/** Roles belong to the whole server: another database of it may create the same one at the same moment. */
function createRole(role: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(role)) throw new TypeError(`Not a role name: ${role}`)
  return `do $$ begin
    if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
    if not pg_has_role(current_user, '${role}', 'member') then execute format('grant ${role} to %I', current_user); end if;
  exception when duplicate_object or unique_violation then null;
  end $$`
}
