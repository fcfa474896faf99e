import {
  type ArgumentNode,
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isScalarType,
  Kind,
  type ValueNode,
} from 'graphql'
import type { Reading, ReadVariable } from './amount.ts'

/** A place in the arguments of a field that says how much is wanted: an argument, or a field of its input object. */
export interface SlicingPlace {
  readonly argument: GraphQLArgument
  /** Fields of input objects, outermost first. */
  readonly path: readonly GraphQLInputField[]
}

/** The places that `@listSize(slicingArguments:)` names; what the client's schema does not have cannot be given. */
export const namedPlaces = (
  field: GraphQLField<unknown, unknown>,
  names: readonly string[],
): SlicingPlace[] =>
  names.flatMap((name) => {
    const [first = '', ...rest] = name.split('.')
    const argument = field.args.find((candidate) => candidate.name === first)
    if (argument === undefined) return []
    const path: GraphQLInputField[] = []
    let type = getNullableType(argument.type)
    for (const step of rest) {
      const next = isInputObjectType(type) ? type.getFields()[step] : undefined
      if (next === undefined) return []
      path.push(next)
      type = getNullableType(next.type)
    }
    return [{ argument, path }]
  })

/** How deep page sizes are looked for in input objects, e.g. `where: { page: { first: 10 } }`. */
const DEEPEST = 3

/** The places that have one of the names everybody gives to page sizes, and hold a number. */
export const wellKnownPlaces = (
  field: GraphQLField<unknown, unknown>,
  names: ReadonlySet<string>,
): SlicingPlace[] => field.args.flatMap((argument) => placesIn({ argument, path: [] }, argument, names))

const placesIn = (
  place: SlicingPlace,
  { name, type }: { readonly name: string; readonly type: GraphQLInputType },
  names: ReadonlySet<string>,
): SlicingPlace[] => {
  const nullable = getNullableType(type)
  if (isScalarType(nullable)) return names.has(name) && !NO_NUMBER.has(nullable.name) ? [place] : []
  if (!isInputObjectType(nullable) || place.path.length === DEEPEST) return []
  return Object.values(nullable.getFields()).flatMap((inner) =>
    placesIn({ ...place, path: [...place.path, inner] }, inner, names),
  )
}

const NO_NUMBER: ReadonlySet<string> = new Set(['String', 'Boolean', 'ID'])

/** What is asked for: a number, null where nothing is given, or what the variables will say. */
export type Asked = number | null | ((reading: Reading) => number | null)

export const askedAt = (
  { argument, path }: SlicingPlace,
  nodes: readonly ArgumentNode[] | undefined,
  readVariable: ReadVariable,
): Asked => {
  const node = nodes?.find(({ name }) => name.value === argument.name)?.value
  return askedIn(node, [argument, ...path], readVariable)
}

type Defaulted = readonly (GraphQLArgument | GraphQLInputField)[]

/** Follows the literal as far as it goes; where a variable stands, the rest is followed in its value. */
const askedIn = (node: ValueNode | undefined, path: Defaulted, readVariable: ReadVariable): Asked => {
  const [here, ...rest] = path
  if (here === undefined) return null
  if (node === undefined) return numberIn(undefined, path)
  if (node.kind === Kind.VARIABLE) {
    const name = node.name.value
    return (reading) => numberIn(readVariable(name, reading), path)
  }
  const [next] = rest
  if (next === undefined) return 'value' in node ? numberOf(node.value) : null
  if (node.kind !== Kind.OBJECT) return null
  return askedIn(node.fields.find(({ name }) => name.value === next.name)?.value, rest, readVariable)
}

/** In a value that has been read: what is absent has the default of the schema, what is null is null. */
const numberIn = (given: unknown, [here, ...rest]: Defaulted): number | null => {
  const value: unknown = given === undefined ? here?.defaultValue : given
  const [next] = rest
  if (next === undefined) return numberOf(value)
  if (typeof value !== 'object' || value === null) return null
  const inner = Object.hasOwn(value, next.name) ? (value as Record<string, unknown>)[next.name] : undefined
  return numberIn(inner, rest)
}

/** Scalars of their own may carry a number as text. */
const numberOf = (value: unknown): number | null => {
  if (typeof value === 'number' || typeof value === 'bigint') return Number(value)
  if (typeof value !== 'string' || value.trim() === '') return null
  const number = Number(value)
  return Number.isNaN(number) ? null : number
}

/** How many values are given for each list argument: a field asked for by a list of keys answers about as many. */
export const listLengths = (
  field: GraphQLField<unknown, unknown>,
  nodes: readonly ArgumentNode[] | undefined,
  readVariable: ReadVariable,
): Asked[] =>
  field.args
    .filter(({ type }) => isListType(getNullableType(type)) && isScalarType(getNamedType(type)))
    .flatMap(({ name }): Asked[] => {
      const node = nodes?.find((argument) => argument.name.value === name)?.value
      if (node?.kind === Kind.LIST) return [node.values.length]
      if (node?.kind !== Kind.VARIABLE) return []
      const variable = node.name.value
      return [
        (reading) => {
          const value = readVariable(variable, reading)
          return Array.isArray(value) ? value.length : null
        },
      ]
    })
