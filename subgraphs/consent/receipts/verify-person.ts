import type { Head } from '../store.ts'
import type { Damage, DamageKind } from './damage.ts'
import { initiatorOf } from './initiator.ts'
import type { ReceiptKeys, Wrapped } from './receipt-keys.ts'
import { chainKey, type Receipt } from './receipt.ts'
import { emptyChain, erasedAt, hashOf, type Link, unsealed, unsealedMark } from './sealed-chain.ts'

/** All that is kept of one person. */
export interface KeptPerson {
  readonly pid: string
  readonly chain: string
  /** Null: erased. */
  readonly wrapped: Wrapped | null
  readonly suppressed: boolean
  readonly destroyedAt: number | null
  readonly revision: number
  /** In the order of the chain. */
  readonly links: readonly KeptLink[]
  readonly heads: readonly (Head & { readonly revision: number })[]
  /** The marks and receipts told about the person, oldest first. */
  readonly changes: readonly KeptChange[]
  /** Whether what decisions read of them is what the heads say. */
  readonly isAtHand: boolean
}

export interface KeptLink extends Link {
  /** Whether the write was told at all; if not, of what kind it was is not known. */
  readonly isTold: boolean
}

export interface KeptChange {
  readonly revision: number
  readonly isReceipt: boolean
  readonly consentId: string | null
  readonly statement: string | null
  readonly scope: string | null
  readonly channel: string | null
  readonly region: string | null
  readonly brand: string | null
  readonly status: string | null
  readonly at: number | null
  readonly expiresAt: number | null
  readonly surface: string | null
  readonly initiator: string | null
  /** Of a link; null for what a person said, and for blocks. */
  readonly decision: string | null
}

/** Every damage to what is kept of a person; the chain needs no key to be verified, so it is after an erasure, too. */
export function verifyPerson(person: KeptPerson, keys: ReceiptKeys): readonly Damage[] {
  const found: Damage[] = []
  const report = (kind: DamageKind, revision: number | null = null): void => {
    found.push({ kind, revision, chain: person.chain })
  }
  verifyChain(person, keys, report)
  verifyMarks(person, report)
  if (!person.isAtHand) report('HEAD_DIFFERS', person.revision)
  if (person.wrapped === null) {
    verifyErasure(person, report)
    return found
  }
  const personKey = keys.unwrap(person.wrapped, person.pid)
  if (personKey === null) report('KEY_UNREADABLE')
  else verifyContents(person, personKey, report)
  return found
}

type Report = (kind: DamageKind, revision?: number | null) => void

function verifyChain({ chain, links }: KeptPerson, keys: ReceiptKeys, report: Report): void {
  let { position } = emptyChain(chain)
  // Two, so that of a damaged link and the one behind it only the former is named.
  let ends: readonly Buffer[] = [emptyChain(chain).hash]
  for (const link of links) {
    const hash = link.isTold ? hashOf(link) : hashOfEither(link)
    if (!link.isTold) report('STRAY_RECEIPT', link.revision)
    if (link.position !== position + 1) report('MISSING_POSITION', link.revision)
    else if (!ends.some((end) => end.equals(link.previous))) report('BROKEN_LINK', link.revision)
    if (!hash.equals(link.hash)) report('ALTERED', link.revision)
    ends = [hash, link.hash]
    const { signature } = link
    if (signature !== null && !ends.some((end) => keys.verify(end, signature)))
      report('BAD_SIGNATURE', link.revision)
    position = link.position
  }
  const last = links.at(-1)
  if (last !== undefined && last.signature === null) report('UNSIGNED_END', last.revision)
}

/** Of what kind it was is not known where nobody was told. */
function hashOfEither(link: KeptLink): Buffer {
  const asMark = hashOf({ ...link, kind: 'mark' })
  return asMark.equals(link.hash) ? asMark : hashOf(link)
}

function verifyMarks({ changes, revision, suppressed, destroyedAt }: KeptPerson, report: Report): void {
  const last = changes.at(-1)
  const mark = changes.findLast((change) => !change.isReceipt && !isOfLink(change))
  const isErased = mark?.status === 'erased'
  const agrees =
    last?.revision === revision &&
    suppressed === (mark?.status === 'suppressed') &&
    destroyedAt === (isErased ? mark.at : null)
  if (!agrees) report('PERSON_DIFFERS', revision)
  for (const change of changes.filter(({ isReceipt }) => !isReceipt)) {
    const isOurs = change.initiator === 'system' && change.surface === null
    if (!isOurs || (change.decision !== null) !== isOfLink(change)) report('CHANGE_DIFFERS', change.revision)
  }
}

