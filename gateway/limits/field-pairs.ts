import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

/**
 * How many pairs of fields stand under one response key: validation compares each of them (GraphQL, "Field Selection
 * Merging"), so a short document that says one field many times keeps it busy for long. Fragments count where they are
 * spread. Costs no more than the operation has selections, which must have been found few enough.
 */
export const fieldPairs = (operation: OperationDefinitionNode, document: DocumentNode): number => {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions)
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  return pairsIn([operation.selectionSet], fragments)
}

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>

const pairsIn = (sets: readonly SelectionSetNode[], fragments: Fragments): number => {
  const byKey = new Map<string, FieldNode[]>()
  const gathering: Gathering = { fragments, spread: new Set(), byKey }
  for (const set of sets) collect(set, gathering)
  let pairs = 0
  for (const fields of byKey.values()) {
    pairs += (fields.length * (fields.length - 1)) / 2
    const inner = fields.flatMap(({ selectionSet }) => selectionSet ?? [])
    if (inner.length > 0) pairs += pairsIn(inner, fragments)
  }
  return pairs
}

interface Gathering {
  readonly fragments: Fragments
  /** A fragment is compared with others, not with itself. */
  readonly spread: Set<string>
  readonly byKey: Map<string, FieldNode[]>
}

const collect = (set: SelectionSetNode, gathering: Gathering): void => {
  const { fragments, spread, byKey } = gathering
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const key = (selection.alias ?? selection.name).value
      const known = byKey.get(key)
      if (known === undefined) byKey.set(key, [selection])
      else known.push(selection)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, gathering)
    else if (!spread.has(selection.name.value)) {
      spread.add(selection.name.value)
      const fragment = fragments.get(selection.name.value)
      if (fragment !== undefined) collect(fragment.selectionSet, gathering)
    }
  }
}
