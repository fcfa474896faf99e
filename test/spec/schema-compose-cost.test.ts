import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { readCostWords } from '../../directives/cost.ts'
import { compose, type SubgraphSource } from '../../schema/compose.ts'

const COST = 'https://specs.apollo.dev/cost/v0.1'
const FEDERATION = '@link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])'
const CONSENT =
  '@link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])'

const DEFINED = `
  directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION`

const source = (name: string, sdl: string): SubgraphSource => ({ name, url: `http://127.0.0.1/${name}`, sdl })

const shop = (links: string, { cost = '@cost', listSize = '@listSize', more = '' } = {}): SubgraphSource =>
  source(
    'shop',
    `extend schema ${links}
     type Query { shops(first: Int ${cost}(weight: 2)): [Shop!] ${listSize}(slicingArguments: ["first"]) }
     type Shop @key(fields: "id") ${cost}(weight: 7) { id: ID! size: Size }
     enum Size ${cost}(weight: 3) { LARGE }
     ${more}`,
  )

const composed = (...sources: SubgraphSource[]): string => {
  const { supergraph, violations } = compose(sources)
  expect(violations).toEqual([])
  return supergraph ?? ''
}

const WEIGHTS = { 'Query.shops(first:)': 2, Shop: 7, Size: 3 }

const wordsOf = (supergraph: string) => {
  const { weights, listSizes } = readCostWords(parse(supergraph))
  return { weights: Object.fromEntries(weights), listSizes: Object.fromEntries(listSizes) }
}

describe('What a subgraph says of cost by linking the cost specification is in the supergraph', () => {
  test.each([
    ['with imports', shop(`${FEDERATION} @link(url: "${COST}", import: ["@cost", "@listSize"])`)],
    [
      'with definitions of its own',
      shop(`${FEDERATION} @link(url: "${COST}", import: ["@cost", "@listSize"])`, { more: DEFINED }),
    ],
    ['by its namespace', shop(`${FEDERATION} @link(url: "${COST}")`, { listSize: '@cost__listSize' })],
    [
      'under other names',
      shop(
        `${FEDERATION} @link(url: "${COST}", import: [{ name: "@cost", as: "@price" }, { name: "@listSize", as: "@size" }])`,
        {
          cost: '@price',
          listSize: '@size',
          more: DEFINED.replace('@cost', '@price').replace('@listSize', '@size'),
        },
      ),
    ],
    [
      'beside a directive of its own that has the plain name',
      shop(`${FEDERATION} @link(url: "${COST}", import: [{ name: "@cost", as: "@price" }, "@listSize"])`, {
        cost: '@price',
        more: 'directive @cost(of: String) on FIELD_DEFINITION type Other { it: Int @cost(of: "x") }',
      }),
    ],
    ['without a federation link', shop(`@link(url: "${COST}", import: ["@cost", "@listSize"])`)],
    [
      'beside consent',
      shop(`${FEDERATION} ${CONSENT} @link(url: "${COST}", import: ["@cost", "@listSize"])`, {
        more: 'type Person @key(fields: "pid") @dataSubject(key: "pid") { pid: ID! age: Int @requiresScope(scope: "analytics") }',
      }),
    ],
  ])('%s', (_, subgraph) => {
    const { weights, listSizes } = wordsOf(composed(subgraph))
    expect(weights).toEqual(WEIGHTS)
    expect(listSizes).toMatchObject({ 'Query.shops': { slicingArguments: ['first'] } })
  })

  test('and is joined with what others say, whatever they call it', () => {
    const other = source(
      'other',
      `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize"])
       type Query { rating: Int @cost(weight: 9) }`,
    )
    const links = `${FEDERATION} @link(url: "${COST}", import: [{ name: "@cost", as: "@price" }, { name: "@listSize", as: "@size" }])`
    const supergraph = composed(shop(links, { cost: '@price', listSize: '@size' }), other)
    expect(wordsOf(supergraph).weights).toEqual({ ...WEIGHTS, 'Query.rating': 9 })
  })

  test('and what federation carries itself is left as it is', () => {
    const link =
      '@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@cost", "@listSize"])'
    expect(wordsOf(composed(shop(link))).weights).toEqual(WEIGHTS)
  })
})
