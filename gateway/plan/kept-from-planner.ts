import { Kind, print, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import type { Supergraph } from '../../schema/supergraph.ts'
import { type Computed, computedFields } from './computed-fields.ts'
import { entrances } from './entrances.ts'
import { hasMovedAway } from './moved-fields.ts'

/** By type: computed fields that the planner is not asked for. */
export type KeptFromPlanner = ReadonlyMap<string, ReadonlySet<string>>

/**
 * To hand a computed field its inputs, the planner goes by some key that the computing subgraph has the fields of, the longest
 * there is, be it that subgraph's own or another's, and whether the place it comes from has it or not. Where it has not, the
 * planner's process ends; where the subgraph is not known by it, nothing is found. And what an interface object needs of its types
 * it asks of the interface, also where a type has it elsewhere. Such fields are not put to the planner, but taken out
 * (`ways-to-part.ts`).
 */
export const keptFromPlanner = (supergraph: Supergraph): KeptFromPlanner => {
  const found = new Map<string, Set<string>>()
  for (const { type, as, field, subgraph, inputs } of computedFields(supergraph)) {
    const view = supergraph.subgraphs.get(subgraph)
    const isFine = view === undefined || isSteady(type, as, { view, supergraph })
    if (isFine && !hasMoved(inputs, as, supergraph)) continue
    found.set(type, (found.get(type) ?? new Set()).add(field))
  }
  return found
}

interface Computing {
  readonly view: SubgraphView
  readonly supergraph: Supergraph
}

/** Whichever key the planner goes by, every place has it, and the subgraph is known by it. */
const isSteady = (type: string, as: string, { view, supergraph }: Computing): boolean => {
  const others = [...supergraph.subgraphs.values()].filter((other) => other !== view && other.types.has(type))
  const own = keysOf(as, view)
  const candidates = [...own, ...others.flatMap((other) => keysOf(type, other))].filter((key) =>
    hasKey(view, as, key),
  )
  const longest = Math.max(...candidates.map(lengthOf))
  return candidates
    .filter((key) => lengthOf(key) === longest)
    .every(
      (key) => others.every((other) => hasKey(other, type, key)) && own.some((one) => includes(key, one)),
    )
}

/** Any type behind an interface object has an input elsewhere than the interface says. */
const hasMoved = ({ selections }: SelectionSetNode, of: string, supergraph: Supergraph): boolean => {
  const known = supergraph.types.get(of)
  if (known?.kind !== 'interface') return false
  return selections.some(
    (one) =>
      one.kind === Kind.FIELD &&
      known.possible.some((type) =>
        [...supergraph.subgraphs.values()].some((view) =>
          hasMovedAway({ type, field: one.name.value, of }, view, supergraph),
        ),
      ),
  )
}

const keysOf = (type: string, { types }: SubgraphView): SelectionSetNode[] =>
  (types.get(type)?.keys ?? [])
    .filter(({ resolvable }) => resolvable)
    .map(({ fields }) => parseFieldSet(fields))

const lengthOf = ({ selections }: SelectionSetNode): number => selections.length

/** Whether a key has every field of another one; one with fields of its own counts as what it is. */
export const includes = (key: SelectionSetNode, other: SelectionSetNode): boolean =>
  other.selections.every((one) => key.selections.some((mine) => print(mine) === print(one)))

export const hasKey = ({ types }: SubgraphView, type: string, key: SelectionSetNode): boolean =>
  key.selections.every(
    (one) => one.kind === Kind.FIELD && types.get(type)?.fields.has(one.name.value) === true,
  )

export const isKeptFromPlanner = (
  { type, field }: Pick<Computed, 'type' | 'field'>,
  keys: KeptFromPlanner,
): boolean => keys.get(type)?.has(field) === true

/** Whether an operation asks for one of these fields. */
export const asksWhatIsKept = (
  set: SelectionSetNode,
  type: string,
  asked: { readonly supergraph: Supergraph; readonly keptFromPlanner: KeptFromPlanner },
): boolean => {
  const { supergraph, keptFromPlanner: keys } = asked
  if (keys.size === 0) return false
  const known = supergraph.types.get(type)
  return set.selections.some((one) => {
    if (one.kind === Kind.FRAGMENT_SPREAD) return false
    if (one.kind === Kind.INLINE_FRAGMENT)
      return asksWhatIsKept(one.selectionSet, one.typeCondition?.name.value ?? type, asked)
    const field = one.name.value
    if ((known?.possible ?? []).some((concrete) => isKeptFromPlanner({ type: concrete, field }, keys)))
      return true
    const named = known?.fields.get(field)?.named ?? entered(field, supergraph)
    return one.selectionSet !== undefined && asksWhatIsKept(one.selectionSet, named, asked)
  })
}

const entered = (field: string, supergraph: Supergraph): string =>
  entrances(supergraph).find((one) => one.field === field)?.type ?? ''
