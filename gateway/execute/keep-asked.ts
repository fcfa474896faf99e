import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import { admits, type World } from '../plan/world.ts'
import { type DataObject, isObject, own } from './targets.ts'

/**
 * An answer without what nobody asked for. A subgraph that sends more than its document selects must change nothing:
 * not the merged data, not what later requests carry. The result is a copy, which the merge may keep.
 */
export const keepAsked = (value: unknown, set: SelectionSetNode, world: World): unknown => {
  const alone = singles.get(set) ?? [set]
  singles.set(set, alone)
  return keep(value, alone, world)
}

/** Lists directly inside one another. No schema nests so many; an answer that does is not followed down. */
const MOST_LISTS = 16

/** One list a selection set, so that the list can be a key of the memory. */
const singles = new WeakMap<SelectionSetNode, readonly SelectionSetNode[]>()

const keep = (value: unknown, sets: readonly SelectionSetNode[], world: World, lists = 0): unknown => {
  if (Array.isArray(value))
    return lists < MOST_LISTS ? value.map((item: unknown) => keep(item, sets, world, lists + 1)) : null
  if (!isObject(value)) return value
  const result: DataObject = {}
  for (const { key, inner } of askedFields(value, sets, world)) {
    const found = own(value, key)
    if (found !== undefined) result[key] = inner.length === 0 ? found : keep(found, inner, world)
  }
  return result
}

interface AskedField {
  readonly key: string
  readonly inner: readonly SelectionSetNode[]
}

/** By selection sets and type name: the same for every object of one type, in every request with this plan. */
const memory = new WeakMap<readonly SelectionSetNode[], Map<string | null, readonly AskedField[]>>()

/** Fields asked of an object of this type; without a type name, of any. */
const askedFields = (
  value: DataObject,
  sets: readonly SelectionSetNode[],
  world: World,
): readonly AskedField[] => {
  const told = own(value, '__typename')
  // A name the graph does not have comes from the subgraph alone and must not fill the memory.
  const type = typeof told === 'string' && world.supergraph.types.has(told) ? told : null
  const byType = memory.get(sets) ?? new Map<string | null, readonly AskedField[]>()
  memory.set(sets, byType)
  const known = byType.get(type)
  if (known !== undefined) return known
  const fields = new Map<string, FieldNode[]>()
  for (const set of sets) collect(set, type, fields, world)
  const asked = [...fields].map(([key, nodes]) => ({
    key,
    inner: nodes.flatMap((node) => node.selectionSet ?? []),
  }))
  byType.set(type, asked)
  return asked
}

const collect = (
  set: SelectionSetNode,
  type: string | null,
  fields: Map<string, FieldNode[]>,
  world: World,
): void => {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const key = selection.alias?.value ?? selection.name.value
      const known = fields.get(key)
      if (known === undefined) fields.set(key, [selection])
      else known.push(selection)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      const condition = selection.typeCondition?.name.value
      if (type === null || fits(condition, type, world)) collect(selection.selectionSet, type, fields, world)
    }
  }
}

/** A name that is itself abstract comes from an interface object, whose real type is not known here. */
const fits = (condition: string | undefined, type: string, world: World): boolean =>
  admits(world, condition, type) || world.supergraph.types.get(type)?.kind !== 'object'
