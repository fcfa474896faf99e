import {
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLField,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  isListType,
  getNullableType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { type Amount, product, type ReadVariable, sum, variablesOf } from './amount.ts'
import type { CostModel } from './cost-model.ts'
import { inputCost } from './input-cost.ts'
import { type Lengths, lengthsOf } from './list-length.ts'

export interface FormulaContext {
  readonly schema: GraphQLSchema
  readonly model: CostModel
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly assumedListSize: number
  readonly slicingArguments: ReadonlySet<string>
}

/** A mutation costs this before anything it asks for. */
const MUTATION = 10

/**
 * What an operation costs, worked out once but for what the variables say: how many there will be of everything, times
 * what one of it costs, from the leaves up (cost specification v0.1, as routers read it: fragments are added, `@requires`
 * is not counted). Arguments count once, however many answer.
 */
export const costFormula = (operation: OperationDefinitionNode, context: FormulaContext): Amount => {
  const root = context.schema.getRootType(operation.operation)
  if (root === undefined || root === null) return 0
  const costing = { ...context, readVariable: variablesOf(operation) }
  const base = operation.operation === 'mutation' ? MUTATION : 0
  return sum([base, costOfSet(operation.selectionSet, root.name, NONE, costing)])
}

type Costing = FormulaContext & { readonly readVariable: ReadVariable }

type Told = Lengths['inner']

const NONE: Told = new Map()

// eslint-disable-next-line max-params -- what stands where, and what is known there
const costOfSet = (set: SelectionSetNode, type: string, told: Told, costing: Costing): Amount =>
  sum(set.selections.map((selection) => costOfSelection(selection, type, told, costing)))

// eslint-disable-next-line max-params -- what stands where, and what is known there
const costOfSelection = (selection: SelectionNode, type: string, told: Told, costing: Costing): Amount => {
  const cost = costWhenIncluded(selection, type, told, costing)
  return cost === 0 ? 0 : unlessLeftOut(selection.directives, cost, costing)
}

// eslint-disable-next-line max-params -- what stands where, and what is known there
const costWhenIncluded = (selection: SelectionNode, type: string, told: Told, costing: Costing): Amount => {
  if (selection.kind === Kind.FIELD) return costOfField(selection, type, told, costing)
  const fragment =
    selection.kind === Kind.INLINE_FRAGMENT ? selection : costing.fragments.get(selection.name.value)
  if (fragment === undefined) return 0
  return costOfSet(fragment.selectionSet, fragment.typeCondition?.name.value ?? type, told, costing)
}

// eslint-disable-next-line max-params -- what stands where, and what is known there
const costOfField = (node: FieldNode, type: string, told: Told, costing: Costing): Amount => {
  const { schema, model } = costing
  const definition = fieldOf(schema, type, node.name.value)
  if (definition === undefined) return 0
  const coordinate = `${type}.${definition.name}`
  const listSize = model.listSizeOf(type, definition.name)
  const lengths = lengthsOf(
    { node, definition, coordinate, listSize, told: toldOf(told, definition) },
    { ...costing, assumed: costing.assumedListSize },
  )
  const named = getNamedType(definition.type)
  const inside = new Map([...stepInto(told, definition.name), ...lengths.inner])
  const inner =
    node.selectionSet === undefined ? 0 : costOfSet(node.selectionSet, named.name, inside, costing)
  const each = sum([model.weightOf(type, definition.name, named.name), inner])
  const { words } = model
  return sum([
    ...inputCost(node.arguments, definition, { coordinate, words, readVariable: costing.readVariable }),
    looksAt(lengths.asked),
    product(lengths.own, each),
  ])
}

/** Undefined for `__typename`, which costs nothing, and for what validation would refuse. */
const fieldOf = (
  schema: GraphQLSchema,
  type: string,
  name: string,
): GraphQLField<unknown, unknown> | undefined => {
  const parent = schema.getType(type)
  if (parent === schema.getQueryType() && name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
  if (parent === schema.getQueryType() && name === TypeMetaFieldDef.name) return TypeMetaFieldDef
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined
}

/** Costs nothing by itself; the page sizes of lists that cost nothing are seen, too. */
const looksAt = (amount: Amount): Amount =>
  typeof amount === 'number'
    ? 0
    : (reading) => {
        amount(reading)
        return 0
      }

const toldOf = (told: Told, { name, type }: GraphQLField<unknown, unknown>): Amount | undefined =>
  told.get(name) ?? (isListType(getNullableType(type)) ? told.get('*') : undefined)

const stepInto = (told: Told, name: string): [string, Amount][] =>
  [...told].flatMap(([path, length]) =>
    path.startsWith(`${name}.`) ? [[path.slice(name.length + 1), length]] : [],
  )

/** What `@skip` and `@include` leave out costs nothing; in doubt it is there. */
const unlessLeftOut = (
  directives: readonly DirectiveNode[] | undefined,
  cost: Amount,
  { readVariable }: Costing,
): Amount => {
  let left: Amount = cost
  for (const { name, arguments: given } of directives ?? []) {
    const value = given?.find((argument) => argument.name.value === 'if')?.value
    const leavesOut = LEAVES_OUT.get(name.value)
    if (value?.kind === Kind.BOOLEAN && value.value === leavesOut) return 0
    if (value?.kind !== Kind.VARIABLE || leavesOut === undefined) continue
    const variable = value.name.value
    left = product((reading) => (readVariable(variable, reading) === leavesOut ? 0 : 1), left)
  }
  return left
}

const LEAVES_OUT: ReadonlyMap<string, boolean> = new Map([
  ['skip', true],
  ['include', false],
])
