import type { DocumentNode } from 'graphql'
import { appliedWord, elements } from './applied-words.ts'
import { readLinks, spellingOf } from './read-links.ts'

/** `@listSize`: how long a list is, or which arguments and fields say and show it (cost specification v0.1). */
export interface ListSize {
  readonly assumedSize: number | null
  /** Arguments, or dotted paths into input objects. */
  readonly slicingArguments: readonly string[]
  /** Fields of the answer that hold the list, where the field itself is not it. */
  readonly sizedFields: readonly string[]
  readonly requireOneSlicingArgument: boolean
}

/** What `@cost` and `@listSize` say, by coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
export interface CostWords {
  readonly weights: ReadonlyMap<string, number>
  readonly listSizes: ReadonlyMap<string, ListSize>
}

export const COST_IDENTITY = 'https://specs.apollo.dev/cost'

/**
 * Reads the cost words of a supergraph under every spelling its links give them, applied directly or through
 * `@join__directive` (join specification v0.4). Where subgraphs differ the dearer and the longer counts.
 */
export const readCostWords = (document: DocumentNode): CostWords => {
  const spelled = spellings(document)
  const weights = new Map<string, number>()
  const listSizes = new Map<string, ListSize>()
  for (const { coordinate, directives } of elements(document)) {
    for (const directive of (directives ?? []).flatMap(appliedWord)) {
      const word = spelled.get(directive.name)
      const { weight } = directive.arguments
      if (word === 'cost' && typeof weight === 'number')
        weights.set(coordinate, Math.max(weight, weights.get(coordinate) ?? 0))
      if (word === 'listSize')
        listSizes.set(coordinate, longer(readListSize(directive.arguments), listSizes.get(coordinate)))
    }
  }
  return { weights, listSizes }
}

export const COST_WORDS = ['cost', 'listSize'] as const

type Word = (typeof COST_WORDS)[number]

/** The plain names too: composition keeps them where subgraphs spell a word differently. */
const spellings = (document: DocumentNode): ReadonlyMap<string, Word> => {
  const links = readLinks(document).filter(({ identity }) => identity === COST_IDENTITY)
  if (links.length === 0) return new Map()
  return new Map(
    COST_WORDS.flatMap((word) =>
      [word, ...links.map((link) => spellingOf(link, word))].map((name) => [name, word] as const),
    ),
  )
}

const readListSize = (values: Readonly<Record<string, unknown>>): ListSize => ({
  assumedSize: typeof values['assumedSize'] === 'number' ? values['assumedSize'] : null,
  slicingArguments: textsOf(values['slicingArguments']),
  sizedFields: textsOf(values['sizedFields']),
  requireOneSlicingArgument: values['requireOneSlicingArgument'] !== false,
})

const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === 'string')

const longer = (one: ListSize, other: ListSize | undefined): ListSize =>
  other === undefined
    ? one
    : {
        assumedSize: Math.max(one.assumedSize ?? 0, other.assumedSize ?? 0) || null,
        slicingArguments: [...new Set([...one.slicingArguments, ...other.slicingArguments])],
        sizedFields: [...new Set([...one.sizedFields, ...other.sizedFields])],
        requireOneSlicingArgument: one.requireOneSlicingArgument && other.requireOneSlicingArgument,
      }