/** Compared with the links and not with the person. */
function isOfLink({ status }: KeptChange): boolean {
  return status === 'linked' || status === 'unlinked'
}

/** The erasure itself is the end of the chain, signed, and needs no key to be read. */
function verifyErasure({ changes, heads, links, destroyedAt }: KeptPerson, report: Report): void {
  const end = links.at(-1)
  for (const { status, isReceipt, revision } of changes)
    if (status !== 'erased' || isReceipt) report('ERASED_REMAINS', revision)
    else if (end?.revision !== revision || (isWhole(end) && erasedAt(end) !== destroyedAt))
      report('MARK_UNSEALED', revision)
  for (const head of heads) report('ERASED_REMAINS', head.revision)
}

function verifyContents(person: KeptPerson, personKey: Buffer, report: Report): void {
  const told = new Map(person.changes.map((change) => [change.revision, change]))
  const last = new Map<string, { readonly receipt: Receipt; readonly revision: number }>()
  const closed = new Set<number>()
  for (const link of person.links.filter(({ kind }) => kind === 'receipt')) {
    const { revision } = link
    const receipt = unsealed(link, personKey)
    if (receipt === null) {
      closed.add(revision)
      if (isWhole(link)) report('UNREADABLE', revision)
      continue
    }
    if (receipt.subject !== person.pid) report('FOREIGN', revision)
    const key = chainKey(receipt)
    // Behind one that does not open it cannot be said what it follows.
    if (closed.size === 0 && !follows(receipt, last.get(key)?.receipt)) report('OUT_OF_ORDER', revision)
    last.set(key, { receipt, revision })
    if (!isToldAs(receipt, told.get(revision))) report('CHANGE_DIFFERS', revision)
  }
  verifySealedMarks(person, personKey, report)
  const heads = person.heads.filter((head) => !closed.has(head.revision))
  verifyHeads({ ...person, heads }, last, report)
}

/** Each mark that is told is in the chain, and each that is in the chain is told, to the letter. */
function verifySealedMarks({ pid, links, changes }: KeptPerson, personKey: Buffer, report: Report): void {
  const sealed = new Map(links.filter(({ kind }) => kind === 'mark').map((link) => [link.revision, link]))
  const marks = changes.filter((change) => !change.isReceipt && !isOfLink(change))
  for (const { revision, status, at } of marks) {
    const link = sealed.get(revision)
    sealed.delete(revision)
    const mark = link && unsealedMark(link, personKey)
    const isSame = mark?.subject === pid && mark.event === status && mark.at === at
    if (!isSame && (link === undefined || isWhole(link))) report('MARK_UNSEALED', revision)
  }
  for (const revision of sealed.keys()) report('CHANGE_DIFFERS', revision)
}

/** One that is not was named already. */
function isWhole(link: Link): boolean {
  return hashOf(link).equals(link.hash)
}

function follows(receipt: Receipt, before: Receipt | undefined): boolean {
  return receipt.version === (before?.version ?? 0) + 1 && receipt.predecessor === (before?.consentId ?? null)
}

const TOLD = [
  'consentId',
  'statement',
  'scope',
  'channel',
  'region',
  'brand',
  'status',
  'at',
  'expiresAt',
  'surface',
] as const

function isToldAs(receipt: Receipt, change: KeptChange | undefined): boolean {
  if (change === undefined || change.decision !== null) return false
  if (change.initiator !== initiatorOf(receipt)) return false
  return TOLD.every((name) => change[name] === receipt[name])
}

const DECIDED_BY = ['subject', 'scope', 'channel', 'region', 'brand'] as const
const SAID = ['consentId', 'status', 'at', 'expiresAt', 'version'] as const

function verifyHeads(
  { heads }: KeptPerson,
  last: ReadonlyMap<string, { readonly receipt: Receipt; readonly revision: number }>,
  report: Report,
): void {
  const missing = new Map(last)
  for (const head of heads) {
    const said = last.get(chainKey(head))
    missing.delete(chainKey(head))
    const isSame =
      said !== undefined &&
      said.revision === head.revision &&
      [...DECIDED_BY, ...SAID].every((name) => said.receipt[name] === head[name])
    if (!isSame) report('HEAD_DIFFERS', said?.revision ?? head.revision)
  }
  for (const { revision } of missing.values()) report('HEAD_DIFFERS', revision)
}
