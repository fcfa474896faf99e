import type { ScopeGroups } from './protection.ts'

/**
 * Whether whoever satisfies all of `clauses` also satisfies `required`, whatever was granted:
 * each way to satisfy the clauses contains one group of the requirement (groups of an OR of ANDs, compared as sets).
 */
export const carriesScopes = (clauses: readonly ScopeGroups[], required: ScopeGroups): boolean => {
  if (clauses.some((clause) => isCovered(clause, required))) return true
  const ways = clauses.reduce<readonly (readonly string[])[] | null>(combine, [[]])
  return ways !== null && isCovered(ways, required)
}

const isCovered = (ways: ScopeGroups, required: ScopeGroups): boolean =>
  ways.length > 0 &&
  ways.every((way) =>
    required.some((group) => group.length > 0 && group.every((scope) => way.includes(scope))),
  )

/** Past this many combinations the answer is "not proved", which asks the author to write the scopes out. */
const MOST_WAYS = 4096

const combine = (ways: ScopeGroups | null, clause: ScopeGroups): ScopeGroups | null => {
  if (ways === null || ways.length * clause.length > MOST_WAYS) return null
  return ways.flatMap((way) => clause.map((group) => [...new Set([...way, ...group])]))
}

/** A requirement as its author would write it: `[["a", "b"], ["c"]]`, or `"a"` when that is all. */
export const writeScopes = (scope: ScopeGroups): string => {
  const [only] = scope
  return scope.length === 1 && only?.length === 1
    ? JSON.stringify(only[0])
    : `[${scope.map((group) => `[${group.map((name) => JSON.stringify(name)).join(', ')}]`).join(', ')}]`
}
