import { randomBytes } from 'node:crypto'
import { open, seal } from '../../seal.ts'
import type { DataKeyRing, WrappedKey } from './data-key-ring.ts'
import type { RawRecord } from './raw-record.ts'

/** One record as it is kept. */
export interface Entry {
  readonly name: string
  /** From 1; each writing is one more. */
  readonly version: number
  /** The key of this entry, under the key ring. */
  readonly key: WrappedKey
  readonly sealed: Buffer
}

/**
 * One record under a key of its own. Key and record are bound to the name and the version, so that an entry put in
 * another's place, or an older one put back, opens for nobody; destroying the key destroys the record.
 */
export async function sealEntry(
  record: RawRecord,
  { name, version }: Pick<Entry, 'name' | 'version'>,
  ring: DataKeyRing,
): Promise<Entry> {
  const key = randomBytes(KEY_BYTES)
  return {
    name,
    version,
    key: await ring.wrap(key, boundAs('key', name, version)),
    sealed: seal(padded(record), key, Buffer.from(boundAs('record', name, version))),
  }
}

/** Null when it is not as it was sealed, in this place. */
export async function openEntry(entry: Entry, ring: DataKeyRing): Promise<RawRecord | null> {
  const { name, version, sealed } = entry
  const key = await ring.unwrap(entry.key, boundAs('key', name, version))
  const text = key && open(sealed, key, Buffer.from(boundAs('record', name, version)))
  return text && (JSON.parse(text.toString()) as RawRecord)
}

/** The same entry with its key under the wrapping key in use; what is sealed stays as it is. Null when it does not open. */
export async function rewrapEntry(entry: Entry, ring: DataKeyRing): Promise<Entry | null> {
  const bound = boundAs('key', entry.name, entry.version)
  const key = await ring.unwrap(entry.key, bound)
  return key && { ...entry, key: await ring.wrap(key, bound) }
}

const KEY_BYTES = 32

function boundAs(what: 'key' | 'record', name: string, version: number): string {
  return `assent vault ${what}\n${name}\n${version}`
}

/** Filled up with blanks: how long a record is tells little of how long a name is. */
function padded(record: RawRecord): Buffer {
  const text = Buffer.from(JSON.stringify(record))
  return Buffer.concat([text, Buffer.alloc(STEP - 1 - ((text.length - 1) % STEP), ' ')])
}

const STEP = 128
