import type { SelectionSetNode } from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import type { SubgraphType, SubgraphView } from '../../schema/subgraph-view.ts'
import type { Supergraph } from '../../schema/supergraph.ts'
import { isPlain } from './entrances.ts'

/** A field of an entity that one subgraph computes from what it is handed (`@requires`). */
export interface Computed {
  readonly type: string
  /** What that subgraph calls the type: itself, or an interface that is one object there. */
  readonly as: string
  readonly field: string
  readonly subgraph: string
  readonly key: SelectionSetNode
  readonly inputs: SelectionSetNode
}

/** Those that one lookup by a key can ask for, once for each key. */
export const computedFields = (supergraph: Supergraph): Computed[] =>
  [...supergraph.subgraphs.values()].flatMap((view) =>
    [...view.types.values()].flatMap((known) => {
      const types = known.isInterfaceObject ? supergraph.types.get(known.name)?.possible : [known.name]
      return (types ?? []).flatMap((type) => computedOf(type, known, { view, supergraph }))
    }),
  )

interface Computing {
  readonly view: SubgraphView
  readonly supergraph: Supergraph
}

const computedOf = (
  type: string,
  { name: as, keys }: SubgraphType,
  { view, supergraph }: Computing,
): Computed[] => {
  const isKnown = (set: SelectionSetNode): boolean => isPlain(set, type, supergraph)
  const sets = keys.filter(({ resolvable }) => resolvable).map(({ fields }) => parseFieldSet(fields))
  return [...(supergraph.types.get(as)?.fields.values() ?? [])].flatMap(({ name: field, requires }) => {
    const text = requires.get(view.id)
    const inputs = text === undefined ? null : parseFieldSet(text)
    if (inputs === null || !isKnown(inputs)) return []
    return sets.filter(isKnown).map((key) => ({ type, as, field, subgraph: view.name, key, inputs }))
  })
}
