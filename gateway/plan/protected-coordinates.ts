import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import { admits, childType, isProtected, isSubject, possibleIn, type World } from './world.ts'

export interface Selected {
  readonly field: FieldNode
  /** The type the fragment was written on, as the subgraph knows it. */
  readonly on: string
}

interface Scene {
  readonly world: World
  readonly view: SubgraphView
}

/** The protected coordinates that a selection asks of an object of one type, down to where another person begins. */
export const protectedCoordinates = (set: SelectionSetNode, type: string, scene: Scene): string[] => [
  ...new Set(coordinatesIn(set, type, scene)),
]

const coordinatesIn = (set: SelectionSetNode, type: string, scene: Scene): string[] =>
  selectedOf(set, type, scene).flatMap((selected) => coordinatesOf(selected, type, scene))

/** The fields that a selection asks of an object of one type, whatever fragments they stand in. */
export const selectedOf = (set: SelectionSetNode, type: string, scene: Scene): Selected[] =>
  selectedOn(set, type, { type, world: scene.world })

const selectedOn = (
  set: SelectionSetNode,
  on: string,
  at: { readonly type: string; readonly world: World },
): Selected[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ field: selection, on }]
    if (selection.kind !== Kind.INLINE_FRAGMENT) return []
    const condition = selection.typeCondition?.name.value
    return admits(at.world, condition, at.type) ? selectedOn(selection.selectionSet, condition ?? on, at) : []
  })

/** Of one selected field: its own, and those of value types below it. */
const coordinatesOf = ({ field, on }: Selected, type: string, scene: Scene): string[] => {
  const name = field.name.value
  const own = isProtected(scene.world, type, name) ? [`${type}.${name}`] : []
  const set = field.selectionSet
  const child = set === undefined ? null : childType(scene.view, on, name)
  if (set === undefined || child === null) return own
  const values = possibleIn(scene.view, child).filter((value) => !isSubject(scene.world, value))
  return [...own, ...values.flatMap((value) => coordinatesIn(set, value, scene))]
}
