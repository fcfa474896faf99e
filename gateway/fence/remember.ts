import { type DirectiveNode, Kind, type SelectionNode } from 'graphql'
import type { Lookup } from '../plan/query-plan.ts'

type Variables = Readonly<Record<string, unknown>>

/**
 * What is worked out from a lookup depends on the plan, the granted set and the switches of the request alone, never on
 * people: it is made once a plan. The results are shared, so their identity can key further work (printed text).
 */
export const remember = <Made>(
  lookup: Lookup,
  variables: Variables,
  key: readonly unknown[],
  make: () => Made,
): Made => {
  const memory = memories.get(lookup) ?? {
    switches: switchesIn(lookup.selection.selections),
    made: new Map(),
  }
  memories.set(lookup, memory)
  const full = JSON.stringify([key, memory.switches.map((name) => variables[name] === true)])
  const known = memory.made.get(full)
  if (known !== undefined) return known.value as Made
  if (memory.made.size >= MOST) memory.made.clear()
  const value = make()
  memory.made.set(full, { value })
  return value
}

interface Memory {
  /** Variables that `@skip` and `@include` look at. */
  readonly switches: readonly string[]
  readonly made: Map<string, { readonly value: unknown }>
}

const memories = new WeakMap<Lookup, Memory>()

/** Granted sets are few in practice and many in theory (2^scopes): bounded. */
const MOST = 1_000

const switchesIn = (selections: readonly SelectionNode[]): string[] => [
  ...new Set(
    selections.flatMap((selection) => [
      ...(selection.directives ?? []).flatMap(switchOf),
      ...(selection.kind === Kind.FRAGMENT_SPREAD
        ? []
        : switchesIn(selection.selectionSet?.selections ?? [])),
    ]),
  ),
]

const switchOf = ({ name, arguments: given }: DirectiveNode): string[] => {
  const value = given?.[0]?.value
  return (name.value === 'skip' || name.value === 'include') && value?.kind === Kind.VARIABLE
    ? [value.name.value]
    : []
}
