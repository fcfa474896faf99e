import { createHash } from 'node:crypto'
import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, parse } from 'graphql'
import type { SelectionSetNode } from 'graphql'
import { checkDocument } from './check-document.ts'
import type { Limits } from './limits.ts'
import { measureDocument } from './measure-document.ts'
import { tooMuch } from './refuse-above.ts'

/** What the door must know about a document before it is validated or planned. */
export interface DocumentFacts {
  readonly document: DocumentNode
  readonly operations: readonly OperationDefinitionNode[]
  readonly introspects: boolean
  /** What the document uses that is not served: `@stream`. */
  readonly unsupported: string | undefined
}

/**
 * Reads the facts of a document and refuses one that is too large for this caller: before validation, which compares
 * fields in pairs, and before planning, which grows faster than the document does (OWASP API4, unrestricted resource
 * consumption). Undefined for a document that does not parse; the GraphQL server says why. What is read once is kept,
 * what it measures included, so that a caller is refused alike the first time and ever after.
 */
export const createDocumentReader = (): ((text: string, limits: Limits) => DocumentFacts | undefined) => {
  const known = new Map<string, DocumentFacts>()
  let tokens = 0
  return (text, limits) => {
    const key = createHash('sha256').update(text).digest('base64')
    const found = known.get(key)
    const facts = found ?? read(text, limits)
    if (facts === undefined) return undefined
    checkBeforeValidation(facts.document, limits)
    if (found !== undefined) return facts
    // Forgetting everything now and then keeps the memory bounded; reading a document again costs little.
    const { tokenCount = 0 } = facts.document
    if (known.size >= MOST_KNOWN || tokens + tokenCount > MOST_TOKENS) {
      known.clear()
      tokens = 0
    }
    known.set(key, facts)
    tokens += tokenCount
    return facts
  }
}

const MOST_KNOWN = 2000
/** What a document takes grows with its tokens, and anybody may send 2000 of the largest. */
const MOST_TOKENS = 200_000

const read = (text: string, limits: Limits): DocumentFacts | undefined => {
  const document = parseWithin(text, limits)
  return document === undefined ? undefined : factsOf(document)
}

const parseWithin = (text: string, limits: Limits): DocumentNode | undefined => {
  try {
    return parse(text, { noLocation: true, maxTokens: limits.tokens })
  } catch (problem) {
    const tooLarge = problem instanceof GraphQLError && problem.message.includes('tokens. Parsing aborted')
    if (tooLarge) throw tooMuch('tokens', limits.tokens + 1, limits.tokens)
    if (problem instanceof RangeError) throw tooMuch('depth', Number.POSITIVE_INFINITY, limits.depth)
    return undefined
  }
}

/** Fragments in a circle are left to validation, which says where. */
const checkBeforeValidation = (document: DocumentNode, limits: Limits): void => {
  const isCircular = measureDocument(document).operations.some(({ depth }) => Number.isNaN(depth))
  if (!isCircular) checkDocument(document, limits)
}

const factsOf = (document: DocumentNode): DocumentFacts => {
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const used = document.definitions.flatMap((node) =>
    node.kind === Kind.OPERATION_DEFINITION || node.kind === Kind.FRAGMENT_DEFINITION
      ? [wordsOf(node.selectionSet)]
      : [],
  )
  return {
    document,
    operations,
    introspects: used.some(({ introspects }) => introspects),
    unsupported: used.some(({ streams }) => streams) ? '@stream' : undefined,
  }
}

interface Words {
  introspects: boolean
  streams: boolean
}

const wordsOf = (set: SelectionSetNode, words: Words = { introspects: false, streams: false }): Words => {
  for (const selection of set.selections) {
    if (selection.directives?.some(({ name }) => name.value === 'stream')) words.streams = true
    if (selection.kind === Kind.FIELD && /^__(schema|type)$/.test(selection.name.value))
      words.introspects = true
    if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet)
      wordsOf(selection.selectionSet, words)
  }
  return words
}
