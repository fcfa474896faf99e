import { compose } from '../../../schema/compose.ts'

const LINKS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
`

const SUBGRAPHS: Readonly<Record<string, string>> = {
  people: `${LINKS}
type Query { people(ids: [ID!]!): [Person!]! }
type Person @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  email: String @requiresScope(scope: "crm_contact")
}`,
  insights: `${LINKS}
type Person @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  email: String @external
  churn: String @requires(fields: "email") @requiresScope(scope: [["crm_contact", "analytics"]])
  vector: String @requiresScope(scope: "analytics")
}`,
}

export const SUBGRAPH_NAMES = Object.keys(SUBGRAPHS)

/** What each value rests on. */
export const SCOPES_OF: Readonly<Record<string, readonly string[]>> = {
  email: ['crm_contact'],
  vector: ['analytics'],
  churn: ['crm_contact', 'analytics'],
}

/** The graph of people with the words of the standard vocabulary, its subgraphs at `/NAME` of one address. */
export const personGraphAt = (url: string): string => {
  const sources = Object.entries(SUBGRAPHS).map(([name, sdl]) => ({ name, url: `${url}/${name}`, sdl }))
  const { supergraph, violations } = compose(sources)
  if (supergraph === null) throw new Error(violations.map(({ message }) => message).join('\n'))
  return supergraph
}
