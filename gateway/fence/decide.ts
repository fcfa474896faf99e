import type { Clause, Protection } from '../../schema/protection.ts'
import type { Caller, ConsentState, ConsentStatus, ScopeState } from '../ports.ts'
import type { Denial, DenialReason } from './denial.ts'

/** granted(receipt) | denied(reason): made here and nowhere else. */
export type Decision = Granted | ({ readonly kind: 'denied' } & Denial)

export interface Granted {
  readonly kind: 'granted'
  /** The receipts it rests on, one a scope. */
  readonly receipts: readonly string[]
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
  const receipts = new Set<string>()
  let withheldInput: Denial | null = null
  for (const clause of protection.clauses) {
    const decision = decideClause(clause, question)
    if (decision.kind === 'granted') decision.receipts.forEach((receipt) => receipts.add(receipt))
    else if (clause.origin !== 'input') return decision
    else withheldInput ??= decision
  }
  if (withheldInput !== null)
    return { kind: 'denied', reason: 'INPUT_WITHHELD', scopes: withheldInput.scopes }
  if (protection.clauses.length > 0) return { kind: 'granted', receipts: [...receipts] }
  return { kind: 'denied', reason: 'UNKNOWN_SUBJECT', scopes: [] }
}

const decideClause = (clause: Clause, question: Question): Decision => {
  let nearest: { missing: string[]; reason: DenialReason } | null = null
  for (const group of clause.anyOf) {
    const scopes = group.map((scope) => ({ scope, decision: decideScope(scope, question) }))
    const denied = scopes.flatMap(({ scope, decision }) =>
      decision.kind === 'denied' ? [{ scope, reason: decision.reason }] : [],
    )
    const [first] = denied
    if (first === undefined && group.length > 0)
      return {
        kind: 'granted',
        receipts: scopes.flatMap(({ decision }) => (decision.kind === 'granted' ? decision.receipts : [])),
      }
    if (first !== undefined && (nearest === null || denied.length < nearest.missing.length))
      nearest = { missing: denied.map(({ scope }) => scope), reason: first.reason }
  }
  return { kind: 'denied', reason: nearest?.reason ?? 'NOT_GIVEN', scopes: nearest?.missing ?? [] }
}

/** One (subject, scope). Unknown is no, and so is whatever is not exactly a yes; the default is the last line. */
export const decideScope = (scope: string, { caller, state, now }: Question): Decision => {
  const denied = (reason: DenialReason): Decision => ({ kind: 'denied', reason, scopes: [scope] })
  if (!caller.scopes.has(scope)) return denied('CALLER_SCOPE')
  if (state === null) return denied('UNKNOWN_SUBJECT')
  if (state === undefined) return denied('CONSENT_UNAVAILABLE')
  if (state.blocked !== undefined) return denied(state.blocked)
  const found = state.scopes.get(scope)
  return found === undefined ? denied('NOT_GIVEN') : decideState(found, scope, now)
}

/** A source may be wrong about its own types: an end that is no instant, or a yes without a receipt, is no consent. */
const decideState = (found: ScopeState, scope: string, now: number): Decision => {
  const denied = (reason: DenialReason): Decision => ({ kind: 'denied', reason, scopes: [scope] })
  if (typeof found !== 'object' || found === null) return denied('CONSENT_UNAVAILABLE')
  const { status, receipt, expiresAt } = found
  if (!GRANTS.has(status)) return denied(REASONS.get(status) ?? 'CONSENT_UNAVAILABLE')
  if (typeof receipt !== 'string' || receipt === '') return denied('CONSENT_UNAVAILABLE')
  const granted: Decision = { kind: 'granted', receipts: [receipt] }
  if (expiresAt === null) return granted
  if (typeof expiresAt !== 'number' || Number.isNaN(expiresAt)) return denied('CONSENT_UNAVAILABLE')
  // A consent that runs out at this very millisecond has run out.
  return expiresAt > now ? granted : denied('EXPIRED')
}

/** Only given and renewed grant (W3C DPV consent states valid for processing). */
const GRANTS: ReadonlySet<ConsentStatus> = new Set(['given', 'renewed'])

const REASONS: ReadonlyMap<ConsentStatus, DenialReason> = new Map([
  ['requested', 'NOT_GIVEN'],
  ['unknown', 'NOT_GIVEN'],
  ['refused', 'REFUSED'],
  ['withdrawn', 'WITHDRAWN'],
  ['invalidated', 'WITHDRAWN'],
  ['expired', 'EXPIRED'],
  ['other_region', 'REGION'],
])
