import { codedError } from '../../coded-error.ts'
import type { PolicyBundle } from './bundle.ts'
import { type PolicyPlace, rowAt } from './cell-at.ts'
import { decideDefault, type PolicyDecision, type PolicyDenial, saidBy } from './decide-default.ts'
import { readPolicyContext } from './policy-context.ts'
import { policyReceipt } from './policy-receipt.ts'
import { readSignals } from './signals/read-signals.ts'

/** What holds for a scope, and by which receipt. */
export interface Standing {
  readonly status: string
  readonly receipt: string | null
  readonly expiresAt: number | null
  /** The yes of the person that a policy stands against, and that counts again when it does not any more. */
  readonly waiting?: { readonly receipt: string | null; readonly expiresAt: number | null }
}

/** What a bundle makes of a scope: granted by default, or taken away. */
export interface PolicyStanding extends Standing {
  readonly status: 'given' | 'refused' | 'invalidated' | 'other_region' | 'under_age'
}

/** What holds for one person, by scope, from what the person said. */
export type Standings = <S extends Standing>(
  said: ReadonlyMap<string, S>,
) => ReadonlyMap<string, S | PolicyStanding>

/**
 * How a bundle changes what holds in a context; without a bundle nothing does, and what nobody said yes to is no. Throws a
 * coded refusal for a context or signal that cannot be read.
 */
export async function policyStandings(bundle: PolicyBundle | null, context: unknown): Promise<Standings> {
  if (bundle === null) return (said) => said
  const read = readPolicyContext(context)
  const signals = await readSignals(bundle, read)
  // The answers depend on the scope and what was said of it, and on nobody: worked out once for all who are asked about.
  const decided = new Map<string, PolicyDecision>()
  const decide = (scope: string, status: string | null): PolicyDecision => {
    const key = `${scope} ${status ?? ''}`
    const known = decided.get(key) ?? decideDefault(bundle, { ...read, scope }, status, signals)
    decided.set(key, known)
    return known
  }
  const byDefault: PolicyStanding = { status: 'given', receipt: policyReceipt(bundle, read), expiresAt: null }
  return (said) => {
    const standings = new Map(said as ReadonlyMap<string, Standing>)
    for (const scope of new Set([...bundle.scopes, ...said.keys()])) {
      const statement = standings.get(scope)
      const decision = decide(scope, statement?.status ?? null)
      if (decision.holds) {
        if (decision.by === 'default') standings.set(scope, byDefault)
      } else if (isTakenBy(decision.reason))
        standings.set(scope, { ...TAKEN[decision.reason], ...waitingFor(statement) })
    }
    return standings as never
  }
}

/** A yes for a place that no bundle knows could never count: who says it is told so, instead of being kept waiting. */
export function refuseUnknownPlace(bundle: PolicyBundle | null, place: PolicyPlace): void {
  const row = bundle === null ? null : rowAt(bundle, place)
  if (row === 'UNKNOWN_REGION') throw codedError('UNKNOWN_REGION', 'region')
  if (row === 'UNKNOWN_BRAND') throw codedError('UNKNOWN_BRAND', 'brand')
}

function waitingFor(statement: Standing | undefined): Pick<Standing, 'waiting'> {
  if (statement === undefined || saidBy(statement.status) !== 'yes') return {}
  const { receipt, expiresAt } = statement
  return { waiting: { receipt, expiresAt } }
}

type Taking = Exclude<PolicyDenial, 'SAID_NO' | 'NOT_ASKED' | 'NOTICE_LANGUAGE'>

const none = { receipt: null, expiresAt: null }

/** What a denial of the policy is called where only states of consent have names (W3C DPV). */
const TAKEN: Readonly<Record<Taking, PolicyStanding>> = {
  UNKNOWN_REGION: { status: 'other_region', ...none },
  UNKNOWN_BRAND: { status: 'other_region', ...none },
  UNKNOWN_SCOPE: { status: 'other_region', ...none },
  PROHIBITED: { status: 'other_region', ...none },
  NO_LEGAL_BASIS: { status: 'other_region', ...none },
  SIGNAL: { status: 'refused', ...none },
  UNDER_AGE: { status: 'under_age', ...none },
  AGE_UNKNOWN: { status: 'invalidated', ...none },
}

/** The others leave what the person said, or that nothing was said, as it is. */
function isTakenBy(reason: PolicyDenial): reason is Taking {
  return Object.hasOwn(TAKEN, reason)
}
