import { type ConstDirectiveNode, type ConstValueNode, Kind } from 'graphql'

/**
 * `@requiresScope(scope:)` says which scopes a person must have granted before the coordinate may be fetched about them.
 *
 * The value is an OR of ANDs, and a shorter spelling is widened by GraphQL's own list input coercion, item by item
 * (GraphQL specification, "List", input coercion):
 *   `scope: "a"`            is `[["a"]]`:          a
 *   `scope: ["a", "b"]`     is `[["a"], ["b"]]`:   a OR b
 *   `scope: [["a", "b"]]`   stays as it is:        a AND b
 * Several applications on one coordinate, in one subgraph or in many, are AND-ed.
 * On a type it covers the type's fields, except those of its `@key`s, its subject key and `__typename`.
 */
export const REQUIRES_SCOPE = 'requiresScope'

export const requiresScopeDefinition =
  'directive @requiresScope(scope: [[consent__Scope!]!]!, otherwise: consent__Otherwise = NULL) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM'

export const requiresScopeTypes = `"One term of the consent vocabulary."
scalar consent__Scope

"What a person without the grant gets: nothing, or the default for nobody in particular."
enum consent__Otherwise {
  NULL
  ANONYMOUS
}`

/** More alternatives than a reader could check are refused (composition and run time stay bounded). */
export const MOST_GROUPS = 64

export interface Requirement {
  /** An OR of ANDs. Empty, or with an empty group, when the application is malformed: then nobody satisfies it. */
  readonly scope: readonly (readonly string[])[]
  readonly otherwise: 'NULL' | 'ANONYMOUS'
}

/** Reads one application under its canonical name. Malformed values become groups that no grant satisfies. */
export const readRequiresScope = (application: ConstDirectiveNode): Requirement => {
  const argument = (name: string): ConstValueNode | undefined =>
    application.arguments?.find((candidate) => candidate.name.value === name)?.value
  const otherwise = argument('otherwise')
  return {
    scope: coerceGroups(argument('scope')),
    otherwise: otherwise?.kind === Kind.ENUM && otherwise.value === 'ANONYMOUS' ? 'ANONYMOUS' : 'NULL',
  }
}

/** Every requirement written directly on a definition. */
export const requirementsOn = (node: {
  readonly directives?: readonly ConstDirectiveNode[] | undefined
}): Requirement[] =>
  (node.directives ?? [])
    .filter((application) => application.name.value === REQUIRES_SCOPE)
    .map(readRequiresScope)

/** Default deny: true only when one group is granted whole, and a group of nothing is not a grant. */
export const isSatisfied = (scope: Requirement['scope'], granted: ReadonlySet<string>): boolean =>
  scope.some((group) => group.length > 0 && group.every((name) => granted.has(name)))

const coerceGroups = (value: ConstValueNode | undefined): string[][] => {
  if (value === undefined) return []
  return value.kind === Kind.LIST ? value.values.map(coerceGroup) : [coerceGroup(value)]
}

/** One item that is not a text spoils its group: the rest of the group alone would ask for less. */
const coerceGroup = (value: ConstValueNode): string[] => {
  const items = value.kind === Kind.LIST ? value.values : [value]
  return items.every((item) => item.kind === Kind.STRING) ? items.map((item) => item.value) : []
}
