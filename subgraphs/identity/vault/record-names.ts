import { createHmac, randomBytes } from 'node:crypto'
import { CodedFailure } from '../../coded-failure.ts'
import type { DataKeyRing } from './data-key-ring.ts'
import type { RawRecord } from './raw-record.ts'
import type { SealedStore } from './sealed-store.ts'

export type NameOf = (record: Pick<RawRecord, 'source' | 'recordId'>) => string

/**
 * What records are called outside the vault: a keyed token of source and id, since in some sources the id is an e-mail
 * address or a number of a person. Its key is the vault's own and does not change with the keys of the pids: the names stand
 * in decisions that are never rewritten. Made at the first time, and kept under the key ring. Throws `VAULT_KEY_UNREADABLE`.
 */
export async function openRecordNames(store: SealedStore, ring: DataKeyRing): Promise<NameOf> {
  const key = (await readKey(store, ring)) ?? (await makeKey(store, ring))
  return ({ source, recordId }) =>
    `r_${createHmac('sha256', key).update(`${source}\u001F${recordId}`).digest('base64url')}`
}

/** Of two replicas that start at once the first one makes it, and both read that. */
async function makeKey(store: SealedStore, ring: DataKeyRing): Promise<Buffer> {
  await store.keepNameKey(await ring.wrap(randomBytes(KEY_BYTES), BOUND))
  const key = await readKey(store, ring)
  if (key === null) throw new CodedFailure('VAULT_KEY_UNREADABLE', 'names of records')
  return key
}

async function readKey(store: SealedStore, ring: DataKeyRing): Promise<Buffer | null> {
  const wrapped = await store.nameKey()
  if (wrapped === null) return null
  const key = await ring.unwrap(wrapped, BOUND)
  if (key?.length !== KEY_BYTES) throw new CodedFailure('VAULT_KEY_UNREADABLE', 'names of records')
  if (!ring.isCurrent(wrapped)) await store.rewrapNameKey(await ring.wrap(key, BOUND))
  return key
}

const KEY_BYTES = 32
const BOUND = 'assent vault names'
