import { createHash } from 'node:crypto'
import { type DocumentNode, Kind, print } from 'graphql'
import type { Caller } from '../ports.ts'

export interface OperationNames {
  /** A name that may be a label: one of a contract, or one of few. */
  label(name: string | undefined, caller: Caller | null): string
}

/** Labels are kept for ever by whoever reads them, and a client may write anything as a name: they are few, or `other`. */
export const createOperationNames = (which: 'registered' | 'all'): OperationNames => {
  const seen = new Set<string>()
  const isOneOfFew = (name: string): boolean => {
    if (which === 'registered' || (seen.size >= MOST && !seen.has(name))) return false
    seen.add(name)
    return true
  }
  return {
    label(name, caller) {
      if (name === undefined) return OTHER
      return caller?.contract.operations.has(name) === true || isOneOfFew(name) ? name : OTHER
    },
  }
}

const MOST = 200
const OTHER = 'other'

/** Tells documents apart without showing them: the first half of the SHA-256 of the text. */
export const documentHash = (document: DocumentNode): string => {
  const known = hashes.get(document)
  if (known !== undefined) return known
  const text = document.loc?.source.body ?? print(document)
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 32)
  hashes.set(document, hash)
  return hash
}

const hashes = new WeakMap<DocumentNode, string>()

export interface AskedOperation {
  readonly type: string
  readonly name: string | undefined
}

export const operationOf = (document: DocumentNode, operationName: string | undefined): AskedOperation => {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue
    const name = definition.name?.value
    if (operationName === undefined || operationName === name) return { type: definition.operation, name }
  }
  return { type: 'unknown', name: undefined }
}
