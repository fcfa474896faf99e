import type { SelectionSetNode } from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import type { Supergraph } from '../../schema/supergraph.ts'
import { isPlain } from './entrances.ts'

/** A field of an entity that one subgraph computes from what it is handed (`@requires`). */
export interface Computed {
  readonly type: string
  readonly field: string
  readonly subgraph: string
  readonly key: SelectionSetNode
  readonly inputs: SelectionSetNode
}

/** Those that one lookup by a key can ask for. */
export const computedFields = (supergraph: Supergraph): Computed[] =>
  [...supergraph.subgraphs.values()].flatMap((view) =>
    [...view.types.values()].flatMap(({ name: type, keys, isInterfaceObject }): Computed[] => {
      const isKnown = (set: SelectionSetNode): boolean => isPlain(set, type, supergraph)
      const sets = keys.filter(({ resolvable }) => resolvable).map(({ fields }) => parseFieldSet(fields))
      const key = sets.find(isKnown)
      if (key === undefined || isInterfaceObject) return []
      const fields = [...(supergraph.types.get(type)?.fields.values() ?? [])]
      return fields.flatMap(({ name: field, requires }) => {
        const text = requires.get(view.id)
        const inputs = text === undefined ? null : parseFieldSet(text)
        return inputs === null || !isKnown(inputs) ? [] : [{ type, field, subgraph: view.name, key, inputs }]
      })
    }),
  )
