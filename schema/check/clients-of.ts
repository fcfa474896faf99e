import { dirname, join, normalize } from 'node:path/posix'
import { inspect } from 'node:util'
import { shownFile } from './contracts.ts'
import type { Place } from './finding.ts'
import type { Side } from './side.ts'
import type { Told } from './tell.ts'
import { yamlPlaces } from './yaml-terms.ts'

/** What a client was promised. */
export interface ClientTerms {
  readonly client: string
  readonly purposes: readonly string[]
  readonly scopes: readonly string[]
  readonly operationsOnly: boolean
  /** All that is written in it, by path. */
  readonly leaves: readonly ClientLeaf[]
  readonly documents: readonly ClientDocument[]
  readonly owner: string
  readonly at: (path: readonly string[]) => Place
}

/** What stands at one place; a list as its members. */
export interface ClientLeaf {
  readonly path: readonly string[]
  readonly value: string | readonly string[]
}

export interface ClientDocument {
  readonly id: string
  readonly text: string
  readonly source: Place
  /** The registered operation it is the text of; absent where it is one of a manifest. */
  readonly operation?: string
}

export interface ReadClients {
  readonly clients: ReadonlyMap<string, ClientTerms>
  readonly faults: readonly Told[]
  /** Manifests and texts of registered operations that are not among what is compared: a change of them would be seen by nobody. */
  readonly unseen: readonly Told[]
}

export const clientsOf = (side: Side): ReadClients => {
  const known = read.get(side) ?? readClients(side)
  read.set(side, known)
  return known
}

const read = new WeakMap<Side, ReadClients>()

const readClients = (side: Side): ReadClients => {
  const all = side.contracts.clients.map((file) => readClient(side, file))
  return {
    clients: new Map(all.flatMap(({ terms }) => (terms === null ? [] : [[terms.client, terms] as const]))),
    faults: all.flatMap(({ faults }) => faults),
    unseen: all.flatMap(({ unseen }) => unseen),
  }
}

const readClient = (
  { contracts, vocabulary }: Side,
  file: Side['contracts']['clients'][number],
): { terms: ClientTerms | null; faults: Told[]; unseen: Told[] } => {
  const { value, at, broken } = yamlPlaces(contracts, file)
  if (broken.length > 0)
    return { terms: null, unseen: [], faults: broken.map((source) => invalid(file.file, source, NO_YAML)) }
  const name = value instanceof Map ? value.get('client') : undefined
  if (!(value instanceof Map) || typeof name !== 'string' || name === '')
    return { terms: null, unseen: [], faults: [invalid(file.file, at([]), 'It names no client.')] }
  const entries = new Map([...value].map(([key, inner]) => [String(key), inner as unknown]))
  const [purposes, scopes] = [texts(entries.get('purposes')), texts(entries.get('scopes'))]
  const faults = [
    ...purposes.filter((one) => !vocabulary.purposes.has(one)).map((one) => ['purposes', one] as const),
    ...scopes.filter((one) => !vocabulary.scopes.has(one)).map((one) => ['scopes', one] as const),
  ].map(([list, one]) => invalid(`${name} ${list}`, at([list]), `${one} is not in the vocabulary.`))
  const place = { contracts, file: file.file, client: name, at }
  const [listed, registered] = [
    manifestIn(entries.get('trustedDocuments'), place),
    registeredIn(value, place),
  ]
  return {
    faults,
    unseen: [...listed.unseen, ...registered.unseen],
    terms: {
      client: name,
      purposes,
      scopes,
      operationsOnly: entries.get('operationsOnly') === true,
      leaves: leavesOf(value),
      documents: [...listed.documents, ...registered.documents],
      owner: typeof entries.get('owner') === 'string' ? String(entries.get('owner')) : '',
      at,
    },
  }
}

const NO_YAML = 'The line is no YAML, so nothing of the file can be read.'

const invalid = (what: string, source: Place, detail: string): Told => ({
  code: 'CLIENT_INVALID',
  coordinate: `client ${what}`,
  source,
  detail,
})

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

