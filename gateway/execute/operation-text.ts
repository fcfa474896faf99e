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

/** One `_entities` field of a request: its selection, and the key asked for again as proof. */
export interface EntitiesField {
  readonly selection: SelectionSetNode
  readonly proof: readonly ProofField[] | null
}

export interface OperationText {
  readonly document: string
  /** The document as a JSON string. */
  readonly json: string
  /** The client's variables it uses. */
  readonly variables: readonly string[]
}

type Variables = readonly VariableDefinitionNode[]

/** Text made from a selection, once: plans and their prunings are shared between requests. */
const roots = new WeakMap<SelectionSetNode, OperationText>()

export const rootText = (
  kind: OperationKind,
  selection: SelectionSetNode,
  variables: Variables,
): OperationText => once(roots, selection, () => writeRoot(kind, selection, variables))

const writeRoot = (kind: OperationKind, selection: SelectionSetNode, variables: Variables): OperationText => {
  const used = usedOf(variables, [selection])
  const declared = used.length === 0 ? '' : `(${used.map((definition) => print(definition)).join(', ')})`
  const header = kind === 'query' && declared === '' ? '' : `${kind}${declared}`
  return textOf(`${header}${minified(selection)}`, used)
}

/** The name of the `_entities` alias of one partition; its representations are in the variable of that name. */
export const aliasOf = (index: number): string => `_e${index}`
export const representationsOf = (alias: string): string => `${alias}_representations`

/** By the node's variables, which are its own object, and the selections that are left of its lookups in this request. */
const entities = new WeakMap<Variables, Map<string, OperationText>>()
/** Granted sets are few in practice and many in theory. */
const MOST = 1000

/** Partitions travel as aliases of `_entities` in one operation; each has its representations in a variable of its own. */
export const entitiesText = (fields: readonly EntitiesField[], variables: Variables): OperationText => {
  const known = once(entities, variables, () => new Map<string, OperationText>())
  const key = fields.map(({ selection, proof }) => `${idOf(selection)}${proof === null ? '' : '!'}`).join()
  const found = known.get(key)
  if (found !== undefined) return found
  if (known.size >= MOST) known.clear()
  const text = writeEntities(fields, variables)
  known.set(key, text)
  return text
}

const ids = new WeakMap<SelectionSetNode, number>()
let lastId = 0

/** Selections are made once and shared, so that they can be told apart by identity. */
const idOf = (selection: SelectionSetNode): number => once(ids, selection, () => (lastId += 1))

const writeEntities = (fields: readonly EntitiesField[], variables: Variables): OperationText => {
  const used = usedOf(
    variables,
    fields.map(({ selection }) => selection),
  )
  const own = fields.map((_, index) => `$${representationsOf(aliasOf(index))}: [_Any!]!`)
  const lines = fields.map(({ selection, proof }, index) => {
    const alias = aliasOf(index)
    const asked = minified(proof === null ? selection : withProof(selection, proof))
    return `${alias}: _entities(representations: $${representationsOf(alias)}) ${asked}`
  })
  const declared = [...own, ...used.map((definition) => print(definition))].join(', ')
  return textOf(`query(${declared}) { ${lines.join(' ')} }`, used)
}

const textOf = (document: string, used: Variables): OperationText => ({
  document,
  json: JSON.stringify(document),
  variables: used.map((definition) => definition.variable.name.value),
})

const once = <Key extends object, Made>(memory: WeakMap<Key, Made>, key: Key, make: () => Made): Made => {
  const known = memory.get(key)
  if (known !== undefined) return known
  const made = make()
  memory.set(key, made)
  return made
}

const minified = (set: SelectionSetNode): string => stripIgnoredCharacters(print(set))

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

const usedOf = (variables: Variables, selections: readonly SelectionSetNode[]): Variables => {
  const found = new Set<string>()
  for (const selection of selections) usedVariables(selection, found)
  return variables.filter((definition) => found.has(definition.variable.name.value))
}

const usedVariables = (set: SelectionSetNode, found: Set<string>): void => {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD)
      for (const { value } of selection.arguments ?? []) inValue(value, found)
    if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined)
      usedVariables(selection.selectionSet, found)
  }
}

const inValue = (value: ValueNode, found: Set<string>): void => {
  if (value.kind === Kind.VARIABLE) found.add(value.name.value)
  else if (value.kind === Kind.LIST) value.values.forEach((item) => inValue(item, found))
  else if (value.kind === Kind.OBJECT) value.fields.forEach((field) => inValue(field.value, found))
}
