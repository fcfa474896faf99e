import { getIntrospectionQuery, parse, printSchema } from 'graphql'
import { afterAll, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { REVIEW } from '../support/contract-review.ts'
import { readContracts } from '../../gateway/adapters/contract-files.ts'
import type { Caller, ClientContract } from '../../gateway/ports.ts'
import { openTestDoor } from '../support/open-test-door.ts'
import { sentLines } from '../support/sent-lines.ts'
import { type Ask, callerWith, createWorld, type TestSubgraph } from '../support/world.ts'

const lamp = { __typename: 'Product', id: 'p1', name: 'Lamp', cost: 3, sort: 'COST' }

const shop: TestSubgraph = {
  name: 'shop',
  sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", { name: "@tag", as: "@label" }, "@inaccessible", "@authenticated"])
type Query {
  product: Product @label(name: "partner")
  products(filter: Filter, debug: Boolean @label(name: "internal")): [Product!]!
  report: Report @label(name: "internal")
  things: [Thing]! @label(name: "partner")
  made: [Made]!
  audit(by: Secret!): Int
}
interface Made { id: ID! }
type Product implements Made @key(fields: "id") @label(name: "partner") {
  id: ID!
  name: String
  cost: Int @label(name: "internal")
  sort: Sort
  mine: String @authenticated
  hidden: Int @inaccessible
}
type Report { lines: [Line!] }
type Line { text: String }
type Ledger implements Made @label(name: "internal") { id: ID! sum: Int }
type Batch { size: Int @label(name: "internal") }
union Thing @label(name: "partner") = Product | Ledger
enum Sort { NAME COST @label(name: "internal") }
input Filter { name: String costBelow: Int @label(name: "internal") batch: [Secret!] }
input Secret { key: String! @label(name: "internal-key") }
extend type Query { batch: Batch }
`,
  resolvers: {
    Query: {
      product: () => lamp,
      products: () => [lamp],
      report: () => ({ lines: [{ text: 'all' }] }),
      things: () => [lamp, { __typename: 'Ledger', id: 'l1', sum: 7 }],
      made: () => [lamp, { __typename: 'Ledger', id: 'l1', sum: 7 }],
      batch: () => ({ size: 1 }),
      audit: () => 1,
    },
    Thing: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
    Made: { __resolveType: ({ __typename }: { __typename: string }) => __typename },
  },
}

const world = createWorld({ subgraphs: [shop], consents: {}, unguardedSubgraphs: true })
const tags = (include: string[], exclude: string[]): Ask => ({ contract: { tags: { include, exclude } } })
const OUTSIDE = tags([], ['internal'])
const PARTNER = tags(['partner'], ['internal'])
const schemaOf = ({ contract = {} }: Ask) =>
  printSchema(world.gateway.viewOf(callerWith({ scopes: [], contract }).contract).schema)

describe('a contract that excludes a tag', () => {
  test('sees the graph without what is so tagged, what needs it, and what only that led to', () => {
    const types = schemaOf(OUTSIDE)
      .split('\n\n')
      .filter((part) => !part.includes('directive @'))
      .toSorted()
    expect(types.join('\n')).toBe(`enum Sort {
  NAME
}
input Filter {
  name: String
  batch: [Secret!]
}
input Secret {
  key: String!
}
interface Made {
  id: ID!
}
type Product implements Made {
  id: ID!
  name: String
  sort: Sort
  mine: String
}
type Query {
  product: Product
  products(filter: Filter): [Product!]!
  things: [Thing]!
  made: [Made]!
  audit(by: Secret!): Int
}
union Thing = Product`)
  })

  test.each([
    '{ report { lines { text } } }',
    '{ product { cost } }',
    '{ products(debug: true) { id } }',
    '{ products(filter: { costBelow: 3 }) { id } }',
    '{ things { ... on Ledger { sum } } }',
    '{ batch { size } }',
  ])('may not ask %s', async (query) => {
    await expect(world.ask(query, OUTSIDE)).rejects.toThrow(/./)
    expect((await world.ask(query)).errors).toBeUndefined()
  })

  test('nor in a variable', async () => {
    const query = 'query ($filter: Filter) { products(filter: $filter) { id } }'
    const asked = { ...OUTSIDE, variables: { filter: { costBelow: 3 } } }
    await expect(world.ask(query, asked)).rejects.toThrow(/\$filter/)
  })

  test('asks the rest as everybody does', async () => {
    const { data, sent } = await world.ask('{ product { name } }', OUTSIDE)
    expect(data).toEqual({ product: { name: 'Lamp' } })
    expect(sentLines(sent)).toEqual(['shop: product{name}'])
  })

  test('a value or a type it does not see is null when a subgraph answers with it', async () => {
    const { data } = await world.ask('{ product { sort } things { __typename } }', OUTSIDE)
    expect(data).toEqual({ product: { sort: null }, things: [{ __typename: 'Product' }, null] })
    expect((await world.ask('{ product { sort } }')).data).toEqual({ product: { sort: 'COST' } })
  })

  test('one document of two clients is answered to each as it sees the graph', async () => {
    const document = parse('{ product { sort } __type(name: "Report") { name } }')
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await world.ask(document)).data).toMatchObject({ __type: { name: 'Report' } })
      expect((await world.ask(document, OUTSIDE)).data).toEqual({ product: { sort: null }, __type: null })
    }
  })

  test('introspection shows what it sees', async () => {
    const { data } = await world.ask(getIntrospectionQuery(), OUTSIDE)
    expect(JSON.stringify(data)).not.toMatch(/report|Report|cost|COST|debug|Ledger|Line|hidden|Batch/)
  })
})

describe('a contract that includes a tag', () => {
  test('sees fields that have it themselves or by their type, and no others', () => {
    const schema = schemaOf(PARTNER)
    expect(schema).toMatch(/type Query \{\n {2}product: Product\n {2}things: \[Thing\]!\n\}/)
    expect(schema).toMatch(
      /type Product \{\n {2}id: ID!\n {2}name: String\n {2}sort: Sort\n {2}mine: String\n\}/,
    )
    expect(schema).not.toMatch(/Made|Filter|Secret|Report|cost/)
  })

  test('exclusion wins', () => {
    expect(schemaOf(PARTNER)).not.toContain('cost')
    expect(() => schemaOf(tags(['partner'], ['partner']))).toThrow(/Query root type/)
  })
})

describe('a contract that cannot be', () => {
  test('leaves out what must be given: it is refused, with the place', () => {
    expect(() => schemaOf(tags([], ['internal-key']))).toThrow(/Secret\.key/)
  })

  test('is read from its file', () => {
    const file = (text: string) => [
      { file: 'c.yaml', text: `client: c\npurposes: []\nscopes: []\n${REVIEW}${text}` },
    ]
    const read = (text: string) => readContracts(file(text), standardVocabulary).find('c')
    expect(read('tags:\n  include: [partner]\n')?.tags).toEqual({ include: ['partner'], exclude: [] })
    expect(read('introspection: own\n')?.introspection).toBe('own')
    expect(read('policies: [staff]\n')?.policies).toEqual(['staff'])
    expect(() => read('tags:\n  exlude: [partner]\n')).toThrow(/Did you mean `tags\.exclude`/)
    expect(() => read('introspection: mine\n')).toThrow(/introspection/)
  })
})

describe('introspection: own', () => {
  const OWN: Ask = { contract: { introspection: 'own' } }
  const fieldsOf = async (ask: Ask) =>
    JSON.stringify((await world.ask('{ __type(name: "Product") { fields { name } } }', ask)).data)

  test('shows the graph without what this client can never get', async () => {
    expect(await fieldsOf(OWN)).not.toContain('mine')
    expect(await fieldsOf({ ...OWN, proof: [] })).toContain('mine')
    expect(await fieldsOf({})).toContain('mine')
  })

  test('what is not shown may still be asked, and is withheld', async () => {
    const { data, errors } = await world.ask('{ product { mine } }', OWN)
    expect(data).toEqual({ product: { mine: null } })
    expect(errors?.map(({ path }) => path)).toEqual([['product', 'mine']])
  })
})

describe('at the door', () => {
  const contracts = new Map<string, Partial<ClientContract>>([
    ['outside', OUTSIDE.contract ?? {}],
    ['own', { introspection: 'own' }],
    ['all', {}],
  ])
  const callers = new Map<string, Caller>(
    [...contracts].map(([name, contract]) => [name, callerWith({ scopes: [], contract })]),
  )
  const door = openTestDoor({
    apiSchema: world.gateway.apiSchema,
    viewOf: (contract) => world.gateway.viewOf(contract),
    execute: (request) => world.gateway.execute(request),
    identify: async ({ header }) => callers.get(header('x-client') ?? '') ?? expect.fail('no such client'),
  })
  afterAll(async () => (await door).close())
  const ask = async (client: string, query: string) => {
    const response = await fetch(`${(await door).url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-client': client },
      body: JSON.stringify({ query }),
    })
    return (await response.json()) as { data?: unknown; errors?: { message: string }[] }
  }

  test('a document that fits one client is not known to fit another', async () => {
    const query = '{ product { cost } }'
    for (let turn = 0; turn < 2; turn += 1) {
      expect((await ask('all', query)).data).toEqual({ product: { cost: 3 } })
      const { data, errors } = await ask('outside', query)
      expect(data).toBeUndefined()
      expect(errors?.[0]?.message).toMatch(/^Cannot query field "cost" on type "Product"\./)
    }
  })

  test.each([
    '{ product { cosst } }',
    '{ repor { lines } }',
    '{ things { ... on Ledgr { sum } } }',
    '{ products(debu: true) { id } }',
  ])('nothing outside of what a client sees is suggested to it: %s', async (query) => {
    expect(JSON.stringify(await ask('all', query))).toMatch(/Did you mean/)
    expect(JSON.stringify(await ask('outside', query))).not.toMatch(/"(cost|report|Ledger|debug)/)
  })

  test('nor what introspection does not show to it', async () => {
    expect(JSON.stringify(await ask('own', '{ product { min } }'))).not.toContain('mine')
  })
})

