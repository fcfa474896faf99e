import type { Head, SubjectRecord } from '../store.ts'
import { type Block, grants, type ReceiptStatus } from './receipt.ts'

/** Where a value will be used. What is not stated could be anywhere. */
export interface Context {
  readonly channel?: string | null
  readonly region?: string | null
  readonly brand?: string | null
}

export interface EffectiveState {
  readonly revision: string
  readonly blocked: Block | null
  /** By scope. A scope that was never spoken of is not in it. */
  readonly scopes: ReadonlyMap<string, EffectiveScope>
}

export interface EffectiveScope {
  /** `other_region`: given, but for another channel, region or brand than this one. */
  readonly status: ReceiptStatus | 'other_region'
  readonly receipt: string | null
  /** Milliseconds since the epoch; null when it does not run out. */
  readonly expiresAt: number | null
}

/**
 * What is active now is what a person said LAST about a scope, never any older receipt that would still grant.
 * When several chains speak about the same use (one for all channels, one for this channel), the most restrictive
 * of their last words counts (GDPR Art. 7(3): withdrawing must not be harder than giving).
 */
export function effectiveState(record: SubjectRecord, context: Context, now: number): EffectiveState {
  const scopes = new Map<string, EffectiveScope>()
  // One pass and one object a head: this is asked about every person of every answer.
  for (const head of record.latest) {
    const said = saidFor(head, context, now)
    const before = scopes.get(head.scope)
    if (said !== null && (before === undefined || isStricter(said, before))) scopes.set(head.scope, said)
  }
  return { revision: record.revision, blocked: record.blocked, scopes }
}

/** Null: nothing for this use. */
function saidFor(head: Head, context: Context, now: number): EffectiveScope | null {
  const status = statusAt(head, now)
  if (binds(head, status, context)) return { status, receipt: head.consentId, expiresAt: head.expiresAt }
  return grants(status) ? GIVEN_ELSEWHERE : null
}

const GIVEN_ELSEWHERE: EffectiveScope = { status: 'other_region', receipt: null, expiresAt: null }

/** What binds counts before what was given elsewhere; of two that restrict alike the first. */
function isStricter(one: EffectiveScope, other: EffectiveScope): boolean {
  if (one.status === 'other_region') return false
  if (other.status === 'other_region') return true
  if (grants(one.status) && grants(other.status)) return endOf(one) < endOf(other)
  return SEVERITY.indexOf(one.status) < SEVERITY.indexOf(other.status)
}

/** Consent that ends at noon is no consent at noon. */
function statusAt({ status, expiresAt }: Head, now: number): ReceiptStatus {
  return grants(status) && expiresAt !== null && expiresAt <= now ? 'expired' : status
}

/**
 * A yes binds only where it was said. A no for one channel, region or brand also binds a use that does not state which one
 * it is: it could be that one.
 */
function binds({ channel, region, brand }: Head, status: ReceiptStatus, context: Context): boolean {
  const isNo = !grants(status)
  return (
    covers(channel, context.channel, isNo) &&
    covers(region, context.region, isNo) &&
    covers(brand, context.brand, isNo)
  )
}

function covers(said: string | null, asked: string | null | undefined, isNo: boolean): boolean {
  return said === null || said === asked || (isNo && (asked === undefined || asked === null))
}

const SEVERITY: readonly ReceiptStatus[] = [
  'withdrawn',
  'revoked',
  'refused',
  'invalidated',
  'expired',
  'requested',
  'request_deferred',
  'unknown',
  'renewed',
  'given',
]

function endOf({ expiresAt }: EffectiveScope): number {
  return expiresAt ?? Number.MAX_SAFE_INTEGER
}
