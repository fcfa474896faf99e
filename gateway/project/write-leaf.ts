import { GraphQLEnumType, type GraphQLLeafType } from 'graphql'
import { isMarked, unmarked } from '../exact-numbers.ts'
import { quoted, written } from '../json-writer.ts'

/** The text of a value that is what its type promises; undefined for every other, null included. */
export type LeafWriter = (value: unknown) => string | undefined

/**
 * A subgraph's value where a built-in scalar is promised: an object in place of a string is not passed on, since nobody asked
 * for what is in it. Custom scalars are the subgraph's own and go through as they are. An enum value that clients may not
 * know is none.
 */
export const leafWriter = (type: GraphQLLeafType): LeafWriter =>
  type instanceof GraphQLEnumType ? enumWriter(type) : (SCALARS.get(type.name) ?? customScalar)

/** Whether a text is a value of this type as it stands. */
export const isTextType = ({ name }: GraphQLLeafType): boolean => name === 'String' || name === 'ID'

const customScalar: LeafWriter = (value) => (value === null ? undefined : written(value))

const string: LeafWriter = (value) => {
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'number' || typeof value === 'boolean' ? written(value) : undefined
}

const id: LeafWriter = (value) => {
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'number' ? written(value) : undefined
}

const int: LeafWriter = (value) => (Number.isInteger(value) ? String(value) : digitsOf(value, /^-?\d+$/))

const float: LeafWriter = (value) => (typeof value === 'number' ? written(value) : digitsOf(value, /./))

const boolean: LeafWriter = (value) => (value === true ? 'true' : value === false ? 'false' : undefined)

const SCALARS: ReadonlyMap<string, LeafWriter> = new Map([
  ['String', string],
  ['ID', id],
  ['Int', int],
  ['Float', float],
  ['Boolean', boolean],
])

/** A number too long for a double, as it came. */
const digitsOf = (value: unknown, form: RegExp): string | undefined => {
  const digits = isMarked(value) ? unmarked(value) : undefined
  return digits !== undefined && form.test(digits) ? digits : undefined
}

const enumWriter = (type: GraphQLEnumType): LeafWriter => {
  const texts = new Map(type.getValues().map(({ name }) => [name as unknown, `"${name}"`]))
  return (value) => texts.get(value)
}