describe('An object that one subgraph knows by its interface alone', () => {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@tag", "@interfaceObject"])`
  const named = ({ id }: { id: string }) => ({ __typename: id === 'l1' ? 'Ledger' : 'Lamp', id })
  const makers: TestSubgraph = {
    name: 'makers',
    sdl: `${link}
type Query { made: [Made!] }
interface Made @key(fields: "id") { id: ID! }
type Lamp implements Made @key(fields: "id") { id: ID! }
type Ledger implements Made @key(fields: "id") @tag(name: "internal") { id: ID! }`,
    resolvers: {
      Made: {
        __resolveReference: named,
        __resolveType: ({ __typename }: { __typename: string }) => __typename,
      },
    },
  }
  const ratings: TestSubgraph = {
    name: 'ratings',
    sdl: `${link}
type Query { rated: [Made] }
type Made @key(fields: "id") @interfaceObject { id: ID! rating: Int }`,
    resolvers: {
      Query: {
        rated: () => [
          { id: 'p1', rating: 4 },
          { id: 'l1', rating: 5 },
        ],
      },
    },
  }
  const rated = createWorld({ subgraphs: [makers, ratings], consents: {}, unguardedSubgraphs: true })

  test('is asked for its type where the client may not see all types that it can be', async () => {
    const { data, errors, sent } = await rated.ask('{ rated { rating } }', OUTSIDE)
    expect({ data, errors }).toEqual({ data: { rated: [{ rating: 4 }, null] } })
    expect(sentLines(sent)).toEqual([
      'ratings: rated{rating id}',
      'makers: _entities(Made p1, l1){__typename}',
    ])
  })

  test('is not asked where it makes no difference', async () => {
    const { data, sent } = await rated.ask('{ rated { rating } }')
    expect(data).toEqual({ rated: [{ rating: 4 }, { rating: 5 }] })
    expect(sentLines(sent)).toEqual(['ratings: rated{rating}'])
  })
})
