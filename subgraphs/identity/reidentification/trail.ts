import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { SubgraphErrorCode } from '../../error-catalogue.ts'
import type { RawField } from './raw-field.ts'

/** One thing somebody did or tried to do: who, when, for which ticket, which fields; never a value. */
export interface TrailEntry {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly event: TrailEvent
  /** The person of the staff; null when the name is nobody's. */
  readonly person: string | null
  /** As the token says it, and through which client. */
  readonly name: string | null
  readonly client: string
  readonly request: string | null
  readonly pid: string | null
  readonly fields: readonly RawField[]
  readonly ticket: string | null
  /** HMAC of the reason: what is shown as the reason later was the reason. Of the requests only. */
  readonly reason: string | null
  /** Why nothing came of it. */
  readonly denied: SubgraphErrorCode | null
  /** The Cedar policies that decided. */
  readonly policies: readonly string[]
}

export type TrailEvent = 'requested' | 'approved' | 'refused' | 'redeemed' | 'trail read'

/** An entry as it is kept: its hash covers its place, its text and the hash before it, and so everything before it. */
export interface TrailLink extends Tip {
  readonly entry: string
  readonly previous: Buffer
  /** HMAC of the hash: who can write the table and has no key cannot write the trail anew. */
  readonly seal: Buffer
}

/** The end of the trail; from position 1, without gaps. */
export interface Tip {
  readonly position: number
  readonly hash: Buffer
}

export const EMPTY_TRAIL: Tip = { position: 0, hash: Buffer.alloc(32) }

export function linkAfter(tip: Tip, entry: TrailEntry, key: Buffer): TrailLink {
  const link = { position: tip.position + 1, entry: textOf(entry), previous: tip.hash }
  const hash = hashOf(link)
  return { ...link, hash, seal: sealOf(hash, key) }
}

export type Damage = 'GAP' | 'CHAIN' | 'HASH' | 'SEAL'

/** What is wrong with the link behind this end of the trail; null: nothing. */
export function damageOf(link: TrailLink, before: Tip, key: Buffer): Damage | null {
  if (link.position !== before.position + 1) return 'GAP'
  if (!isSame(link.previous, before.hash)) return 'CHAIN'
  if (!isSame(link.hash, hashOf(link))) return 'HASH'
  return isSame(link.seal, sealOf(link.hash, key)) ? null : 'SEAL'
}

export const readEntry = (text: string): TrailEntry => JSON.parse(text) as TrailEntry

/** The same reason has the same seal, and nobody without the key can try reasons. */
export const sealOfReason = (reason: string, key: Buffer): string =>
  createHmac('sha256', key).update(`reason\u0000${reason}`).digest('base64url')

function hashOf({ position, entry, previous }: Pick<TrailLink, 'position' | 'entry' | 'previous'>): Buffer {
  const place = Buffer.alloc(8)
  place.writeBigUInt64BE(BigInt(position))
  return createHash('sha256').update(place).update(previous).update(entry).digest()
}

function sealOf(hash: Buffer, key: Buffer): Buffer {
  return createHmac('sha256', key).update('entry\u0000').update(hash).digest()
}

const isSame = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)

/** Members in one order: the same entry is the same text. */
function textOf(entry: TrailEntry): string {
  const { at, event, person, name, client, request, pid, fields, ticket, reason, denied, policies } = entry
  return JSON.stringify({
    at,
    event,
    person,
    name,
    client,
    request,
    pid,
    fields,
    ticket,
    reason,
    denied,
    policies,
  })
}
