import { applications } from '../../schema/definitions.ts'
import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import type { World } from './world.ts'

export interface Owning {
  readonly type: string
  readonly view: SubgraphView
  readonly world: World
}

/** The subgraph has the field wherever it has the object: neither promised by others nor computed from them. */
export const isOwnField = ({ name }: FieldNode, { type, view, world }: Owning): boolean => {
  if (name.value === '__typename') return true
  const field = world.supergraph.types.get(type)?.fields.get(name.value)
  if (field === undefined || view.types.get(type)?.isInterfaceObject !== false) return false
  const joins = applications(field.directives, 'join__field')
  const mine = joins.find((join) => join['graph'] === view.id)
  if (mine === undefined) return joins.length === 0
  return mine['external'] !== true && mine['requires'] === undefined && mine['usedOverridden'] !== true
}

/** And everything below it; what depends on a type is left to the planner. */
export const isOwnSelection = (set: SelectionSetNode, owning: Owning): boolean =>
  set.selections.every((one) => {
    if (one.kind !== Kind.FIELD || !isOwnField(one, owning)) return false
    const type = owning.view.types.get(owning.type)?.fields.get(one.name.value)?.named ?? ''
    const isObject = owning.world.supergraph.types.get(type)?.kind === 'object'
    return (
      one.selectionSet === undefined || (isObject && isOwnSelection(one.selectionSet, { ...owning, type }))
    )
  })
