import type { TestSubgraph, WorldOptions } from './world.ts'

const ada = {
  __typename: 'User',
  id: 'ada',
  name: 'Ada',
  email: 'ada@staff.example',
  phone: '1',
  salary: 100,
  badge: 'A-1',
  level: 'TOP',
  iban: 'DE00',
}

const note = { __typename: 'Note', id: 'n1', title: 'Note', author: 'Ada' }
const bill = { __typename: 'Invoice', id: 'i1', title: 'Bill', author: 'Bo' }

const staff: TestSubgraph = {
  name: 'staff',
  sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@authenticated", "@requiresScopes", "@policy"])
type Query {
  me: User
  users: [User!]!
  head: User! @authenticated
  invoice: Invoice
  documents: [Document]!
  hits: [Hit]!
}
type Mutation { pay: Int @authenticated ping: Int }
type Subscription { hired: User @authenticated }
interface Document { id: ID! title: String author: String related: Document }
union Hit = User | Note
type User @key(fields: "id") {
  id: ID!
  name: String
  email: String @authenticated
  phone: String! @authenticated
  # what is paid
  salary: Int @requiresScopes(scopes: [["pay:read"], ["hr", "admin"]])
  iban: Iban @requiresScopes(scopes: [["pay:read"]])
  badge: String @policy(policies: [["staff"]])
  level: Level
}
type Memo implements Document { id: ID! title: String author: String related: Document }
scalar Iban @requiresScopes(scopes: [["bank"]])
enum Level @authenticated { TOP }
type Note implements Document {
  id: ID!
  title: String
  author: String @requiresScopes(scopes: [["hr"]])
  related: Document
}
type Invoice implements Document @authenticated { id: ID! title: String author: String related: Document }
`,
  resolvers: {
    Query: {
      me: () => ada,
      users: () => [ada, ada],
      head: () => ada,
      invoice: () => bill,
      documents: () => [note, bill],
      hits: () => [ada, note],
    },
    Mutation: { pay: () => 1, ping: () => 1 },
    User: { __resolveReference: () => ada },
    Document: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
    Hit: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
  },
}

const risk: TestSubgraph = {
  name: 'risk',
  sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires", { name: "@requiresScopes", as: "@sc" }])
type User @key(fields: "id") {
  id: ID!
  salary: Int @external
  risk: String @requires(fields: "salary") @sc(scopes: [["pay:read"], ["hr", "admin"]])
}
`,
  resolvers: {
    User: {
      __resolveReference: (reference: object) => reference,
      risk: ({ salary }: { salary?: number }) => `of ${salary ?? 'nothing'}`,
    },
  },
}

export const staffSubgraphs = [staff, risk]

/** A graph without personal data that asks callers who they are. */
export const staffGraph = {
  subgraphs: staffSubgraphs,
  consents: {},
  unguardedSubgraphs: true,
} satisfies WorldOptions
