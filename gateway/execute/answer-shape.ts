import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import { admits, type World } from '../plan/world.ts'
import type { DataObject } from './targets.ts'

/**
 * What a selection asks of an answer, by the type that the answer says it is of. Worked out once a plan: requests only look
 * up. A key that is not in it was not asked for.
 */
export interface AnswerShape {
  askedOf(object: DataObject): Asked
}

export interface Asked {
  /** By key, the shape of the value; null for a leaf. */
  readonly fields: ReadonlyMap<string, AnswerShape | null>
  readonly keys: readonly string[]
  /** Those whose value is an object, or a list of them. */
  readonly nested: readonly (readonly [key: string, shape: AnswerShape])[]
}

const shapes = new WeakMap<SelectionSetNode, AnswerShape>()

export const shapeOf = (selection: SelectionSetNode, world: World): AnswerShape => {
  const known = shapes.get(selection)
  if (known !== undefined) return known
  const shape = createShape([selection], world)
  shapes.set(selection, shape)
  return shape
}

const createShape = (sets: readonly SelectionSetNode[], world: World): AnswerShape => {
  const byType = new Map<string | null, Asked>()
  return {
    askedOf: (object) => {
      const told = object['__typename']
      // A name the graph does not have comes from the subgraph alone and must not fill the memory.
      const type = typeof told === 'string' && world.supergraph.types.has(told) ? told : null
      const known = byType.get(type)
      if (known !== undefined) return known
      const asked = askedFor(sets, type, world)
      byType.set(type, asked)
      return asked
    },
  }
}

/** Fields asked of an object of this type; without a type name, of any. */
const askedFor = (sets: readonly SelectionSetNode[], type: string | null, world: World): Asked => {
  const nodes = new Map<string, FieldNode[]>()
  for (const set of sets) collect(set, type, nodes, world)
  const fields = new Map(
    [...nodes].map(([key, found]) => {
      const inner = found.flatMap((node) => node.selectionSet ?? [])
      return [key, inner.length === 0 ? null : createShape(inner, world)]
    }),
  )
  const nested = [...fields].flatMap(([key, shape]) => (shape === null ? [] : [[key, shape] as const]))
  return { fields, keys: [...fields.keys()], nested }
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
