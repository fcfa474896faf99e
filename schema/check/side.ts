import { buildASTSchema, type DocumentNode, type GraphQLSchema, parse, Source } from 'graphql'
import { inspectConsent } from '../../directives/link.ts'
import { readVocabulary, VocabularyError } from '../../directives/read-vocabulary.ts'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import { readYaml } from '../../subgraphs/yaml-source.ts'
import { type ComposeOptions, type Composition, type SubgraphSource, publicDocument } from '../compose.ts'
import { placeOfError } from '../place-of-error.ts'
import { type ProtectionMap, readProtection } from '../protection.ts'
import type { ProtectionFault } from '../protection-fault.ts'
import { readSupergraph, type Supergraph } from '../supergraph.ts'
import type { Violation } from '../violation.ts'
import { graded } from '../violation-catalogue.ts'
import { type Contracts, shownFile } from './contracts.ts'
import { type Declarations, readDeclarations } from './declarations.ts'

/** How subgraphs become one graph: a port, since two of them at once take two threads. */
export type Compose = (
  sources: readonly SubgraphSource[],
  options: ComposeOptions,
) => Composition | Promise<Composition>

/** One side of a comparison, read as far as it can be. */
export interface Side {
  readonly contracts: Contracts
  readonly vocabulary: Vocabulary
  /** Why the vocabulary beside the schemas cannot be read; then the one that was given holds. */
  readonly vocabularyFaults: readonly string[]
  readonly violations: readonly Violation[]
  /** Every coordinate with where it is written and what is said of it. */
  readonly declared: Declarations
  /** Null when it does not compose, or there is no schema at all. */
  readonly graph: Graph | null
}

export interface Graph {
  readonly supergraph: Supergraph
  readonly protection: ProtectionMap
  /** What clients see. */
  readonly schema: GraphQLSchema
}

interface Reading {
  readonly vocabulary: Vocabulary
  readonly compose: Compose
  /** The side that the other is compared with. */
  readonly isWhatStands?: boolean
}

/** Never throws for bad input: what cannot be read is a violation, at its place. */
export const readSide = async (
  contracts: Contracts,
  { vocabulary, compose, isWhatStands = false }: Reading,
): Promise<Side> => {
  const words = vocabularyIn(contracts, vocabulary)
  if (contracts.supergraph !== null) return readComposed(contracts, contracts.supergraph, words)
  if (contracts.subgraphs.length === 0)
    return { contracts, ...words, declared: new Map(), violations: [], graph: null }
  const composing = compose(contracts.subgraphs, { vocabulary: words.vocabulary, isWhatStands })
  const bare = { contracts, ...words, declared: readDeclarations(documentsOf(contracts)) }
  const { supergraph, violations } = await composing
  if (supergraph === null) return { ...bare, violations, graph: null }
  const read = readGraph(supergraph)
  return { ...bare, ...read, violations: [...violations, ...read.violations] }
}

type Words = Pick<Side, 'vocabulary' | 'vocabularyFaults'>

const vocabularyIn = ({ vocabulary: written }: Contracts, otherwise: Vocabulary): Words => {
  if (written === null) return { vocabulary: otherwise, vocabularyFaults: [] }
  try {
    return { vocabulary: readVocabulary(plainOf(readYaml(written.text).value)), vocabularyFaults: [] }
  } catch (error) {
    const faults = error instanceof VocabularyError ? error.faults : ['it is no YAML']
    return { vocabulary: otherwise, vocabularyFaults: faults }
  }
}

const plainOf = (value: unknown): unknown => {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, inner]) => [String(key), plainOf(inner)]))
  return Array.isArray(value) ? value.map(plainOf) : value
}

const readComposed = (
  contracts: Contracts,
  { file, text }: { readonly file: string; readonly text: string },
  words: Words,
): Side => {
  const read = readGraph(text, file)
  const document = read.graph?.supergraph.document
  const declared = readDeclarations(
    document === undefined ? [] : [{ name: file, file: shownFile(contracts, file), document }],
  )
  return { contracts, ...words, declared, ...read }
}

const readGraph = (text: string, file?: string): Pick<Side, 'graph' | 'violations'> => {
  try {
    const supergraph =
      file === undefined ? readSupergraph(text, { noLocation: true }) : readSupergraph(new Source(text, file))
    const { map, faults } = readProtection(supergraph)
    const schema = buildASTSchema(publicDocument(supergraph.document), { assumeValidSDL: true })
    return { graph: { supergraph, protection: map, schema }, violations: faults.map(violationOf) }
  } catch (error) {
    return { graph: null, violations: [unreadable(error)] }
  }
}

const violationOf = ({ code, coordinate, message }: ProtectionFault): Violation => ({
  ...graded(code),
  subgraph: null,
  coordinate,
  line: null,
  message,
  remedy: 'Compose the subgraphs anew: the rule of this name tells how it is mended.',
})

const unreadable = (error: unknown): Violation => ({
  ...graded('SUBGRAPH_UNREADABLE'),
  subgraph: null,
  coordinate: null,
  ...placeOfError(error),
  message: error instanceof Error ? error.message : 'the supergraph cannot be read',
  remedy: 'Compose the subgraphs anew.',
})

/** Those that can be read; why the others cannot, composition tells. */
const documentsOf = (contracts: Contracts): { name: string; file: string; document: DocumentNode }[] =>
  contracts.subgraphs.flatMap(({ name, file, sdl }) => {
    try {
      return [
        {
          name,
          file: shownFile(contracts, file),
          document: inspectConsent(parse(new Source(sdl, file))).document,
        },
      ]
    } catch {
      return []
    }
  })
