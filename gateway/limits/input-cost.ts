import {
  type ArgumentNode,
  getNamedType,
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isInputObjectType,
  Kind,
  type ValueNode,
  valueFromASTUntyped,
  visit,
} from 'graphql'
import type { CostWords } from '../../directives/cost.ts'
import type { Amount, ReadVariable } from './amount.ts'

/** What the arguments of one field cost: an object 1, everything else 0, unless `@cost` says otherwise. */
export const inputCost = (
  nodes: readonly ArgumentNode[] | undefined,
  definition: GraphQLField<unknown, unknown>,
  { coordinate, words, readVariable }: { coordinate: string; words: CostWords; readVariable: ReadVariable },
): Amount[] =>
  (nodes ?? []).flatMap(({ name, value }) => {
    const argument = definition.args.find((candidate) => candidate.name === name.value)
    if (argument === undefined) return []
    const weight = words.weights.get(`${coordinate}(${argument.name}:)`)
    if (weight === undefined && !isInputObjectType(getNamedType(argument.type))) return []
    const cost = (read: unknown): number => costOf(read, argument.type, { weight, words })
    return [costOfLiteral(value, cost, readVariable)]
  })

const costOfLiteral = (
  node: ValueNode,
  cost: (value: unknown) => number,
  readVariable: ReadVariable,
): Amount => {
  if (node.kind === Kind.VARIABLE) return (reading) => cost(readVariable(node.name.value, reading))
  const names: string[] = []
  visit(node, { Variable: ({ name }) => void names.push(name.value) })
  if (names.length === 0) return cost(valueFromASTUntyped(node))
  return (reading) =>
    cost(
      valueFromASTUntyped(node, Object.fromEntries(names.map((name) => [name, readVariable(name, reading)]))),
    )
}

interface Weighing {
  readonly weight: number | undefined
  readonly words: CostWords
}

const costOf = (value: unknown, type: GraphQLInputType, weighing: Weighing): number => {
  const { weight, words } = weighing
  if (value === null || value === undefined) return 0
  if (Array.isArray(value)) {
    let total = weight ?? 0
    for (const item of value) total += costOf(item, type, weighing)
    return total
  }
  const named = getNamedType(type)
  if (isInputObjectType(named) && typeof value === 'object') return costOfObject(value, named, weighing)
  return weight ?? words.weights.get(named.name) ?? 0
}

const costOfObject = (value: object, type: GraphQLInputObjectType, { weight, words }: Weighing): number => {
  const fields = type.getFields()
  let total = weight ?? 1
  for (const [name, inner] of Object.entries(value)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const own = words.weights.get(`${type.name}.${name}`)
    if (field !== undefined) total += costOf(inner, field.type, { weight: own, words })
  }
  return total
}
