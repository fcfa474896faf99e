import type { DocumentNode } from 'graphql'
import type { DocumentFacts } from '../limits/document-facts.ts'

/** A document that fits the schema, as the same object each time it is asked: plans are kept by it. */
export interface KnownDocument {
  readonly document: DocumentNode
  readonly facts: DocumentFacts
}

export interface KnownDocuments {
  get(text: string): KnownDocument | undefined
  /** What is known of the text from now on: the first to be known stays. */
  keep(text: string, known: KnownDocument): KnownDocument
}

const MOST_CHARACTERS = 8 * 1_048_576

/** Valid documents by their text: for what was asked before, nothing is hashed, parsed or validated again. */
export const createKnownDocuments = (): KnownDocuments => {
  const documents = new Map<string, KnownDocument>()
  let characters = 0
  return {
    get: (text) => documents.get(text),
    keep(text, known) {
      const first = documents.get(text)
      if (first !== undefined) return first
      // Forgetting everything now and then keeps the memory bounded; the document store of the server still has them.
      if (characters + text.length > MOST_CHARACTERS) {
        documents.clear()
        characters = 0
      }
      documents.set(text, known)
      characters += text.length
      return known
    },
  }
}
