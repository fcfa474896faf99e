import { Kind, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from './field-set.ts'
import { fault, type ProtectionFault } from './protection-fault.ts'
import type { DataSubject } from './read-subjects.ts'
import type { Supergraph } from './supergraph.ts'

/** A protected field may not be part of a key: keys are sent before anybody is asked. */
export const protectedKeys = (
  supergraph: Supergraph,
  subjects: ReadonlyMap<string, DataSubject>,
  isProtected: (coordinate: string) => boolean,
): ProtectionFault[] => {
  const named = [...supergraph.types.keys()].flatMap((type) => {
    const subject = subjects.get(type)
    const sets = [...keysOf(supergraph, type), ...(subject === undefined ? [] : [parseFieldSet(subject.key)])]
    return sets.flatMap((set) => coordinatesOf(supergraph, type, set))
  })
  return [...new Set(named)]
    .filter(isProtected)
    .map((coordinate) => fault('PROTECTED_KEY', coordinate, 'a protected field may not be part of a key'))
}

/** The field sets of every key of a type, in all subgraphs. */
export const keysOf = (supergraph: Supergraph, type: string): SelectionSetNode[] =>
  [...supergraph.subgraphs.values()].flatMap((view) =>
    (view.types.get(type)?.keys ?? []).map((key) => parseFieldSet(key.fields)),
  )

const coordinatesOf = (supergraph: Supergraph, type: string, set: SelectionSetNode): string[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind !== Kind.FIELD) return []
    const field = supergraph.types.get(type)?.fields.get(selection.name.value)
    const nested =
      selection.selectionSet === undefined
        ? []
        : coordinatesOf(supergraph, field?.named ?? '', selection.selectionSet)
    return [`${type}.${selection.name.value}`, ...nested]
  })
