import type { PolicyBundle } from './policy/bundle.ts'
import { cellsWithin } from './policy/cell-at.ts'
import type { LegalBasis } from './policy/cell-fields.ts'
import { decideCell, type PolicyDenial } from './policy/decide-default.ts'
import { refuseUnknownPlace } from './policy/apply-policy.ts'
import { readSignals } from './policy/signals/read-signals.ts'

/** Whether a scope is used, as the person whose data it is about is told. */
export interface Use {
  /** `in_some_places`: it was not said exactly where, and it is not the same everywhere there. */
  readonly holds: 'yes' | 'no' | 'in_some_places'
  /** What the use rests on, null where there is none. Anything but `consent` holds unless the person objects. */
  readonly basis: LegalBasis | null
  /** Why it is not used, or not everywhere; null where it is, and without a bundle. */
  readonly denied: PolicyDenial | null
}

/** Whether it would be used by what the person said, and is not, because of a record that was found to be the same person’s. */
export function isHeldBack(asSaid: Use, use: Use): boolean {
  return asSaid.holds !== 'no' && use.holds === 'no'
}

/** Of a scope, by what the person's receipts come to there (null: nothing was said). */
export type UseOf = (scope: string, status: string | null) => Use

/** Where a person looks from. */
export interface SeenFrom {
  readonly region: string | null
  readonly brand: string | null
  /** The value of `Sec-GPC`. */
  readonly gpc: string | null
}

/**
 * What is done with a person's data by what they said or by default, as it is told to them. The other way round from a
 * decision: where a place is not known a decision assumes the tightest of all, and who looks is told of the loosest, for
 * it may be the one that holds for them. Throws a coded refusal for a place that the bundle does not know.
 */
export async function usesSeenFrom(policy: PolicyBundle | null, place: SeenFrom): Promise<UseOf> {
  if (policy === null) return (_scope, status) => useOf([byStatement(status)])
  refuseUnknownPlace(policy, place)
  const signals = await readSignals(policy, place)
  return (scope, status) => {
    const cells = cellsWithin(policy, scope, place)
    if (typeof cells === 'string') return { holds: 'no', basis: null, denied: cells }
    return useOf(cells.map((cell) => decideCell(cell, { question: { scope }, status, signals })))
  }
}

type Decision = ReturnType<typeof decideCell> | { readonly holds: false; readonly reason: null }

function byStatement(status: string | null): Decision {
  const isYes = status === 'given' || status === 'renewed'
  if (!isYes) return { holds: false, reason: null }
  return { holds: true, by: 'statement', basis: 'consent', retentionDays: Infinity }
}

function useOf(decisions: readonly Decision[]): Use {
  const held = decisions.find((decision) => decision.holds)
  const denied = decisions.find((decision) => !decision.holds)
  const everywhere = denied === undefined ? 'yes' : 'in_some_places'
  return {
    holds: held === undefined ? 'no' : everywhere,
    basis: held?.holds ? held.basis : null,
    denied: denied?.holds === false ? denied.reason : null,
  }
}
