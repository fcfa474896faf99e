import { Kind, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import type { Supergraph } from '../../schema/supergraph.ts'

/** A root field by which an entity is entered as one subgraph knows it. */
export interface Entrance {
  readonly type: string
  /** The subgraph that knows these keys. */
  readonly subgraph: string
  /** The graph that has this root field, and nothing but keys. */
  readonly twin: string
  readonly field: string
  readonly keys: readonly string[]
}

export const TWIN = '_assent_'

/** Every entity of every subgraph. The same for a supergraph and the planner's text of it. */
export const entrances = (supergraph: Supergraph): Entrance[] =>
  [...supergraph.subgraphs.values()].flatMap((view) =>
    [...supergraph.types.values()].flatMap((type): Entrance[] => {
      if (type.kind !== 'object' || [...supergraph.roots.values()].includes(type.name)) return []
      const keys = keysOf(view, [type.name, ...type.interfaces]).filter((key) =>
        isPlain(parseFieldSet(key), type.name, supergraph),
      )
      const twin = `${TWIN}${view.id}`
      const field = `${TWIN}${view.id}_${type.name}`
      return keys.length === 0 ? [] : [{ type: type.name, subgraph: view.name, twin, field, keys }]
    }),
  )

/** An object of an interface that is one object to its subgraph has the keys of that. */
const keysOf = (view: SubgraphView, [type = '', ...interfaces]: readonly string[]): string[] => {
  const own = view.types.get(type)?.keys ?? []
  const known =
    own.length > 0
      ? own
      : interfaces.flatMap((name) => {
          const one = view.types.get(name)
          return one?.isInterfaceObject === true ? one.keys : []
        })
  return [...new Set(known.map(({ fields }) => fields))]
}

/** Fields of objects, and nothing that depends on a type. */
export const isPlain = (set: SelectionSetNode, type: string, supergraph: Supergraph): boolean =>
  set.selections.every((selection) => {
    const known = supergraph.types.get(type)
    if (selection.kind !== Kind.FIELD || known?.kind !== 'object') return false
    const field = known.fields.get(selection.name.value)
    if (field === undefined) return false
    return selection.selectionSet === undefined || isPlain(selection.selectionSet, field.named, supergraph)
  })
