import { createHash } from 'node:crypto'
import type { ReceiptKeys, Signature } from '../receipts/receipt-keys.ts'
import type { Link, TakenLink } from './link.ts'

/** What was done, as it is kept for ever. */
export interface LinkEntry extends Link {
  readonly event: 'linked' | 'unlinked'
  readonly takenAt: number
  /** One write for each pid; for the end of a link that never was, one for nobody. */
  readonly revisions: readonly string[]
}

/** An entry in the chain of all links. Only the last of what was written at once is signed: it stands for all before it. */
export interface LinkLogLink {
  /** From 1 and without gaps. */
  readonly position: number
  readonly entry: string
  readonly previous: Buffer
  readonly hash: Buffer
  readonly signature: Signature | null
}

export type LinkLogTip = Pick<LinkLogLink, 'position' | 'hash'>

export const EMPTY_LINK_LOG: LinkLogTip = { position: 0, hash: Buffer.alloc(32) }

export function forgeLinks(
  entries: readonly LinkEntry[],
  tip: LinkLogTip,
  keys: Pick<ReceiptKeys, 'sign'>,
): readonly LinkLogLink[] {
  let previous = tip.hash
  return entries.map((one, index) => {
    const place = { position: tip.position + index + 1, entry: canonical(one), previous }
    const hash = linkHashOf(place)
    previous = hash
    return { ...place, hash, signature: index === entries.length - 1 ? keys.sign(hash) : null }
  })
}

export function linkHashOf({ position, entry, previous }: Omit<LinkLogLink, 'hash' | 'signature'>): Buffer {
  const place = Buffer.alloc(8)
  place.writeBigUInt64BE(BigInt(position))
  return createHash('sha256')
    .update('assent consent links\u0001')
    .update(place)
    .update(previous)
    .update(entry)
    .digest()
}

export function readEntry({ entry }: Pick<LinkLogLink, 'entry'>): LinkEntry | null {
  try {
    return JSON.parse(entry) as LinkEntry
  } catch {
    return null
  }
}

/** The links as they are after all entries, by decision. */
export function replayed(entries: Iterable<LinkEntry>): ReadonlyMap<string, TakenLink> {
  const links = new Map<string, TakenLink>()
  for (const { event, revisions, ...link } of entries) {
    const revision = revisions.at(-1) ?? '0'
    const known = links.get(link.decisionId)
    if (event === 'linked') links.set(link.decisionId, { ...link, revision, undone: null })
    else
      links.set(
        link.decisionId,
        known ? { ...known, undone: revision } : { ...link, revision, undone: revision },
      )
  }
  return links
}

function canonical({ event, decisionId, pids, kind, at, by, takenAt, revisions }: LinkEntry): string {
  return JSON.stringify({ event, decisionId, kind, pids, at, by, takenAt, revisions })
}
