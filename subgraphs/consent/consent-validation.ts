import { scopesOf, type Vocabulary } from '../../directives/vocabulary.ts'
import { codedError } from '../coded-error.ts'
import type { SubgraphContext } from '../serve.ts'
import { createJudge, type SubjectState } from './links/state-of.ts'
import { isPid } from './pids.ts'
import { policyStandings, refuseUnknownPlace } from './policy/apply-policy.ts'
import type { PolicyBundle } from './policy/bundle.ts'
import { grants, type ReceiptStatus } from './receipts/receipt.ts'
import type { ConsentStore } from './store.ts'

export interface ValidationParts {
  readonly store: Pick<ConsentStore, 'records'>
  readonly vocabulary: Vocabulary
  readonly policy: PolicyBundle | null
  readonly expiryClock: () => number
}

export interface ValidationInput {
  readonly pids: readonly string[]
  readonly scopes: readonly string[]
  readonly purpose: string
  readonly channel?: string | null
  readonly region?: string | null
  readonly brand?: string | null
  readonly age?: number | null
}

/** Why a scope may not be used. The list is closed, and `PURPOSE` comes before anything that a person said. */
type ValidationDenial =
  | 'PURPOSE'
  | 'NOT_GIVEN'
  | 'REFUSED'
  | 'WITHDRAWN'
  | 'EXPIRED'
  | 'REGION'
  | 'UNDER_AGE'
  | 'SUPPRESSED'
  | 'ERASED'
  | 'UNKNOWN_SUBJECT'

interface ScopeValidation {
  readonly scope: string
  readonly granted: boolean
  readonly receipt: string | null
  readonly reason: ValidationDenial | null
}

export interface ConsentValidation {
  readonly pid: string
  readonly revision: string
  readonly scopes: readonly ScopeValidation[]
}

const MOST_VALIDATED = 1_000

/**
 * Purpose limitation (GDPR Art. 5(1)(b)): who asks learns what holds for the purpose it has declared and for no other. The
 * answers are those of the engine that decides for gateways, all people in one read; nobody's word is told, only what holds.
 */
export async function consentValidation(
  parts: ValidationParts,
  input: ValidationInput,
  { grant }: Pick<SubgraphContext, 'grant'>,
): Promise<readonly ConsentValidation[]> {
  if (grant === null) throw codedError('GRANT_MISSING', 'signature of the gateway')
  refuseMisfits(parts, input, grant.purpose)
  const { store, vocabulary, policy, expiryClock } = parts
  const { channel = null, region = null, brand = null } = input
  const pids = [...new Set(input.pids)]
  const records = await store.records(pids.filter(isPid))
  const standings = await policyStandings(policy, input)
  const judge = createJudge({ context: { channel, region, brand }, now: expiryClock(), standings })
  const allowed = scopesOf(vocabulary, input.purpose)
  return pids.map((pid) => {
    const record = records.get(pid)
    const state = record === undefined ? null : judge(record)
    const scopes = [...new Set(input.scopes)].map((scope) => validated(scope, state, allowed))
    return { pid, revision: state?.revision ?? '0', scopes }
  })
}

function refuseMisfits(
  { vocabulary, policy }: ValidationParts,
  { pids, scopes, purpose, region, brand }: ValidationInput,
  declared: string,
): void {
  const at = (name: string): string => `Query.consentValidation(input: { ${name} })`
  if (purpose !== declared) throw codedError('PURPOSE_NOT_ALLOWED', at('purpose'))
  if (pids.length > MOST_VALIDATED)
    throw codedError('TOO_MANY_SUBJECTS', `${at('pids')}, at most ${MOST_VALIDATED}`)
  if (scopes.length === 0) throw codedError('NO_SCOPE', at('scopes'))
  if (!scopes.every((scope) => vocabulary.scopes.has(scope))) throw codedError('UNKNOWN_SCOPE', at('scopes'))
  refuseUnknownPlace(policy, { region: region ?? null, brand: brand ?? null })
}

function validated(scope: string, state: SubjectState | null, allowed: ReadonlySet<string>): ScopeValidation {
  const no = (reason: ValidationDenial): ScopeValidation => ({ scope, granted: false, receipt: null, reason })
  if (!allowed.has(scope)) return no('PURPOSE')
  if (state === null) return no('UNKNOWN_SUBJECT')
  if (state.blocked !== null) return no(state.blocked === 'erased' ? 'ERASED' : 'SUPPRESSED')
  const found = state.scopes.get(scope)
  if (found === undefined) return no('NOT_GIVEN')
  if (grants(found.status as ReceiptStatus) && found.receipt !== null)
    return { scope, granted: true, receipt: found.receipt, reason: null }
  return no(REASONS.get(found.status) ?? 'NOT_GIVEN')
}

const REASONS: ReadonlyMap<string, ValidationDenial> = new Map([
  ['refused', 'REFUSED'],
  ['withdrawn', 'WITHDRAWN'],
  ['revoked', 'WITHDRAWN'],
  ['invalidated', 'WITHDRAWN'],
  ['expired', 'EXPIRED'],
  ['other_region', 'REGION'],
  ['under_age', 'UNDER_AGE'],
])
