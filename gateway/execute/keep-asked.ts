import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import { admits, type World } from '../plan/world.ts'
import { type DataObject, isObject, own } from './targets.ts'

/**
 * An answer without what nobody asked for. A subgraph that sends more than its document selects must change nothing:
 * not the merged data, not what later requests carry. The result is a copy, which the merge may keep.
 */
export const keepAsked = (value: unknown, sets: readonly SelectionSetNode[], world: World): unknown => {
  if (Array.isArray(value)) return value.map((item: unknown) => keepAsked(item, sets, world))
  if (!isObject(value)) return value
  const result: DataObject = {}
  for (const [key, nodes] of askedFields(value, sets, world)) {
    const found = own(value, key)
    if (found === undefined) continue
    const inner = nodes.flatMap((node) => node.selectionSet ?? [])
    result[key] = inner.length === 0 ? found : keepAsked(found, inner, world)
  }
  return result
}

/** Fields asked of an object of this type, by response key; without a type name, of any. */
const askedFields = (
  value: DataObject,
  sets: readonly SelectionSetNode[],
  world: World,
): Map<string, FieldNode[]> => {
  const name = own(value, '__typename')
  const fields = new Map<string, FieldNode[]>()
  for (const set of sets) collect(set, typeof name === 'string' ? name : null, fields, world)
  return fields
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
