import { createHash } from 'node:crypto'
import { open, seal } from '../../seal.ts'
import type { ReceiptKeys, Signature } from './receipt-keys.ts'
import type { Mark, Receipt } from './receipt.ts'

/**
 * One receipt or mark as it is kept: sealed under the person's own key, and chained by hashes over what is sealed, so
 * that the chain still verifies when that key is destroyed. Only the last link of what was written at once is signed: its
 * hash stands for all before it.
 */
export interface Link extends Place {
  readonly sealed: Buffer
  readonly previous: Buffer
  readonly hash: Buffer
  readonly signature: Signature | null
}

interface Place {
  /** What it holds; a mark is not taken for a receipt, nor the other way round. */
  readonly kind: 'receipt' | 'mark'
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

/** A receipt or a mark, and the number of its write. */
export type Entry = { readonly revision: number } & ({ readonly receipt: Receipt } | { readonly mark: Mark })

export interface Forging {
  /** Null for the mark of an erasure alone: there is no key any more, and nothing in it says whose it is. */
  readonly personKey: Buffer | null
  readonly keys: ReceiptKeys
}

/** The links for what is written at once about one person, behind the tip; only the last one is signed. */
export function forge(entries: readonly Entry[], tip: Tip, { personKey, keys }: Forging): readonly Link[] {
  let { hash: previous } = tip
  return entries.map((entry, index) => {
    const kind = 'mark' in entry ? 'mark' : 'receipt'
    const place = {
      kind,
      chain: tip.chain,
      position: tip.position + index + 1,
      revision: entry.revision,
    } as const
    const sealed =
      personKey === null
        ? openMark(entry)
        : seal(Buffer.from(canonical(contentOf(entry))), personKey, placeBytes(place))
    const hash = hashOf({ ...place, sealed, previous })
    const signature = index === entries.length - 1 ? keys.sign(hash) : null
    const link = { ...place, sealed, previous, hash, signature }
    previous = hash
    return link
  })
}

function contentOf(entry: Entry): Receipt | Mark {
  return 'mark' in entry ? entry.mark : entry.receipt
}

function openMark(entry: Entry): Buffer {
  if (!('mark' in entry) || entry.mark.event !== 'erased')
    throw new TypeError('Only an erasure is not sealed.')
  const { event, at } = entry.mark
  return Buffer.from(canonical({ event, at }))
}

/** What the link's hash has to be: it covers where the link is, what is sealed in it and all links before. */
export function hashOf({ sealed, previous, ...place }: Omit<Link, 'hash' | 'signature'>): Buffer {
  return createHash('sha256').update(placeBytes(place)).update(previous).update(sealed).digest()
}

type Sealed = Omit<Link, 'hash' | 'signature' | 'previous'>

/** Null when no receipt was sealed so, for this place, under this key. */
export function unsealed(link: Omit<Sealed, 'kind'>, personKey: Buffer): Receipt | null {
  return opened({ ...link, kind: 'receipt' }, personKey) as Receipt | null
}

/** The same for a mark. */
export function unsealedMark(link: Omit<Sealed, 'kind'>, personKey: Buffer): Mark | null {
  return opened({ ...link, kind: 'mark' }, personKey) as Mark | null
}

/** When the erasure was whose mark this is; null when it is none. */
export function erasedAt({ kind, sealed }: Sealed): number | null {
  const [, at = ''] = /^\{"at":(\d{1,16}),"event":"erased"\}$/.exec(sealed.toString('latin1')) ?? []
  return kind === 'mark' && at !== '' ? Number(at) : null
}

function opened(link: Sealed, personKey: Buffer): unknown {
  const text = open(link.sealed, personKey, placeBytes(link))
  return text === null ? null : JSON.parse(text.toString())
}

/** Of fixed length, so that no two places are the same bytes. */
function placeBytes({ kind, chain, position, revision }: Place): Buffer {
  const bytes = Buffer.alloc(32)
  Buffer.from(chain.replaceAll('-', ''), 'hex').copy(bytes)
  bytes.writeBigUInt64BE(BigInt(position), 16)
  // No chain is so long that its positions reach this byte.
  bytes.writeUInt8(kind === 'mark' ? 1 : 0, 16)
  bytes.writeBigUInt64BE(BigInt(revision), 24)
  return bytes
}

/** Members in the order of their names: the same content is the same text. */
function canonical(content: object): string {
  return JSON.stringify(content, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}
