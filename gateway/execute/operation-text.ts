import {
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
  stripIgnoredCharacters,
  type ValueNode,
  type VariableDefinitionNode,
} from 'graphql'
import type { OperationKind, ProofField } from '../plan/query-plan.ts'

/** One `_entities` field of a request: its alias, its selection, and the key asked for again as proof. */
export interface EntitiesField {
  readonly alias: string
  readonly selection: SelectionSetNode
  readonly proof: readonly ProofField[] | null
}

export interface OperationText {
  readonly document: string
  /** The client's variables it uses. */
  readonly variables: readonly string[]
}

/** Text made from a selection, once: plans and their prunings are shared between requests. */
const texts = new WeakMap<SelectionSetNode, string>()
const uses = new WeakMap<SelectionSetNode, ReadonlySet<string>>()

const once = <Made>(
  memory: WeakMap<SelectionSetNode, Made>,
  set: SelectionSetNode,
  make: () => Made,
): Made => {
  const known = memory.get(set)
  if (known !== undefined) return known
  const made = make()
  memory.set(set, made)
  return made
}

const minified = (set: SelectionSetNode): string => stripIgnoredCharacters(print(set))

const variablesOf = (set: SelectionSetNode): ReadonlySet<string> => once(uses, set, () => usedVariables(set))

export const rootText = (
  kind: OperationKind,
  selection: SelectionSetNode,
  variables: readonly VariableDefinitionNode[],
): OperationText => {
  const used = variables.filter((definition) => variablesOf(selection).has(definition.variable.name.value))
  const header =
    used.length === 0
      ? kind === 'query'
        ? ''
        : kind
      : `${kind}(${used.map((definition) => print(definition)).join(', ')})`
  return {
    document: `${header}${once(texts, selection, () => minified(selection))}`,
    variables: used.map((definition) => definition.variable.name.value),
  }
}

/** Partitions travel as aliases of `_entities` in one operation; each has its representations in a variable of its own. */
export const entitiesText = (
  fields: readonly EntitiesField[],
  variables: readonly VariableDefinitionNode[],
): OperationText => {
  const all = new Set(fields.flatMap(({ selection }) => [...variablesOf(selection)]))
  const used = variables.filter((definition) => all.has(definition.variable.name.value))
  const own = fields.map(({ alias }) => `$${alias}_representations: [_Any!]!`)
  const lines = fields.map(
    ({ alias, selection, proof }) =>
      `${alias}: _entities(representations: $${alias}_representations) ${once(texts, selection, () => minified(proof === null ? selection : withProof(selection, proof)))}`,
  )
  return {
    document: `query(${[...own, ...used.map((definition) => print(definition))].join(', ')}) { ${lines.join(' ')} }`,
    variables: used.map((definition) => definition.variable.name.value),
  }
}

const withProof = (selection: SelectionSetNode, proof: readonly ProofField[]): SelectionSetNode => ({
  ...selection,
  selections: selection.selections.map((fragment, index) =>
    index === 0 && fragment.kind === Kind.INLINE_FRAGMENT
      ? {
          ...fragment,
          selectionSet: {
            ...fragment.selectionSet,
            selections: [
              fieldNode('__typename'),
              ...proof.map(proofNode),
              ...fragment.selectionSet.selections,
            ],
          },
        }
      : fragment,
  ),
})

const proofNode = ({ name, children }: ProofField): SelectionNode => ({
  ...fieldNode(name),
  ...(children.length === 0
    ? {}
    : { selectionSet: { kind: Kind.SELECTION_SET, selections: children.map(proofNode) } }),
})

const fieldNode = (value: string) => ({ kind: Kind.FIELD, name: { kind: Kind.NAME, value } }) as const

const usedVariables = (set: SelectionSetNode, found = new Set<string>()): Set<string> => {
  for (const selection of set.selections) {
    for (const directive of selection.directives ?? [])
      for (const { value } of directive.arguments ?? []) inValue(value, found)
    if (selection.kind === Kind.FIELD)
      for (const { value } of selection.arguments ?? []) inValue(value, found)
    if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined)
      usedVariables(selection.selectionSet, found)
  }
  return found
}

const inValue = (value: ValueNode, found: Set<string>): void => {
  if (value.kind === Kind.VARIABLE) found.add(value.name.value)
  else if (value.kind === Kind.LIST) value.values.forEach((item) => inValue(item, found))
  else if (value.kind === Kind.OBJECT) value.fields.forEach((field) => inValue(field.value, found))
}
