import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse as parseYaml } from 'yaml'

/** One graph, what is in it, and what is asked of it. Everything is data: `test/conformance/engine/README.md` says the words. */
export interface Suite {
  readonly name: string
  readonly folder: string
  readonly subgraphs: readonly SuiteSubgraph[]
  readonly graph: StoredGraph
  /** As composed, its urls under `SUBGRAPHS`; empty before it was composed. */
  readonly supergraph: string
  readonly cases: readonly Case[]
}

export interface SuiteSubgraph {
  readonly name: string
  readonly sdl: string
}

export type Fields = Readonly<Record<string, unknown>>

/** The truth about a graph, and where a subgraph says something else. */
export interface StoredGraph {
  readonly about: string
  /** Why the supergraph is not what our composer makes of the subgraphs. */
  readonly composedByHand?: string
  /** Types whose fields the twin leaves open, with the reason. */
  readonly unfenced?: Readonly<Record<string, string>>
  readonly records: Readonly<Record<string, Readonly<Record<string, Fields>>>>
  readonly roots: Readonly<Record<string, Fields>>
  readonly rules: Readonly<Record<string, Rule>>
  /** By subgraph, type and record; a null record is unknown there. */
  readonly only: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Fields | null>>>>>>
}

/** How a field is answered where a stored value is not enough; exactly one of the words that are not marked optional. */
export interface Rule {
  /** Records of this type whose fields equal the arguments named; the first, or all. */
  readonly find?: string
  readonly by?: Readonly<Record<string, string>>
  readonly all?: boolean
  /** One record an item of this argument, by the field of the same place in `by`. */
  readonly each?: string
  /** The first so many of a stored list: the list's field, and the argument that says how many. */
  readonly take?: string
  readonly count?: string
  /** A text with `{field.field}` and `{args.name}` filled in. */
  readonly text?: string
  /** Arguments with which the fields of `text` are read. */
  readonly inputs?: Readonly<Record<string, Fields>>
  /** The arguments as they arrived, as JSON with sorted keys. */
  readonly echo?: boolean
  /** The entry of a stored map that the argument names. */
  readonly pick?: string
  readonly key?: string
  /** Adds a text to the journal of this case; answers the journal. */
  readonly append?: string
}

export const FAULTS = [
  'array',
  'dataArray',
  'down',
  'empty',
  'extra',
  'html',
  'long',
  'noData',
  'pathless',
  'proto',
  'rotate',
  'short',
  'status500',
  'wrongType',
] as const
export type Fault = (typeof FAULTS)[number]

export interface Case {
  readonly name: string
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
  /** What a gateway must be able to do beyond queries and mutations: `defer`, `subscriptions`. */
  readonly needs?: readonly string[]
  readonly data?: unknown
  /** Of a subscription: every answer, with the paths of its errors. */
  readonly events?: readonly { readonly data: unknown; readonly errors?: readonly string[] }[]
  /** Paths of all errors, dotted, `-` for an error without one; none when absent. */
  readonly errors?: readonly string[]
  readonly status?: number
  /** The most requests a subgraph may get; none for one that is not named. */
  readonly calls?: Readonly<Record<string, number>>
  /** The most representations a subgraph may get in all. */
  readonly representations?: Readonly<Record<string, number>>
  /** Representations a subgraph gets, in any order. */
  readonly sent?: Readonly<Record<string, readonly unknown[]>>
  /** None of a group answers before each of them was asked. */
  readonly together?: readonly (readonly string[])[]
  readonly faults?: Readonly<Record<string, Fault>>
  /** Texts that are in the body of the answer, or are not. */
  readonly contains?: readonly string[]
  readonly lacks?: readonly string[]
  /** Why one server with all the data would answer otherwise. */
  readonly unlikeMonolith?: string
  /** What the fenced twin answers where a rule of its own changes the answer. */
  readonly fenced?: { readonly because: string; readonly data: unknown; readonly errors?: readonly string[] }
}

/** Stands for the place where the subgraphs listen: `SUBGRAPHS/name`. */
export const SUBGRAPHS = 'http://subgraphs.example'

const SUITES = fileURLToPath(new URL('../../conformance/engine/suites/', import.meta.url))

export const loadSuites = (only: readonly string[] = [], root = SUITES): Suite[] =>
  readdirSync(root)
    .filter((name) => only.length === 0 || only.includes(name))
    .toSorted()
    .map((name) => loadSuite(name, `${root}${name}/`))

const loadSuite = (name: string, folder: string): Suite => {
  const files = readdirSync(folder).toSorted()
  const read = (file: string): string => readFileSync(`${folder}${file}`, 'utf8')
  const graph = parseYaml(read('graph.yaml')) as StoredGraph
  return {
    name,
    folder,
    subgraphs: files
      .filter((file) => file.endsWith('.graphql') && file !== 'supergraph.graphql')
      .map((file) => ({ name: file.replace(/\.graphql$/, ''), sdl: read(file) })),
    graph: { ...graph, records: graph.records ?? {}, rules: graph.rules ?? {}, only: graph.only ?? {} },
    supergraph: files.includes('supergraph.graphql') ? read('supergraph.graphql') : '',
    cases: parseYaml(read('cases.yaml')) as Case[],
  }
}
