import { sql } from 'kysely'
import { afterAll, beforeAll } from 'vitest'
import { connectPostgres, type Engine, migrate, type Migration } from '../../subgraphs/database.ts'

export const POSTGRES_URL = process.env['TEST_POSTGRES_URL'] ?? ''

/** A database of its own for one file, so that files which run at the same time do not meet. Made before its tests, gone after. */
export const ownPostgres = (
  name: string,
  migration: Migration,
  prepare: (engine: Engine) => Promise<unknown> = async () => {},
): (() => Engine) => {
  const database = `${name}_${process.pid}`
  let server: Engine
  let engine: Engine
  beforeAll(async () => {
    server = await connectPostgres(POSTGRES_URL)
    await sql`create database ${sql.id(database)}`.execute(server.admin)
    engine = await connectPostgres(Object.assign(new URL(POSTGRES_URL), { pathname: `/${database}` }).href)
    await prepare(engine)
    await migrate(engine, [migration])
  })
  afterAll(async () => {
    await engine.close()
    await sql`drop database ${sql.id(database)} with (force)`.execute(server.admin)
    await server.close()
  })
  return () => engine
}
