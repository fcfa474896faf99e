import {
  type FieldNode,
  getNullableType,
  type GraphQLField,
  type GraphQLOutputType,
  isListType,
} from 'graphql'
import type { ListSize } from '../../directives/cost.ts'
import type { Amount, Reading, ReadVariable } from './amount.ts'
import { type Asked, askedAt, listLengths, namedPlaces, wellKnownPlaces } from './slicing.ts'

/** How long the lists are that one field brings. */
export interface Lengths {
  /** Of the field itself: 1 where it is no list. */
  readonly own: Amount
  /** Of lists further in, by dotted path; `*` stands for every list directly inside. */
  readonly inner: ReadonlyMap<string, Amount>
  /** What the arguments ask for, whether or not a list is selected. */
  readonly asked: Amount
}

export interface LengthContext {
  readonly assumed: number
  readonly slicingArguments: ReadonlySet<string>
  readonly readVariable: ReadVariable
}

interface SizedField {
  readonly node: FieldNode
  readonly definition: GraphQLField<unknown, unknown>
  readonly coordinate: string
  readonly listSize: ListSize | undefined
  /** What a field further out says of this one. */
  readonly told: Amount | undefined
}

/**
 * Amount × depth is what a bomb is made of, so a page size counts with the value it will have, wherever it comes from:
 * `@listSize` says where to look (cost specification v0.1); without it, the names everybody gives to page sizes do.
 */
export const lengthsOf = (field: SizedField, context: LengthContext): Lengths => {
  const { definition, listSize, told } = field
  const levels = listLevels(definition.type)
  if (levels === 0 && listSize === undefined && definition.args.length === 0) return NO_LISTS
  const length = listSize === undefined ? conventional(field, context) : declared(field, listSize, context)
  const further = context.assumed ** Math.max(levels - 1, 0)
  const own = levels === 0 ? 1 : times(told ?? length ?? context.assumed, further)
  return { own, inner: innerOf(listSize, levels, length), asked: length ?? 0 }
}

const NO_LISTS: Lengths = { own: 1, inner: new Map(), asked: 0 }

const innerOf = (
  listSize: ListSize | undefined,
  levels: number,
  length: Amount | undefined,
): Lengths['inner'] => {
  if (length === undefined) return NO_LISTS.inner
  if (listSize !== undefined) return new Map(listSize.sizedFields.map((path) => [path, length]))
  return levels === 0 ? new Map([['*', length]]) : NO_LISTS.inner
}

const listLevels = (type: GraphQLOutputType): number => {
  const nullable = getNullableType(type)
  return isListType(nullable) ? 1 + listLevels(nullable.ofType) : 0
}

const times = (length: Amount, further: number): Amount => {
  if (further === 1) return length
  return typeof length === 'number' ? length * further : (reading) => length(reading) * further
}

const declared = (
  { node, definition, coordinate }: SizedField,
  listSize: ListSize,
  { assumed, readVariable }: LengthContext,
): Amount => {
  const places = namedPlaces(definition, listSize.slicingArguments)
  const asked = places.map((place) => askedAt(place, node.arguments, readVariable))
  const otherwise = listSize.assumedSize ?? assumed
  if (asked.length === 0 || !listSize.requireOneSlicingArgument) return longest(asked, otherwise)
  const most = longest(asked, otherwise)
  return (reading) => {
    if (asked.filter((one) => given(one, reading) !== null).length !== 1) reading.unsized.add(coordinate)
    return typeof most === 'number' ? most : most(reading)
  }
}

/** Undefined where nothing in the arguments could say a length. */
const conventional = (
  { node, definition }: SizedField,
  { assumed, slicingArguments, readVariable }: LengthContext,
): Amount | undefined => {
  const places = wellKnownPlaces(definition, slicingArguments)
  if (places.length > 0) {
    const asked = places.map((place) => askedAt(place, node.arguments, readVariable))
    return longest(asked, assumed)
  }
  const lengths = listLengths(definition, node.arguments, readVariable)
  if (lengths.length === 0 || listLevels(definition.type) === 0) return undefined
  return longest([assumed, ...lengths], assumed)
}

/** The largest that is given. Nothing, zero and less say nothing of how many there will be: some take it for "all". */
const longest =
  (asked: readonly Asked[], otherwise: number): Amount =>
  (reading) => {
    let most = 0
    for (const one of asked) most = Math.max(most, given(one, reading) ?? 0)
    reading.largestPage = Math.max(reading.largestPage, most)
    return most > 0 ? most : otherwise
  }

const given = (asked: Asked, reading: Reading): number | null =>
  typeof asked === 'function' ? asked(reading) : asked
