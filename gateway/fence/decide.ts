import type { Clause, Protection } from '../../schema/protection.ts'
import type { Caller, ConsentState, ConsentStatus, ScopeState } from '../ports.ts'
import type { Denial, DenialReason } from './denial.ts'

/** granted(receipt) | denied(reason): made here and nowhere else. */
export type Decision = Granted | ({ readonly kind: 'denied' } & Denial)

export interface Granted {
  readonly kind: 'granted'
  /** The scopes it rests on, each active by a receipt. */
  readonly scopes: readonly string[]
}

export interface Question {
  readonly caller: Pick<Caller, 'scopes'>
  /** Null: whose data this is, is not known. Undefined: consent could not be established. */
  readonly state: ConsentState | null | undefined
  readonly now: number
}

/**
 * Effective scopes = the caller's scopes for this purpose ∩ the subject's active scopes in this context.
 * Every clause must hold; of a clause, one group must be granted whole (design, "Decide").
 */
export const decide = (protection: Protection, question: Question): Decision => {
  const scopes = new Set<string>()
  let withheldInput: Denial | null = null
  for (const clause of protection.clauses) {
    const decision = decideClause(clause, question)
    if (decision.kind === 'granted') decision.scopes.forEach((scope) => scopes.add(scope))
    else if (clause.origin !== 'input') return decision
    else withheldInput ??= decision
  }
  if (withheldInput !== null)
    return { kind: 'denied', reason: 'INPUT_WITHHELD', scopes: withheldInput.scopes }
  if (protection.clauses.length > 0) return { kind: 'granted', scopes: [...scopes] }
  return { kind: 'denied', reason: 'UNKNOWN_SUBJECT', scopes: [] }
}

const decideClause = (clause: Clause, question: Question): Decision => {
  let nearest: { missing: string[]; reason: DenialReason } | null = null
  for (const group of clause.anyOf) {
    const denied = group.flatMap((scope) => {
      const reason = denialOfScope(scope, question)
      return reason === null ? [] : [{ scope, reason }]
    })
    const [first] = denied
    if (first === undefined && group.length > 0) return { kind: 'granted', scopes: group }
    if (first !== undefined && (nearest === null || denied.length < nearest.missing.length))
      nearest = { missing: denied.map(({ scope }) => scope), reason: first.reason }
  }
  return { kind: 'denied', reason: nearest?.reason ?? 'NOT_GIVEN', scopes: nearest?.missing ?? [] }
}

/**
 * One (subject, scope): why not, or null for yes. Unknown is no, and so is whatever is not exactly a yes; the default is the
 * last line.
 */
export const denialOfScope = (scope: string, { caller, state, now }: Question): DenialReason | null => {
  if (!caller.scopes.has(scope)) return 'CALLER_SCOPE'
  if (state === null) return 'UNKNOWN_SUBJECT'
  if (state === undefined) return 'CONSENT_UNAVAILABLE'
  if (state.blocked !== undefined) return BLOCKS.has(state.blocked) ? state.blocked : 'CONSENT_UNAVAILABLE'
  const found = state.scopes.get(scope)
  return found === undefined ? 'NOT_GIVEN' : denialOfState(found, now)
}

const BLOCKS: ReadonlySet<DenialReason> = new Set(['SUPPRESSED', 'ERASED', 'UNKNOWN_SUBJECT'])

/** A source may be wrong about its own types: an end that is no instant, or a yes without a receipt, is no consent. */
const denialOfState = (found: ScopeState, now: number): DenialReason | null => {
  if (typeof found !== 'object' || found === null) return 'CONSENT_UNAVAILABLE'
  const { status, receipt, expiresAt } = found
  if (!GRANTS.has(status)) return REASONS.get(status) ?? 'CONSENT_UNAVAILABLE'
  if (typeof receipt !== 'string' || receipt === '') return 'CONSENT_UNAVAILABLE'
  if (expiresAt === null) return null
  if (typeof expiresAt !== 'number' || Number.isNaN(expiresAt)) return 'CONSENT_UNAVAILABLE'
  // A consent that runs out at this very millisecond has run out.
  return expiresAt > now ? null : 'EXPIRED'
}

/** Only given and renewed grant (W3C DPV consent states valid for processing). */
const GRANTS: ReadonlySet<ConsentStatus> = new Set(['given', 'renewed'])

const REASONS: ReadonlyMap<ConsentStatus, DenialReason> = new Map([
  ['requested', 'NOT_GIVEN'],
  ['request_deferred', 'NOT_GIVEN'],
  ['unknown', 'NOT_GIVEN'],
  ['refused', 'REFUSED'],
  ['withdrawn', 'WITHDRAWN'],
  ['revoked', 'WITHDRAWN'],
  ['invalidated', 'WITHDRAWN'],
  ['expired', 'EXPIRED'],
  ['other_region', 'REGION'],
  ['under_age', 'UNDER_AGE'],
])
