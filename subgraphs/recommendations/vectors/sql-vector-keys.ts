import { randomBytes, randomUUID } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { CodedFailure } from '../../coded-failure.ts'
import type { VectorKeys } from './vector-store.ts'

/** What the key of the vectors lies under; the key ring of the house. */
export interface WrappingKeys {
  wrap(dataKey: Buffer, bound: string): Promise<WrappedKey>
  /** Null when it was wrapped for another `bound`, is not whole, or lies under a key that is not there. */
  unwrap(wrapped: WrappedKey, bound: string): Promise<Buffer | null>
}

interface WrappedKey {
  readonly keyId: string
  readonly bytes: Buffer
}

/** Made at the first time and kept beside the vectors, sealed. Of two replicas that start at once the first one makes it. */
export async function keptVectorKeys(db: Kysely<never>, ring: WrappingKeys): Promise<VectorKeys> {
  if ((await readKeys(db)).length === 0) {
    const id = randomUUID()
    const { keyId, bytes } = await ring.wrap(randomBytes(32), boundOf(id))
    await sql`insert into data_key (id, wrapped_by, wrapped)
      select ${id}, ${keyId}, ${bytes} where not exists (select from data_key)`.execute(db)
  }
  const opened = new Map<string, Buffer>()
  for (const { id, keyId, bytes } of await readKeys(db)) {
    // oxlint-disable-next-line no-await-in-loop -- there is one, as a rule
    const key = await ring.unwrap({ keyId, bytes: Buffer.from(bytes) }, boundOf(id))
    if (key === null) throw new CodedFailure('VAULT_KEY_UNREADABLE', 'vectors')
    opened.set(id, key)
  }
  const [current] = opened.keys()
  if (current === undefined) throw new CodedFailure('VAULT_KEY_UNREADABLE', 'vectors')
  return { current, key: (id) => opened.get(id) ?? null }
}

async function readKeys(db: Kysely<never>): Promise<readonly (WrappedKey & { readonly id: string })[]> {
  const { rows } = await sql<WrappedKey & { readonly id: string }>`
    select id, wrapped_by as "keyId", wrapped as bytes from data_key order by id`.execute(db)
  return rows
}

const boundOf = (id: string): string => `assent vectors ${id}`
