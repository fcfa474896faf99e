import { describe, expect, test } from 'vitest'
import { compose } from '../../schema/compose.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld, type TestSubgraph } from '../support/world.ts'

const federation = (...names: string[]): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: [${names.map((name) => `"@${name}"`).join(', ')}])`

const composed = (subgraphs: readonly TestSubgraph[]) =>
  compose(subgraphs.map(({ name, sdl }) => ({ name, sdl, url: `http://${name}.example/graphql` })))

describe('a root type can be entered at any place', () => {
  const orders: TestSubgraph = {
    name: 'orders',
    sdl: `${federation('key')}
      type Query { open: Int }
      type Mutation { add: Payload }
      type Payload { query: Query }`,
    resolvers: { Query: { open: () => 3 }, Mutation: { add: () => ({ query: {} }) } },
  }
  const press: TestSubgraph = {
    name: 'press',
    sdl: `${federation('key')} type Query { news: String }`,
    resolvers: { Query: { news: () => 'rain' } },
  }

  test('so what another subgraph has of the query root is no reason to refuse', async () => {
    expect(composed([orders, press]).violations).toEqual([])
    const world = createWorld({ subgraphs: [orders, press], consents: {}, unguardedSubgraphs: true })
    const { data, errors, sent } = await world.ask('mutation { add { query { news open } } }')
    expect({ data, errors }).toEqual({
      data: { add: { query: { news: 'rain', open: 3 } } },
      errors: undefined,
    })
    expect(sentLines(sent)).toEqual(['orders: mutation add{query{open}}', 'press: news'])
  })

  test('but what no subgraph leads to still is one', () => {
    const shelves = {
      ...orders,
      sdl: `${orders.sdl} type Shelf { width: Int } extend type Query { shelf: Shelf }`,
    }
    const depths = { ...press, sdl: `${press.sdl} type Shelf { depth: Int }` }
    const { supergraph, violations } = composed([shelves, depths])
    expect(supergraph).toBeNull()
    expect(violations.map(({ code, coordinate }) => `${code} ${coordinate}`)).toContain(
      'SATISFIABILITY_ERROR Shelf.depth',
    )
  })
})

describe('a field that an interface object takes from elsewhere', () => {
  const media: TestSubgraph = {
    name: 'media',
    sdl: `${federation('key')}
      type Query { media: Media }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Film implements Media @key(fields: "id") { id: ID! title: String }`,
    resolvers: {
      Query: { media: () => ({ __typename: 'Film', id: 'f1', title: 'Rain' }) },
      Media: { __resolveType: () => 'Film' },
      Film: { __resolveReference: ({ id }: { id: string }) => ({ id, title: 'Rain' }) },
    },
  }
  const teasers: TestSubgraph = {
    name: 'teasers',
    sdl: `${federation('key', 'interfaceObject', 'external', 'requires')}
      type Media @key(fields: "id") @interfaceObject {
        id: ID!
        title: String @external
        teaser: String @requires(fields: "title")
      }`,
    resolvers: {
      Media: {
        __resolveReference: (reference: object) => reference,
        teaser: ({ title }: { title?: string }) => `See ${title ?? 'nothing'}`,
      },
    },
  }

  test('is not its own in the supergraph', () => {
    const { supergraph, violations } = composed([media, teasers])
    expect(violations).toEqual([])
    expect(supergraph).toContain(
      'title: String @join__field(graph: MEDIA) @join__field(graph: TEASERS, external: true)',
    )
  })

  test('is sent to it when it asks for it, and never asked of it', async () => {
    const world = createWorld({ subgraphs: [media, teasers], consents: {}, unguardedSubgraphs: true })
    const { data, sent } = await world.ask('{ media { teaser } }')
    expect(data).toEqual({ media: { teaser: 'See Rain' } })
    const asked = sent.filter(({ subgraph }) => subgraph === 'teasers')
    expect(asked.map(({ document }) => document).join()).not.toContain('title')
    expect(JSON.stringify(asked.map(({ variables }) => variables))).toContain('"title":"Rain"')
  })
})
