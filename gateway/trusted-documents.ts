import { parse } from 'graphql'
import type { Fault } from './errors.ts'

/** The documents that somebody has looked at and listed, by the name a client asks them by. */
export interface TrustedDocuments {
  byId(id: string): string | undefined
  has(text: string): boolean
  /** Their texts. */
  all(): Iterable<string>
  /** Set where those of the gateway may be asked, too. */
  readonly isBesides?: true
}

/** Of one client: its own, and where these are besides, those of the gateway. */
export const documentsOfClient = (
  own: TrustedDocuments | undefined,
  common: TrustedDocuments | null,
): TrustedDocuments | null => {
  if (own === undefined || common === null || own.isBesides !== true) return own ?? common
  return {
    byId: (id) => own.byId(id) ?? common.byId(id),
    has: (text) => own.has(text) || common.has(text),
    all: () => [...own.all(), ...common.all()],
  }
}

/**
 * Reads a manifest: that of Apollo (`operations` with `id` and `body`), or an object of texts by hash, as Relay and Hive
 * write it. Every fault is told at its place; what is said of a document that does not parse is its id alone.
 */
export const readTrustedDocuments = (
  json: string,
  file: string,
): { readonly documents: TrustedDocuments; readonly faults: readonly Fault[] } => {
  const faults: Fault[] = []
  const tell = (name: string, problem: string, remedy: string): void =>
    void faults.push({ name, place: file, problem, remedy })
  const texts = new Map<string, string>()
  for (const { place, id, body } of entriesOf(parseJson(json), tell)) {
    if (typeof id !== 'string' || id === '')
      tell(place, 'has no id.', 'Write the manifest again with its tool.')
    else if (typeof body !== 'string')
      tell(id, 'has no document text.', 'Write the manifest again with its tool.')
    else if (texts.has(id)) tell(id, 'is listed twice.', 'Keep one document an id.')
    else if (!isDocument(body))
      tell(id, 'is not a GraphQL document.', 'Correct it, and write the manifest again.')
    else texts.set(id, body)
  }
  const known: ReadonlySet<string> = new Set(texts.values())
  return {
    documents: { byId: (id) => texts.get(id), has: (text) => known.has(text), all: () => texts.values() },
    faults,
  }
}

interface Entry {
  readonly place: string
  readonly id: unknown
  readonly body: unknown
}

interface Manifest {
  readonly format?: unknown
  readonly version?: unknown
  readonly operations?: unknown
}

type Tell = (name: string, problem: string, remedy: string) => void

const entriesOf = (manifest: unknown, tell: Tell): Entry[] => {
  if (!isRecord(manifest)) return noEntries('is not a JSON object.', tell)
  const { format, version, operations } = manifest as Manifest
  if (format === undefined) return Object.entries(manifest).map(([id, body]) => ({ place: id, id, body }))
  if (format !== 'apollo-persisted-query-manifest' || version !== 1 || !Array.isArray(operations))
    return noEntries('is none of the known formats and versions.', tell)
  return operations.map((operation: unknown, at) => {
    const { id, body } = (isRecord(operation) ? operation : {}) as { id?: unknown; body?: unknown }
    return { place: `operations[${at}]`, id, body }
  })
}

const noEntries = (problem: string, tell: Tell): Entry[] => {
  tell('manifest', problem, 'Write it with the persisted query tool of Apollo, Relay or Hive.')
  return []
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parseJson = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

const isDocument = (text: string): boolean => {
  try {
    parse(text, { noLocation: true })
    return true
  } catch {
    return false
  }
}
