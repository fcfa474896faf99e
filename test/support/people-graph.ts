import type { TestSubgraph, WorldOptions } from './world.ts'

const LINKS = `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires", "@shareable", "@provides"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
`

/** Values that must never be where they were not granted: every one names its person and field. */
export const canary = (person: string, field: string): string => `canary:${person}:${field}`

interface Person {
  readonly id: string
  readonly household: readonly string[]
}

const PEOPLE: Readonly<Record<string, Person>> = {
  ada: { id: 'ada', household: ['bo', 'cyd'] },
  bo: { id: 'bo', household: ['ada'] },
  cyd: { id: 'cyd', household: ['ada', 'bo', 'cyd'] },
  dee: { id: 'dee', household: [] },
}

const person = (id: string) => {
  const found = PEOPLE[id]
  if (found === undefined) return null
  return {
    __typename: 'Person',
    id,
    name: id.charAt(0).toUpperCase() + id.slice(1),
    email: canary(id, 'email'),
    ssn: canary(id, 'ssn'),
    phone: canary(id, 'phone'),
    household: () => found.household.map(person),
    bestFriend: () => person(found.household[0] ?? ''),
    address: {
      city: `city of ${id}`,
      street: canary(id, 'street'),
      landlord: () => person(found.household[0] ?? ''),
    },
    channels: [
      { __typename: 'Mailbox', value: canary(id, 'mailbox'), verified: true },
      { __typename: 'Website', value: `https://${id}.example`, verified: false },
    ],
    neighbours: () => found.household.map(person),
    note: ({ last, about = 'all' }: { last: number; about?: string }) =>
      `${canary(id, 'note')} ${last} ${about}`,
  }
}

const company = { __typename: 'Company', id: 'acme', email: 'office@acme.example' }

const people: TestSubgraph = {
  name: 'people',
  sdl: `${LINKS}
type Query {
  person(id: ID!): Person
  people(ids: [ID!]!): [Person!]!
  maybePeople(ids: [ID!]!): [Person]
  node(id: ID!): Node
  contacts: [Contactable!]!
  search(q: String!): [Hit!]!
  shops: [Shop!]!
  rounds: [[Person!]!]!
}
type Mutation {
  rename(id: ID!, name: String!): Person
  invite(id: ID!): Invitation
}
type Invitation { note: String guest: Person! }
interface Node { id: ID! }
interface Contactable { email: String @requiresScope(scope: "contact") }
type Person implements Node & Contactable @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  name: String
  email: String @requiresScope(scope: "contact")
  ssn: String @requiresScope(scope: "identity_strong")
  phone: String! @requiresScope(scope: "contact")
  household: [Person!]!
  bestFriend: Person
  address: Address
  channels: [Channel!]!
  neighbours: [Person!] @requiresScope(scope: "contact")
  note(last: Int! = 1, about: String): String @requiresScope(scope: "contact")
}
type Address {
  city: String
  street: String @requiresScope(scope: "contact")
  landlord: Person
}
interface Channel { value: String verified: Boolean }
type Mailbox implements Channel { value: String @requiresScope(scope: "contact") verified: Boolean }
type Website implements Channel { value: String verified: Boolean }
type Company implements Node & Contactable { id: ID! email: String }
union Hit = Person | Company
type Shop @key(fields: "sku") { sku: ID! owner: Person }
`.replace(
    'interface Channel { value: String',
    'interface Channel { value: String @requiresScope(scope: "contact")',
  ),
  resolvers: {
    Query: {
      person: (_: unknown, { id }: { id: string }) => person(id),
      people: (_: unknown, { ids }: { ids: string[] }) => ids.map(person).filter((found) => found !== null),
      maybePeople: (_: unknown, { ids }: { ids: string[] }) => ids.map(person),
      node: (_: unknown, { id }: { id: string }) => (id === 'acme' ? company : person(id)),
      contacts: () => [person('bo'), company, person('ada')],
      search: () => [person('bo'), company, person('ada')],
      shops: () => [
        { sku: 's1', owner: person('bo') },
        { sku: 's2', owner: person('ada') },
      ],
      rounds: () => [[person('ada'), person('bo')], [person('cyd')], []],
    },
    Mutation: {
      rename: (_: unknown, { id, name }: { id: string; name: string }) => ({ ...person(id), name }),
      invite: (_: unknown, { id }: { id: string }) => ({ note: 'sent', guest: person(id) }),
    },
    Person: { __resolveReference: ({ id }: { id: string }) => person(id) },
    Node: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
    Contactable: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
    Channel: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
    Hit: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
  },
}

const insights: TestSubgraph = {
  name: 'insights',
  sdl: `${LINKS}
type Person @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  email: String @external
  churn: String @requires(fields: "email") @requiresScope(scope: [["contact", "profiling"]])
  vector: String @requiresScope(scope: "profiling")
  score: Int
  hint: String @requiresScope(scope: "profiling", otherwise: ANONYMOUS)
}
`,
  resolvers: {
    Person: {
      __resolveReference: (reference: { id: string; email?: string }) => reference,
      churn: ({ id, email }: { id: string; email?: string }) =>
        `${canary(id, 'churn')} from ${email ?? 'nothing'}`,
      vector: ({ id }: { id: string }) => canary(id, 'vector'),
      score: ({ id }: { id: string }) => id.length,
      hint: ({ id }: { id: string }) => (id === 'anonymous' ? 'popular with everybody' : canary(id, 'hint')),
    },
  },
}

/** Ada gave everything, Bo refused everything, Cyd gave contact only, Dee was never asked. */
export const peopleGraph = {
  subgraphs: [people, insights],
  scopes: ['contact', 'identity_strong'],
  consents: {
    ada: { contact: 'given', identity_strong: 'given', profiling: 'renewed' },
    bo: { contact: 'refused', identity_strong: 'refused', profiling: 'refused' },
    cyd: { contact: 'given', profiling: 'withdrawn', identity_strong: 'expired' },
    dee: {},
  },
} satisfies WorldOptions
