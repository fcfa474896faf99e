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
  const byScope = new Map<string, Head[]>()
  for (const head of record.latest) {
    const heads = byScope.get(head.scope)
    if (heads) heads.push(head)
    else byScope.set(head.scope, [head])
  }
  const scopes = new Map<string, EffectiveScope>()
  for (const [scope, heads] of byScope) {
    const state = effectiveScope(heads, context, now)
    if (state !== null) scopes.set(scope, state)
  }
  return { revision: record.revision, blocked: record.blocked, scopes }
}

function effectiveScope(heads: readonly Head[], context: Context, now: number): EffectiveScope | null {
  const judged = heads.map((head) => ({ ...head, status: statusAt(head, now) }))
  const binding = judged.filter((head) => binds(head, context)).toSorted(mostRestrictiveFirst)[0]
  if (binding) return { status: binding.status, receipt: binding.consentId, expiresAt: binding.expiresAt }
  const isGivenElsewhere = judged.some(({ status }) => grants(status))
  return isGivenElsewhere ? { status: 'other_region', receipt: null, expiresAt: null } : null
}

/** Consent that ends at noon is no consent at noon. */
function statusAt({ status, expiresAt }: Head, now: number): ReceiptStatus {
  return grants(status) && expiresAt !== null && expiresAt <= now ? 'expired' : status
}

/**
 * A yes binds only where it was said. A no for one channel, region or brand also binds a use that does not state which one
 * it is: it could be that one.
 */
function binds({ status, channel, region, brand }: Head, context: Context): boolean {
  const isYes = grants(status)
  const covers = (said: string | null, asked: string | null | undefined): boolean =>
    said === null || said === asked || (!isYes && (asked === undefined || asked === null))
  return covers(channel, context.channel) && covers(region, context.region) && covers(brand, context.brand)
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

function mostRestrictiveFirst(a: Head, b: Head): number {
  if (grants(a.status) && grants(b.status)) return endOf(a) - endOf(b)
  return SEVERITY.indexOf(a.status) - SEVERITY.indexOf(b.status)
}

function endOf({ expiresAt }: Head): number {
  return expiresAt ?? Number.MAX_SAFE_INTEGER
}