const leavesOf = (value: unknown, path: readonly string[] = []): ClientLeaf[] => {
  if (value instanceof Map)
    return [...value].flatMap(([key, inner]) => leavesOf(inner, [...path, String(key)]))
  return [{ path, value: Array.isArray(value) ? value.map(wordOf) : wordOf(value) }]
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : inspect(value))

interface ContractPlace extends Pick<Side, 'contracts'>, Pick<ClientTerms, 'client' | 'at'> {
  readonly file: string
}

interface ReadDocuments {
  readonly documents: ClientDocument[]
  readonly unseen: Told[]
}

/** The text of each registered operation that has a file of its own, which lies relative to the contract. */
const registeredIn = (
  contract: ReadonlyMap<unknown, unknown>,
  { contracts, file, client, at }: ContractPlace,
): ReadDocuments => {
  const named: unknown = contract.get('operations')
  const operations = named instanceof Map ? [...named] : []
  const registered = operations.flatMap(([key, operation]: [unknown, unknown]) => {
    const document: unknown = operation instanceof Map ? operation.get('document') : undefined
    if (typeof document !== 'string') return []
    const path = normalize(join(dirname(file), document))
    const found = contracts.documents.find((one) => one.file === path)
    return [{ name: String(key), path, found }]
  })
  return {
    documents: registered.flatMap(({ name, found }) =>
      found === undefined
        ? []
        : [
            {
              id: name,
              operation: name,
              text: found.text,
              source: { file: shownFile(contracts, found.file), line: 1, column: 1 },
            },
          ],
    ),
    unseen: registered.flatMap(({ name, path, found }) =>
      found !== undefined
        ? []
        : [
            {
              code: 'CLIENT_DOCUMENT_UNSEEN',
              coordinate: `client ${client} operations.${name}.document`,
              source: at(['operations', name, 'document']),
              detail: `It is ${path}.`,
            },
          ],
    ),
  }
}

/** The manifest lies relative to the contract. What cannot be read of it is seen by nobody, too. */
const manifestIn = (manifest: unknown, { contracts, file, client, at }: ContractPlace): ReadDocuments => {
  if (manifest === undefined) return { documents: [], unseen: [] }
  const path = typeof manifest === 'string' ? normalize(join(dirname(file), manifest)) : null
  const found = contracts.documents.find((one) => one.file === path)
  const entries = found === undefined ? null : entriesOf(found.text)
  if (found !== undefined && entries !== null) {
    const shown = shownFile(contracts, found.file)
    const placed = ({ id, text }: Entry): ClientDocument => ({
      id,
      text,
      source: { file: shown, line: lineOf(found.text, id), column: 1 },
    })
    return { documents: entries.map(placed), unseen: [] }
  }
  const detail = path === null ? 'It names no file.' : `It is ${path}${found ? ', and is no manifest' : ''}.`
  const coordinate = `client ${client} trustedDocuments`
  return {
    documents: [],
    unseen: [{ code: 'CLIENT_DOCUMENT_UNSEEN', coordinate, source: at(['trustedDocuments']), detail }],
  }
}

type Entry = Pick<ClientDocument, 'id' | 'text'>

/** Null where any of it is not the text of a document under its id. */
const entriesOf = (json: string): Entry[] | null => {
  try {
    const manifest: unknown = JSON.parse(json)
    if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest)) return null
    const { operations } = manifest as { operations?: unknown }
    const pairs: [unknown, unknown][] = Array.isArray(operations)
      ? operations.map((one: { id?: unknown; body?: unknown }) => [one.id, one.body])
      : Object.entries(manifest)
    const entries = pairs.flatMap(([id, text]) =>
      typeof id === 'string' && typeof text === 'string' ? [{ id, text }] : [],
    )
    return entries.length === pairs.length ? entries : null
  } catch {
    return null
  }
}

const lineOf = (text: string, id: string): number => {
  const at = text.indexOf(JSON.stringify(id))
  return at < 0 ? 1 : text.slice(0, at).split('\n').length
}
