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

/**
 * What a document takes grows with its tokens, not with its letters: with its plan about half a kilobyte each. Whoever may ask
 * can make up documents without end, and they must not fill the memory (OWASP API4, unrestricted resource consumption).
 */
const MOST_TOKENS = 400_000

/** Valid documents by their text, those used last: for what was asked before, nothing is hashed, parsed or validated again. */
export const createKnownDocuments = (mostTokens = MOST_TOKENS): KnownDocuments => {
  // A Map remembers the order: what is used goes to its end, what is forgotten stands at its beginning.
  const documents = new Map<string, KnownDocument>()
  let tokens = 0
  return {
    get(text) {
      const known = documents.get(text)
      if (known === undefined) return undefined
      documents.delete(text)
      documents.set(text, known)
      return known
    },
    keep(text, known) {
      const first = documents.get(text)
      if (first !== undefined) return first
      documents.set(text, known)
      tokens += tokensOf(known)
      for (const [oldest, old] of documents) {
        if (tokens <= mostTokens) break
        documents.delete(oldest)
        tokens -= tokensOf(old)
      }
      return known
    },
  }
}

const tokensOf = ({ facts }: KnownDocument): number => facts.document.tokenCount ?? 0
