import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Fault } from '../errors.ts'
import { onlyOperationName } from '../only-operation-name.ts'
import type { RegisteredOperation } from '../ports.ts'
import { readTrustedDocuments, type TrustedDocuments } from '../trusted-documents.ts'

/** What was read of a contract so far, as far as documents are concerned. */
export interface ReadingDocuments {
  readonly draft: { readonly trustedDocuments?: string }
  readonly operations: Map<string, Partial<RegisteredOperation> & { readonly document?: string }>
  /** By path in the contract: the line it stands on. */
  readonly places: ReadonlyMap<string, string>
  readonly faults: Fault[]
}

/** What one client asks by name: its manifest, and the documents of its registered operations, each under its own name. */
export const documentsOf = (file: string, reading: ReadingDocuments): TrustedDocuments | null => {
  const { trustedDocuments: manifest } = reading.draft
  const listed = manifest === undefined ? null : documentsIn(manifest, file, reading)
  const own = new Map<string, string>()
  for (const [name, { document, ...operation }] of reading.operations) {
    if (document === undefined) continue
    const body = registeredText(name, { document, file, reading })
    own.set(name, body)
    reading.operations.set(name, { ...operation, sha256: createHash('sha256').update(body).digest('hex') })
  }
  if (own.size === 0) return listed
  const texts = new Set(own.values())
  return {
    byId: (id) => own.get(id) ?? listed?.byId(id),
    has: (body) => texts.has(body) || (listed?.has(body) ?? false),
    all: () => [...texts, ...(listed?.all() ?? [])],
    ...(listed === null && { isBesides: true }),
  }
}

/** The text of a registered operation: one operation, of that very name, so that what is asked is what was looked at. */
const registeredText = (
  name: string,
  {
    document,
    file,
    reading: { places, faults },
  }: { document: string; file: string; reading: ReadingDocuments },
): string => {
  const place = places.get(`operations.${name}.document`) ?? file
  const tell = (problem: string, remedy: string): string => {
    faults.push({ name: `operations.${name}.document`, place, problem, remedy })
    return ''
  }
  try {
    const body = readFileSync(resolve(dirname(file), document), 'utf8')
    if (onlyOperationName(body) === name) return body
    return tell('is not one operation of this name.', `Write one document with \`query ${name}\`.`)
  } catch {
    return tell('cannot be read.', 'Name a file relative to the contract.')
  }
}

/** The manifest of one client, which lies relative to its contract. */
const documentsIn = (
  manifest: string,
  contract: string,
  { places, faults }: ReadingDocuments,
): TrustedDocuments => {
  const file = resolve(dirname(contract), manifest)
  const place = places.get('trustedDocuments') ?? contract
  let json = ''
  try {
    json = readFileSync(file, 'utf8')
  } catch {
    faults.push({
      name: 'trustedDocuments',
      place,
      problem: 'cannot be read.',
      remedy: 'Name a file beside the contract.',
    })
  }
  const read = readTrustedDocuments(json, manifest)
  if (json !== '') faults.push(...read.faults)
  return read.documents
}
