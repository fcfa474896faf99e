import { Kind, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import type { ProtectionMap } from '../../schema/protection.ts'
import type { Supergraph } from '../../schema/supergraph.ts'

/**
 * Names of fields with arguments that a key, a subject key or a `@requires` reads. What a client asks of such a field with
 * arguments of its own is another value than the one read there.
 */
export const inputNames = (
  supergraph: Supergraph,
  subjects: ProtectionMap['subjects'],
): ReadonlySet<string> => {
  const types = [...supergraph.types.values()]
  const fields = types.flatMap((type) => [...type.fields.values()])
  const withArguments = new Set(fields.filter(({ hasArguments }) => hasArguments).map(({ name }) => name))
  const keys = [...supergraph.subgraphs.values()].flatMap((view) =>
    [...view.types.values()].flatMap((type) => type.keys.map((key) => key.fields)),
  )
  const read = [
    ...keys,
    ...[...subjects.values()].map(({ key }) => key),
    ...fields.flatMap(({ requires }) => [...requires.values()]),
  ]
  return new Set(read.flatMap((set) => namesIn(parseFieldSet(set))).filter((name) => withArguments.has(name)))
}

const namesIn = (set: SelectionSetNode): string[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return []
    const inner = selection.selectionSet === undefined ? [] : namesIn(selection.selectionSet)
    return selection.kind === Kind.FIELD ? [selection.name.value, ...inner] : inner
  })
