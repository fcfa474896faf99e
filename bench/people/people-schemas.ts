import { compose } from '../../schema/compose.ts'

/** What is known of a person, and the scope each part asks: all of it may be used for the purpose `personalization`. */
export const SCOPE_OF = {
  email: 'crm_contact',
  visits: 'analytics',
  greeting: 'personalization',
  suggestion: 'product_recs',
} as const

export const SCOPES: readonly string[] = Object.values(SCOPE_OF)

const FEDERATION = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])`
const CONSENT = `@link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])`

/** Where people come from asks nobody; what is known of them is another subgraph's, so that the fenced plan is the open one. */
export const peopleSubgraphs = (fenced: boolean): Readonly<Record<string, string>> => {
  const person = `type Person @key(fields: "id") ${fenced ? '@dataSubject(key: "id")' : ''}`
  const fields = Object.entries(SCOPE_OF).map(
    ([name, scope]) => `${name}: String ${fenced ? `@requiresScope(scope: "${scope}")` : ''}`,
  )
  const link = `${FEDERATION} ${fenced ? CONSENT : ''}`
  return {
    people: `${link} type Query { people(first: Int!): [Person!]! } ${person} { id: ID! name: String }`,
    crm: `${link} ${person} { id: ID! ${fields.join(' ')} }`,
  }
}

export const peopleQuery = (first: number): string =>
  `query People { people(first: ${first}) { id name ${Object.keys(SCOPE_OF).join(' ')} } }`

export const peopleSupergraph = (origin: string, fenced: boolean): string => {
  const sources = Object.entries(peopleSubgraphs(fenced)).map(([name, sdl]) => ({
    name,
    sdl,
    url: `${origin}/${name}`,
  }))
  const { supergraph, violations } = compose(sources)
  if (supergraph === null) throw new Error(violations.map(({ message }) => message).join('\n'))
  return supergraph
}
