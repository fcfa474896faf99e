import { createHash } from 'node:crypto'
import { basename } from 'node:path/posix'
import type { SubgraphSource } from '../compose.ts'

/** A file by its path below the place that was named, `/` between its parts. */
export interface ContractFile {
  readonly file: string
  readonly text: string
}

/** All that was agreed on in one place: texts, so that they can be kept, sent, hashed and told by line. */
export interface Contracts {
  readonly subgraphs: readonly (SubgraphSource & { readonly file: string })[]
  /** A graph that is composed already; then there are no subgraphs. */
  readonly supergraph: ContractFile | null
  readonly events: readonly ContractFile[]
  readonly features: readonly ContractFile[]
  readonly clients: readonly ContractFile[]
  /** Manifests of documents, and texts of registered operations, by the path a client contract names them by. */
  readonly documents: readonly ContractFile[]
  readonly policies: readonly ContractFile[]
  /** Rules of the house about schemas, in Cedar. */
  readonly rules: readonly ContractFile[]
  readonly vocabulary: ContractFile | null
  /** What is written before a file’s path, so that a reader finds it: `schemas/`. It changes no hash. */
  readonly at: string
}

/** A path as it is shown. */
export const shownFile = ({ at }: Contracts, file: string): string => `${at}${file}`

/**
 * Sorts files by what they are: `<name>.graphql` or `<name>/schema.graphql`, at the top or below `subgraphs/`; and
 * `events/`, `features/`, `clients/`, `policies/` (YAML), `operations/` (documents), `rules/` (Cedar), `vocabulary.yaml`.
 * Others are left aside.
 * `urls`, by name of subgraph, where it is known where they answer.
 */
export const contractsOf = (
  files: readonly ContractFile[],
  at = '',
  urls: Readonly<Record<string, string>> = {},
): Contracts => {
  const sorted = files.toSorted((a, b) => (a.file < b.file ? -1 : 1))
  const inFolder = (folder: string, pattern: RegExp): ContractFile[] =>
    sorted.filter(({ file }) => file.startsWith(`${folder}/`) && pattern.test(file))
  const schemas = sorted.filter(({ file }) => SCHEMA.test(file))
  const supergraph = schemas.find(({ text }) => IS_SUPERGRAPH.test(text)) ?? null
  return {
    subgraphs: schemas.filter((one) => !IS_SUPERGRAPH.test(one.text)).map((one) => subgraphOf(one, urls)),
    supergraph: schemas.every((one) => one === supergraph) ? supergraph : null,
    events: inFolder('events', YAML),
    features: inFolder('features', YAML),
    clients: inFolder('clients', YAML),
    documents: sorted.filter(({ file }) => DOCUMENT.test(file)),
    policies: inFolder('policies', YAML),
    rules: inFolder('rules', /\.cedar$/),
    vocabulary: sorted.find(({ file }) => /^vocabulary\.ya?ml$/.test(file)) ?? null,
    at,
  }
}

/** Whether `contractsOf` has a use for a file of this path. */
export const isContractFile = (file: string): boolean =>
  SCHEMA.test(file) ||
  /^(events|features|policies)\/[^/]+\.ya?ml$/.test(file) ||
  /^clients\/.+\.ya?ml$/.test(file) ||
  DOCUMENT.test(file) ||
  /^rules\/[^/]+\.cedar$/.test(file) ||
  /^vocabulary\.ya?ml$/.test(file)

/** SHA-256 (hex) of every file by its path, and of where subgraphs answer: layout and comments count, since they were looked at, too. */
export const contentHash = (contracts: Contracts): string => {
  const { subgraphs, supergraph, events, features, clients, documents, policies, rules, vocabulary } =
    contracts
  const files = [
    ...subgraphs.map(({ name, sdl }) => ({ file: `subgraph ${name}`, text: sdl })),
    ...subgraphs.flatMap(({ name, url }) => (url === '' ? [] : [{ file: `url of ${name}`, text: url }])),
    ...(supergraph === null ? [] : [{ ...supergraph, file: 'supergraph' }]),
    ...[events, features, clients, documents, policies, rules].flat(),
    ...(vocabulary === null ? [] : [vocabulary]),
  ]
  const told = files.map(({ file, text }) => JSON.stringify([file, text])).toSorted()
  return createHash('sha256').update(JSON.stringify(told)).digest('hex')
}

const SCHEMA = /^(subgraphs\/)?([^/]+\.graphqls?|[^/]+\/schema\.graphqls?)$/
const YAML = /\.ya?ml$/
const DOCUMENT = /^clients\/.+\.(json|graphqls?|gql)$|^operations\/.+\.(graphqls?|gql)$/
/** What composition writes and no author does. */
const IS_SUPERGRAPH = /\benum\s+join__Graph\b/

const subgraphOf = (
  { file, text }: ContractFile,
  urls: Readonly<Record<string, string>>,
): Contracts['subgraphs'][number] => {
  const name = /([^/]+)\/schema\.graphqls?$/.exec(file)?.[1] ?? basename(file).replace(/\.graphqls?$/, '')
  return { name, url: Object.hasOwn(urls, name) ? (urls[name] ?? '') : '', sdl: text, file }
}
