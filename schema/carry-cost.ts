import { type DocumentNode, Kind, visit } from 'graphql'
import { COST_IDENTITY, COST_WORDS } from '../directives/cost.ts'
import { federationLink, type Link, readLinks, spellingOf } from '../directives/read-links.ts'
import { linkFederation } from './federation-link.ts'

/**
 * Composition knows `@cost` and `@listSize` as federation has them (2.9), and drops what a subgraph has by linking the cost
 * specification itself: such a subgraph is made to have the same words from federation. They get their plain names where
 * these are free, since composition refuses words that are spelled differently in two subgraphs.
 */
export const carryCost = (document: DocumentNode): DocumentNode => {
  const links = readLinks(document).filter(({ identity }) => identity === COST_IDENTITY)
  const [link] = links
  if (link === undefined || hasFromFederation(document)) return document
  const words = new Map(COST_WORDS.map((word) => [spelledBy(link, word), word] as const))
  const own = new Set(directivesDefined(document).filter((name) => !words.has(name)))
  const nameOf = (spelled: string): string | undefined => {
    const word = words.get(spelled)
    return word === undefined || own.has(word) ? undefined : word
  }
  const imports = new Map([...words].map(([spelled, word]) => [`@${word}`, `@${nameOf(spelled) ?? spelled}`]))
  const renamed = visit(document, {
    Directive: (node) => {
      if (links.some((one) => one.node === node)) return null
      const value = nameOf(node.name.value)
      return value === undefined ? undefined : { ...node, name: { ...node.name, value } }
    },
  })
  return linkFederation(renamed, { minor: 9, imports })
}

const hasFromFederation = (document: DocumentNode): boolean =>
  COST_WORDS.some((word) => federationLink(document)?.imports.has(`@${word}`))

/** What has the name of its own namespace needs no prefix (link specification v1.0, "Namespaced elements"). */
const spelledBy = (link: Link, word: string): string =>
  link.imports.has(`@${word}`) || word !== link.namespace ? spellingOf(link, word) : word

const directivesDefined = ({ definitions }: DocumentNode): string[] =>
  definitions.flatMap((node) => (node.kind === Kind.DIRECTIVE_DEFINITION ? [node.name.value] : []))
