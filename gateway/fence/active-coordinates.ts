import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import type { Lookup } from '../plan/query-plan.ts'
import { admits, childType, isProtected, isSubject, possibleIn, viewOf, type World } from '../plan/world.ts'

interface Scene {
  readonly world: World
  readonly subgraph: string
}

/** The protected coordinates a lookup really asks of one concrete type. */
export const activeCoordinates = (lookup: Lookup, type: string, scene: Scene): string[] => [
  ...new Set(walk(lookup.selection, { ...scene, type, on: type })),
]

const walk = (set: SelectionSetNode, at: Scene & { type: string; on: string }): string[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return []
    if (selection.kind === Kind.FIELD) return fieldCoordinates(selection, at)
    const condition = selection.typeCondition?.name.value
    return admits(at.world, condition, at.type)
      ? walk(selection.selectionSet, { ...at, on: condition ?? at.on })
      : []
  })

const fieldCoordinates = (field: FieldNode, at: Scene & { type: string; on: string }): string[] => {
  const name = field.name.value
  const own = isProtected(at.world, at.type, name) ? [`${at.type}.${name}`] : []
  const view = viewOf(at.world, at.subgraph)
  const child = field.selectionSet === undefined ? null : childType(view, at.on, name)
  if (field.selectionSet === undefined || child === null) return own
  const set = field.selectionSet
  const values = possibleIn(view, child).filter((value) => !isSubject(at.world, value))
  return [...own, ...values.flatMap((value) => walk(set, { ...at, type: value, on: value }))]
}
