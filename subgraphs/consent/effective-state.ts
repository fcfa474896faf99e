import { type Block, grants, type Receipt, type ReceiptStatus } from './receipt.ts'
import type { SubjectRecord } from './store.ts'

/** Where a value will be used. What is not stated could be anywhere. */
export interface Context {
  readonly channel?: string | null
  readonly region?: string | null
}

export interface EffectiveState {
  readonly revision: string
  readonly blocked: Block | null
  /** By scope. A scope that was never spoken of is not in it. */
  readonly scopes: ReadonlyMap<string, EffectiveScope>
}

export interface EffectiveScope {
  /** `other_region`: given, but for another channel or region than this one. */
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
  const byScope = new Map<string, Receipt[]>()
  for (const receipt of record.latest) {
    const heads = byScope.get(receipt.scope)
    if (heads) heads.push(receipt)
    else byScope.set(receipt.scope, [receipt])
  }
  const scopes = new Map<string, EffectiveScope>()
  for (const [scope, heads] of byScope) {
    const state = effectiveScope(heads, context, now)
    if (state !== null) scopes.set(scope, state)
  }
  return { revision: record.revision, blocked: record.blocked, scopes }
}

function effectiveScope(heads: readonly Receipt[], context: Context, now: number): EffectiveScope | null {
  const judged = heads.map((receipt) => ({ ...receipt, status: statusAt(receipt, now) }))
  const binding = judged.filter((receipt) => binds(receipt, context)).toSorted(mostRestrictiveFirst)[0]
  if (binding) return { status: binding.status, receipt: binding.consentId, expiresAt: binding.expiresAt }
  const isGivenElsewhere = judged.some(({ status }) => grants(status))
  return isGivenElsewhere ? { status: 'other_region', receipt: null, expiresAt: null } : null
}

/** Consent that ends at noon is no consent at noon. */
function statusAt({ status, expiresAt }: Receipt, now: number): ReceiptStatus {
  return grants(status) && expiresAt !== null && expiresAt <= now ? 'expired' : status
}

/**
 * A yes binds only where it was said. A no for one channel or region also binds a use that does not state which one
 * it is: it could be that one.
 */
function binds({ status, channel, region }: Receipt, context: Context): boolean {
  const isYes = grants(status)
  const covers = (said: string | null, asked: string | null | undefined): boolean =>
    said === null || said === asked || (!isYes && (asked === undefined || asked === null))
  return covers(channel, context.channel) && covers(region, context.region)
}

const SEVERITY: readonly ReceiptStatus[] = [
  'withdrawn',
  'refused',
  'invalidated',
  'expired',
  'requested',
  'unknown',
  'renewed',
  'given',
]

function mostRestrictiveFirst(a: Receipt, b: Receipt): number {
  if (grants(a.status) && grants(b.status)) return endOf(a) - endOf(b)
  return SEVERITY.indexOf(a.status) - SEVERITY.indexOf(b.status)
}

function endOf({ expiresAt }: Receipt): number {
  return expiresAt ?? Number.MAX_SAFE_INTEGER
}
