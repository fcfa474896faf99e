import { createHash } from 'node:crypto'
import { open, type ReceiptKeys, seal, type Signature } from './receipt-keys.ts'
import type { Receipt } from './receipt.ts'

/**
 * One receipt as it is kept: sealed under the person's own key, and chained by hashes over what is sealed, so that the
 * chain still verifies when that key is destroyed. Only the last link of what was written at once is signed: its hash
 * stands for all before it.
 */
export interface Link extends Place {
  readonly sealed: Buffer
  readonly previous: Buffer
  readonly hash: Buffer
  readonly signature: Signature | null
}

interface Place {
  /** Whose: a random id that says nothing about the person. */
  readonly chain: string
  /** In the person's chain, from 1 and without gaps. */
  readonly position: number
  /** In the whole store. */
  readonly revision: number
}

/** The end of a chain: where the next link goes. */
export interface Tip {
  readonly chain: string
  readonly position: number
  readonly hash: Buffer
}

export function emptyChain(chain: string): Tip {
  return { chain, position: 0, hash: Buffer.alloc(HASH_BYTES) }
}

const HASH_BYTES = 32

/** The links for these receipts of one person behind the tip; only the last one is signed. */
export function forge(
  receipts: readonly { readonly receipt: Receipt; readonly revision: number }[],
  tip: Tip,
  { personKey, keys }: { readonly personKey: Buffer; readonly keys: ReceiptKeys },
): readonly Link[] {
  let { hash: previous } = tip
  return receipts.map(({ receipt, revision }, index) => {
    const place = { chain: tip.chain, position: tip.position + index + 1, revision }
    const sealed = seal(Buffer.from(canonical(receipt)), personKey, placeBytes(place))
    const hash = hashOf({ ...place, sealed, previous })
    const signature = index === receipts.length - 1 ? keys.sign(hash) : null
    const link = { ...place, sealed, previous, hash, signature }
    previous = hash
    return link
  })
}

/** What the link's hash has to be: it covers where the link is, what is sealed in it and all links before. */
export function hashOf({ sealed, previous, ...place }: Omit<Link, 'hash' | 'signature'>): Buffer {
  return createHash('sha256').update(placeBytes(place)).update(previous).update(sealed).digest()
}

/** Null when it was not sealed so, for this place, under this key. */
export function unsealed(
  link: Omit<Link, 'hash' | 'signature' | 'previous'>,
  personKey: Buffer,
): Receipt | null {
  const text = open(link.sealed, personKey, placeBytes(link))
  return text === null ? null : (JSON.parse(text.toString()) as Receipt)
}

/** Of fixed length, so that no two places are the same bytes. */
function placeBytes({ chain, position, revision }: Place): Buffer {
  const bytes = Buffer.alloc(32)
  Buffer.from(chain.replaceAll('-', ''), 'hex').copy(bytes)
  bytes.writeBigUInt64BE(BigInt(position), 16)
  bytes.writeBigUInt64BE(BigInt(revision), 24)
  return bytes
}

/** Members in the order of their names: the same receipt is the same text. */
function canonical(receipt: Receipt): string {
  return JSON.stringify(receipt, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}
