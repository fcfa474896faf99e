import type { TestSubgraph } from './world.ts'

/** Books and their readers: lists of every kind, sized by every kind of argument. Answers one of everything. */
export const library: TestSubgraph = {
  name: 'library',
  sdl: `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize"])
type Query {
  book: Book
  books: [Book!]!
  page(first: Int): [Book!]!
  pageOfTen(first: Int = 10): [Book!]!
  must(first: Int, last: Int): [Book!]! @listSize(slicingArguments: ["first", "last"])
  may(first: Int): [Book!]! @listSize(slicingArguments: ["first"], assumedSize: 50, requireOneSlicingArgument: false)
  fixed: [Book!]! @listSize(assumedSize: 7)
  connected(first: Int, after: String): Books!
  sized(howMany: Int!): Books! @listSize(slicingArguments: ["howMany"], sizedFields: ["edges"])
  found(where: Where): [Book!]!
  foundOf(where: Where! = { page: { limit: 200 } }): [Book!]!
  big(limit: Long): [Book!]!
  named(ids: [ID!]!): [Book]!
  numbers(count: Int): [Int!]!
  grid(size: Int): [[Book!]!]!
  weighed(by: Scale, in: Where): Book
  printed(first: Int): [Printed!]!
  text(last: String): [Book!]!
}
type Mutation { lend(id: ID!): Book }
scalar Long
scalar Blob @cost(weight: 5)
enum Kind @cost(weight: 2) { PAPER SOUND }
input Where { page: Page, tags: [String!], and: [Where!], dear: String @cost(weight: 6) }
input Page { limit: Int = 20, after: String }
input Scale { grams: Int }
type Books { edges: [Edge!]! nodes: [Book!]! total: Int }
type Edge { cursor: String node: Book! }
interface Printed { title: String pages(first: Int): [Sheet!]! }
type Book implements Printed @key(fields: "id") {
  id: ID!
  title: String
  cover: Blob
  kind: Kind
  summary: String @cost(weight: 9)
  author: Author
  readers(limit: Int): [Reader!]!
  pages(first: Int): [Sheet!]! @listSize(slicingArguments: ["first"], assumedSize: 300, requireOneSlicingArgument: false)
}
type Atlas implements Printed { title: String @cost(weight: 4) pages(first: Int): [Sheet!]! }
type Sheet @cost(weight: 3) { number: Int }
type Author { name: String books(take: Int): [Book!]! }
type Reader { name: String books(pageSize: Int): [Book!]! }
`,
  resolvers: {
    Query: {
      book: () => ({ id: 'b1', title: 'One' }),
      ...Object.fromEntries(
        [
          'books',
          'page',
          'pageOfTen',
          'must',
          'may',
          'fixed',
          'found',
          'foundOf',
          'big',
          'named',
          'text',
        ].map((name) => [name, () => [{ id: 'b1', title: 'One' }]]),
      ),
      numbers: () => [1],
    },
    Mutation: { lend: () => ({ id: 'b1' }) },
    Book: {
      __resolveReference: ({ id }: { id: string }) => ({ id, title: 'One' }),
      readers: () => [{ name: 'Dee' }],
      author: () => ({ name: 'Cyd' }),
    },
    Reader: { books: () => [{ id: 'b1' }] },
    Author: { books: () => [{ id: 'b1' }] },
    Printed: { __resolveType: () => 'Book' },
  },
}
