import type { ConstDirectiveNode, DocumentNode } from 'graphql'
import { type AppliedWord, appliedWord, elementsWith } from './applied-words.ts'
import { federationLink, type Link, readLinks, spellingOf } from './read-links.ts'

/**
 * The standard words about who asks, whoever is asked about: `@authenticated`, `@requiresScopes`, `@policy`
 * (specs.apollo.dev, each v0.1). `anyOf` is an OR of ANDs.
 */
export type AccessClause =
  | { readonly word: 'authenticated' }
  | { readonly word: 'requiresScopes' | 'policy'; readonly anyOf: readonly (readonly string[])[] }

export type AccessWord = AccessClause['word']

export interface WrittenClause {
  readonly coordinate: string
  readonly clause: AccessClause
  readonly line: number | null
}

/** Everything a document asks of its callers, under whatever spelling its links give the words. */
export const readAccessWords = (document: DocumentNode): WrittenClause[] => {
  const { directives } = accessSpelling(document)
  if (directives.size === 0) return []
  const isWord = ({ name }: ConstDirectiveNode): boolean =>
    directives.has(name.value) || name.value === 'join__directive'
  return elementsWith(document, isWord).flatMap(({ coordinate, directives: applied = [] }) =>
    applied
      .filter(isWord)
      .flatMap(appliedWord)
      .flatMap((one) => {
        const word = directives.get(one.name)
        return word === undefined ? [] : [{ coordinate, clause: clauseOf(word, one), line: one.line }]
      }),
  )
}

export interface AccessSpelling {
  /** Name in this document → word. */
  readonly directives: ReadonlyMap<string, AccessWord>
  /** Names here of the types of the words' arguments. */
  readonly types: ReadonlySet<string>
}

export const accessSpelling = (document: DocumentNode): AccessSpelling => {
  const links = readLinks(document).filter(({ identity }) => WORD_OF.has(identity))
  const federation = federationLink(document)
  const all = [...links, ...(federation === null ? [] : [federation])]
  return {
    directives: new Map(all.flatMap((link) => spellings(link).map(([name, word]) => [name, word] as const))),
    types: new Set(
      all.flatMap((link) =>
        ['Scope', 'Policy'].map((name) => link.imports.get(name) ?? `${link.namespace}__${name}`),
      ),
    ),
  }
}

/** Links to these words in a version that is not known here. */
export const unknownAccessVersions = (document: DocumentNode): string[] =>
  readLinks(document)
    .filter(
      ({ identity, version }) => WORD_OF.has(identity) && !(version?.major === 0 && version.minor === 1),
    )
    .map(({ identity, version }) => `${identity}/v${version?.major ?? '?'}.${version?.minor ?? '?'}`)

/** Whether one of these says all that the other does, however both are put. */
export const implies = (one: AccessClause, other: AccessClause): boolean => {
  if (one.word === 'authenticated' || other.word === 'authenticated') return one.word === other.word
  const { anyOf } = other
  return (
    one.word === other.word &&
    one.anyOf.every((group) => anyOf.some((wanted) => wanted.every((name) => group.includes(name))))
  )
}

const WORDS: readonly AccessWord[] = ['authenticated', 'requiresScopes', 'policy']

const WORD_OF: ReadonlyMap<string, AccessWord> = new Map(
  WORDS.map((word) => [`https://specs.apollo.dev/${word}`, word]),
)

/** The element that a specification is named after goes by the namespace alone (link specification v1.0). */
const spellings = (link: Link): (readonly [string, AccessWord])[] => {
  const own = WORD_OF.get(link.identity)
  if (own === undefined) return WORDS.map((word) => [spellingOf(link, word), word])
  const plain = link.imports.has(`@${own}`) ? [] : [[link.namespace, own] as const]
  return [[spellingOf(link, own), own], ...plain]
}

const clauseOf = (word: AccessWord, { arguments: values }: AppliedWord): AccessClause => {
  if (word === 'authenticated') return { word }
  const groups = values[word === 'policy' ? 'policies' : 'scopes']
  return { word, anyOf: listOf(groups).map((group) => listOf(group).map(textOf)) }
}

/** GraphQL makes a list of what stands alone. */
const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]

/** What is no text names nothing, and a list that names nothing is refused. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
