import type { ScopeGroups } from '../protection.ts'

/** Clauses are AND-ed, each an OR of ANDs. */
export type Requirement = readonly ScopeGroups[]

/** More than this is not looked through; what is not found to hold does not hold. */
const MOST_STEPS = 50_000

/**
 * Whether everybody who satisfies one requirement satisfies the other: then nothing is lost where the one takes the
 * other’s place. Looks for a person who satisfies `one` and fails `other`. Requirements are monotone, so such a person
 * lacks one scope of every group of some clause of `other` and has all the rest.
 */
export const implies = (one: Requirement, other: Requirement): boolean => {
  const steps = { left: MOST_STEPS }
  return other.every((clause) => !hasCounterexample(one, clause, { lacking: new Set(), steps }))
}

interface Search {
  readonly lacking: ReadonlySet<string>
  readonly steps: { left: number }
}

const hasCounterexample = (one: Requirement, clause: ScopeGroups, { lacking, steps }: Search): boolean => {
  if (steps.left-- <= 0) return true
  // Who lacks still more satisfies still less.
  if (!isSatisfiedWithout(one, lacking)) return false
  const open = clause.find((group) => isWhole(group) && group.every((scope) => !lacking.has(scope)))
  if (open === undefined) return true
  return open.some((scope) =>
    hasCounterexample(one, clause, { lacking: new Set([...lacking, scope]), steps }),
  )
}

const isSatisfiedWithout = (requirement: Requirement, lacking: ReadonlySet<string>): boolean =>
  requirement.every((clause) =>
    clause.some((group) => isWhole(group) && group.every((scope) => !lacking.has(scope))),
  )

/** A group of nothing is no grant (see `isSatisfied`). */
const isWhole = (group: readonly string[]): boolean => group.length > 0

/** `(a and b) or c`, and-ed where there are several. */
export const requirementText = (requirement: Requirement): string => {
  const clauses = requirement.map((clause) => {
    const groups = clause.map((group) => (group.length > 1 ? `(${group.join(' and ')})` : group.join('')))
    return groups.length > 1 && requirement.length > 1 ? `(${groups.join(' or ')})` : groups.join(' or ')
  })
  return [...new Set(clauses)].toSorted().join(' and ')
}
