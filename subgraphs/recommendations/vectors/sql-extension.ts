import { type Kysely, sql } from 'kysely'
import { CodedFailure } from '../../coded-failure.ts'

/** Since 0.8 a scan goes on until enough rows have passed the filter. Before, it answers too few of them, or none. */
const OLDEST = [0, 8] as const

/**
 * Where the extension is on this server; made in `public` when nobody has made it. For the engine's own user.
 * Throws `PGVECTOR_MISSING`.
 */
export async function extensionSchema(admin: Kysely<unknown>): Promise<string> {
  const found = (await findExtension(admin)) ?? (await makeExtension(admin))
  if (found === null) throw new CodedFailure('PGVECTOR_MISSING', 'extension vector')
  const [major = 0, minor = 0] = found.version.split('.').map(Number)
  if (major === OLDEST[0] && minor < OLDEST[1])
    throw new CodedFailure('PGVECTOR_MISSING', `extension vector ${found.version}`)
  return found.schema
}

interface Extension {
  readonly schema: string
  readonly version: string
}

async function findExtension(admin: Kysely<unknown>): Promise<Extension | null> {
  const { rows } = await sql<Extension>`
    select nspname as schema, extversion as version from pg_extension
    join pg_namespace on pg_namespace.oid = extnamespace where extname = 'vector'`.execute(admin)
  return rows[0] ?? null
}

async function makeExtension(admin: Kysely<unknown>): Promise<Extension | null> {
  try {
    await sql`create extension if not exists vector with schema public`.execute(admin)
  } catch (error) {
    // Not available (its files are not there), or not ours to make. Two who make it at once: one of them is told it is there.
    const { code } = error as { code?: unknown }
    if (code === '0A000' || code === '58P01' || code === '42501') return null
    if (code !== '23505' && code !== '42710') throw error
  }
  return findExtension(admin)
}
