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

/** One `_entities` field as it is written, without its alias. */
interface FieldText {
  readonly document: string
  readonly json: string
  readonly used: Variables
}

/** By selection: with its proof, and without. Which partitions meet in one request is chance, so no whole text is kept. */
const proved = new WeakMap<SelectionSetNode, FieldText>()
const unproved = new WeakMap<SelectionSetNode, FieldText>()

/** Partitions travel as aliases of `_entities` in one operation; each has its representations in a variable of its own. */
export const entitiesText = (fields: readonly EntitiesField[], variables: Variables): OperationText => {
  const texts = fields.map(({ selection, proof }) =>
    once(proof === null ? unproved : proved, selection, () => writeField(selection, proof, variables)),
  )
  const used = texts.length === 1 ? (texts[0]?.used ?? []) : unionOf(texts, variables)
  let declared = ''
  let document = ''
  let json = ''
  for (const [index, text] of texts.entries()) {
    const alias = aliasOf(index)
    const head = `${index === 0 ? '' : ' '}${alias}: _entities(representations: $${representationsOf(alias)}) `
    declared += `${index === 0 ? '' : ', '}$${representationsOf(alias)}: [_Any!]!`
    document += head + text.document
    json += head + text.json
  }
  for (const definition of used) declared += `, ${print(definition)}`
  return {
    document: `query(${declared}) { ${document} }`,
    json: `"query(${declaredJson(declared)}) { ${json} }"`,
    variables: used.map(nameOf),
  }
}

/** A default may be a string. */
const declaredJson = (declared: string): string =>
  declared.includes('"') ? JSON.stringify(declared).slice(1, -1) : declared

const unionOf = (texts: readonly FieldText[], variables: Variables): Variables => {
  if (texts.every(({ used }) => used.length === 0)) return []
  const names = new Set(texts.flatMap(({ used }) => used.map(nameOf)))
  return variables.filter((definition) => names.has(nameOf(definition)))
}

const writeField = (
  selection: SelectionSetNode,
  proof: readonly ProofField[] | null,
  variables: Variables,
): FieldText => {
  const document = minified(proof === null ? selection : withProof(selection, proof))
  return { document, json: JSON.stringify(document).slice(1, -1), used: usedOf(variables, [selection]) }
}

const textOf = (document: string, used: Variables): OperationText => ({
  document,
  json: JSON.stringify(document),
  variables: used.map(nameOf),
})

const nameOf = (definition: VariableDefinitionNode): string => definition.variable.name.value

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
