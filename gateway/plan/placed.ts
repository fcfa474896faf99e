import {
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import { keysAgree, mergedSets } from './join-lookups.ts'
import { type Path, type PathSegment, selectionSet } from './query-plan.ts'
import { childType } from './world.ts'

export interface Placing {
  readonly view: SubgraphView
  /** The type that the selection stands on. */
  readonly type: string
  readonly path: Path
  /** What is asked there. */
  readonly own: InlineFragmentNode
}

/** A selection with more fields at a path of it. Null where it does not say exactly once what stands there. */
export const placed = (
  set: SelectionSetNode,
  { view, type, path, own }: Placing,
): SelectionSetNode | null => {
  const [segment, ...rest] = path
  if (segment === undefined) return joined(set, type, own)
  if (segment === 'item') return placed(set, { view, type, path: rest, own })
  const at = onlyAt(set, segment)
  if (at === null) return null
  const below = at.kind === Kind.FIELD ? childType(view, type, at.name.value) : at.typeCondition?.name.value
  const inner = placed(at.selectionSet, { view, type: below ?? '', path: rest, own })
  if (inner === null) return null
  return selectionSet(set.selections.map((one) => (one === at ? { ...at, selectionSet: inner } : one)))
}

type Parent = (FieldNode | InlineFragmentNode) & { readonly selectionSet: SelectionSetNode }

const onlyAt = (set: SelectionSetNode, segment: Exclude<PathSegment, 'item'>): Parent | null => {
  const [at, ...others] = set.selections.filter((one): one is Parent =>
    'field' in segment ? isUnder(one, segment.field) : isOn(one, segment.types),
  )
  if (at === undefined || others.length > 0 || (at.directives ?? []).length > 0) return null
  return at.selectionSet === undefined ? null : at
}

const joined = (set: SelectionSetNode, type: string, own: InlineFragmentNode): SelectionSetNode | null => {
  if (!keysAgree(set, own.selectionSet)) return null
  return mergedSets(set, type === own.typeCondition?.name.value ? own.selectionSet : selectionSet([own]))
}

const isUnder = (one: SelectionNode, key: string): one is FieldNode =>
  one.kind === Kind.FIELD && (one.alias?.value ?? one.name.value) === key

const isOn = (one: SelectionNode, types: readonly string[]): one is InlineFragmentNode =>
  one.kind === Kind.INLINE_FRAGMENT && types.length === 1 && one.typeCondition?.name.value === types[0]
