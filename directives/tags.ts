import type { DocumentNode } from 'graphql'
import { appliedWord, elements } from './applied-words.ts'
import { readLinks, spellingOf } from './read-links.ts'

const TAG_IDENTITY = 'https://specs.apollo.dev/tag'

/** The tags of a supergraph's elements by coordinate, under whatever spelling its links give the word. */
export const readTags = (document: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> => {
  const spelled = new Set(
    readLinks(document)
      .filter(({ identity }) => identity === TAG_IDENTITY)
      .flatMap((link) => [spellingOf(link, 'tag'), ...(link.imports.has('@tag') ? [] : [link.namespace])]),
  )
  const tags = new Map<string, Set<string>>()
  for (const { coordinate, directives = [] } of elements(document))
    for (const { name, arguments: values } of directives.flatMap(appliedWord)) {
      const tag = values['name']
      if (!spelled.has(name) || typeof tag !== 'string') continue
      tags.set(coordinate, (tags.get(coordinate) ?? new Set()).add(tag))
    }
  return tags
}
