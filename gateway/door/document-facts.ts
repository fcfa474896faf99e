import { createHash } from 'node:crypto'
import { GraphQLError, Kind, parse } from 'graphql'
import type { DocumentNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode } from 'graphql'
import { AssentError } from '../errors.ts'

export interface DocumentLimits {
  readonly maxTokens: number
  readonly maxDepth: number
  readonly maxAliases: number
  readonly maxRootFields: number
  readonly maxSelections: number
}

/** What the door must know about a document before it is validated or planned. */
export interface DocumentFacts {
  readonly operations: readonly OperationDefinitionNode[]
  readonly introspects: boolean
  /** The first of `subscription`, `@defer`, `@stream` that the document uses. */
  readonly unsupported: string | undefined
}

/**
 * Reads the facts of a document and refuses one that is too large: before validation, which compares fields in pairs,
 * and before planning, which grows faster than the document does (OWASP API4, unrestricted resource consumption).
 * Undefined for a document that does not parse; the GraphQL server says why.
 */
export const createDocumentReader = (
  limits: DocumentLimits,
): ((text: string) => DocumentFacts | undefined) => {
  const known = new Map<string, DocumentFacts>()
  return (text) => {
    const key = createHash('sha256').update(text).digest('base64')
    const found = known.get(key)
    if (found !== undefined) return found
    const document = parseWithin(text, limits.maxTokens)
    if (document === undefined) return undefined
    const facts = factsOf(document, limits)
    // Forgetting everything now and then keeps the memory bounded; reading a document again costs little.
    if (known.size >= 2000) known.clear()
    known.set(key, facts)
    return facts
  }
}

const parseWithin = (text: string, maxTokens: number): DocumentNode | undefined => {
  try {
    return parse(text, { noLocation: true, maxTokens })
  } catch (problem) {
    const tooLarge = problem instanceof GraphQLError && problem.message.includes('tokens. Parsing aborted')
    if (tooLarge) throw new AssentError('OPERATION_TOO_LARGE', 'limits.tokens')
    if (problem instanceof RangeError) throw new AssentError('OPERATION_TOO_LARGE', 'limits.depth')
    return undefined
  }
}

const factsOf = (document: DocumentNode, limits: DocumentLimits): DocumentFacts => {
  const operations: OperationDefinitionNode[] = []
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition)
  }
  const measure = measureWith(fragments)
  const sizes = operations.map(({ selectionSet }) => measure(selectionSet))
  for (const size of sizes) refuseAbove(limits, size)
  const used = [...operations, ...fragments.values()].map(({ selectionSet }) => wordsOf(selectionSet))
  const subscription = operations.find(({ operation }) => operation === 'subscription')
  return {
    operations,
    introspects: used.some(({ introspects }) => introspects),
    unsupported:
      subscription?.operation ?? used.find(({ incremental }) => incremental !== undefined)?.incremental,
  }
}

interface Size {
  readonly selections: number
  readonly aliases: number
  readonly depth: number
  readonly rootFields: number
}

const NOTHING: Size = { selections: 0, aliases: 0, depth: 0, rootFields: 0 }

const add = (a: Size, b: Size): Size => ({
  selections: a.selections + b.selections,
  aliases: a.aliases + b.aliases,
  depth: Math.max(a.depth, b.depth),
  rootFields: a.rootFields + b.rootFields,
})

/** Measures with fragments counted where they are spread, each fragment walked once. A cycle counts nothing; validation refuses it. */
const measureWith = (
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): ((set: SelectionSetNode) => Size) => {
  const measured = new Map<string, Size>()
  const measure = (set: SelectionSetNode): Size => {
    let size = NOTHING
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) size = add(size, measure(selection.selectionSet))
      else if (selection.kind === Kind.FRAGMENT_SPREAD)
        size = add(size, measureFragment(selection.name.value))
      else {
        const inner = selection.selectionSet === undefined ? NOTHING : measure(selection.selectionSet)
        const aliases = inner.aliases + (selection.alias === undefined ? 0 : 1)
        size = add(size, { selections: inner.selections + 1, aliases, depth: inner.depth + 1, rootFields: 1 })
      }
    }
    return size
  }
  const measureFragment = (name: string): Size => {
    const known = measured.get(name)
    if (known !== undefined) return known
    const fragment = fragments.get(name)
    measured.set(name, NOTHING)
    const size = fragment === undefined ? NOTHING : measure(fragment.selectionSet)
    measured.set(name, size)
    return size
  }
  return measure
}

const refuseAbove = (limits: DocumentLimits, size: Size): void => {
  const over =
    (size.depth > limits.maxDepth && 'limits.depth') ||
    (size.aliases > limits.maxAliases && 'limits.aliases') ||
    (size.rootFields > limits.maxRootFields && 'limits.rootFields') ||
    (size.selections > limits.maxSelections && 'limits.selections')
  if (over) throw new AssentError('OPERATION_TOO_LARGE', over)
}

interface Words {
  introspects: boolean
  incremental: string | undefined
}

const INCREMENTAL = new Set(['defer', 'stream'])

const wordsOf = (
  set: SelectionSetNode,
  words: Words = { introspects: false, incremental: undefined },
): Words => {
  for (const selection of set.selections) {
    const incremental = selection.directives?.find(({ name }) => INCREMENTAL.has(name.value))
    if (incremental !== undefined) words.incremental ??= `@${incremental.name.value}`
    if (selection.kind === Kind.FIELD && /^__(schema|type)$/.test(selection.name.value))
      words.introspects = true
    if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet)
      wordsOf(selection.selectionSet, words)
  }
  return words
}
