import { randomBytes } from 'node:crypto'
import { CodedFailure } from '../../coded-failure.ts'
import type { DataKeyRing } from '../vault/data-key-ring.ts'
import type { ReidentificationStore } from './reidentification-store.ts'

/** What the trail is sealed with: made at the first time, kept under the key ring. Throws `TRAIL_KEY_UNREADABLE`. */
export async function openTrailKey(store: ReidentificationStore, ring: DataKeyRing): Promise<Buffer> {
  const known = await readKey(store, ring)
  if (known !== null) return known
  // Of two replicas that start at once the first one makes it, and both read that.
  await store.keepTrailKey(await ring.wrap(randomBytes(KEY_BYTES), BOUND))
  const made = await readKey(store, ring)
  if (made === null) throw new CodedFailure('TRAIL_KEY_UNREADABLE', 'trail')
  return made
}

async function readKey(store: ReidentificationStore, ring: DataKeyRing): Promise<Buffer | null> {
  const wrapped = await store.trailKey()
  if (wrapped === null) return null
  const key = await ring.unwrap(wrapped, BOUND)
  if (key?.length !== KEY_BYTES) throw new CodedFailure('TRAIL_KEY_UNREADABLE', 'trail')
  return key
}

const KEY_BYTES = 32
const BOUND = 'assent reidentification trail'
