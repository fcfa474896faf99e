import type { PropertyGraph } from './property-graph.ts'
import { richGraph } from './rich-graph.ts'

type Change = readonly [subgraph: string, from: string, to: string]

/** The same graph and data under other rules; each text must stand exactly once. */
const variant = (name: string, changes: readonly Change[]): PropertyGraph => ({
  ...richGraph,
  name,
  subgraphs: richGraph.subgraphs.map((subgraph) => ({
    ...subgraph,
    sdl: changes
      .filter(([owner]) => owner === subgraph.name)
      .reduce((sdl, [, from, to]) => {
        if (sdl.split(from).length !== 2) throw new Error(`not once in ${subgraph.name}: ${from}`)
        return sdl.replace(from, () => to)
      }, subgraph.sdl),
  })),
})

const asks = (subgraph: string, field: string, scope: string, spelling = 'requiresScope'): Change => [
  subgraph,
  `\n  ${field}\n`,
  `\n  ${field} @${spelling}(scope: "${scope}")\n`,
]

/** Not only values but the ways from one person to the next are protected, and two whole types. */
export const guardedRelations = variant('guarded relations', [
  asks('people', 'household: [Person!]!', 'crm_contact'),
  asks('people', 'bestFriend: Person', 'analytics'),
  asks('people', 'friends(first: Int): [Member]', 'contact'),
  asks('people', 'addresses: [[Address!]!]', 'contact'),
  asks('people', 'channels: [Channel!]!', 'profiling'),
  asks('people', 'things: [Belonging]', 'contact'),
  asks('people', 'kin: [Kin!]', 'identity'),
  asks('people', 'employer: Company', 'analytics'),
  asks('people', 'devices: [Device!]!', 'contact'),
  asks('people', 'reports: [Member!]!', 'contact'),
  asks('insights', 'mentor: Person', 'analytics', 'ask'),
  asks('orders', 'openOrders: [Order!]!', 'product_recs'),
  asks('orders', 'recipient: Person', 'crm_contact'),
  asks('loyalty', 'tier: String', 'analytics'),
  [
    'orders',
    'type Order @key(fields: "no") @dataSubject(key: "customer { id }")',
    'type Order @key(fields: "no") @dataSubject(key: "customer { id }") @requiresScope(scope: "product_recs")',
  ],
  [
    'telemetry',
    'type Device @key(fields: "serial") @dataSubject(key: "ownerId")',
    'type Device @key(fields: "serial") @dataSubject(key: "ownerId") @requiresScope(scope: "analytics")',
  ],
])

const mustBe = (subgraph: string, field: string, type: string): Change => [
  subgraph,
  `${field}: ${type}`,
  `${field}: ${type}!`,
]

/** Withheld values that may not be null take what is around them along, up to lists of lists and the root. */
export const nonNullValues = variant('non-null values', [
  ['people', 'ssn(mask: Boolean = false): String', 'ssn(mask: Boolean = false): String!'],
  ['people', '\n  secret: Secret\n', '\n  secret: Secret!\n'],
  ['people', '\n  wallet: Wallet\n', '\n  wallet: Wallet!\n'],
  ['people', 'neighbours(first: Int = 2): [Person!]', 'neighbours(first: Int = 2): [Person!]!'],
  ['people', 'geo: Geo }', 'geo: Geo! }'],
  ['people', 'grid(rows: Int = 2): [[Person]!]', 'grid(rows: Int = 2): [[Person]!]!'],
  mustBe('people', 'chip', 'String'),
  mustBe('people', 'plate', 'String'),
  mustBe('people', 'doorCode', 'Secret'),
  mustBe('people', 'badge', 'String'),
  mustBe('people', ' fix', 'String'),
  mustBe('insights', 'note', 'String'),
  mustBe('insights', 'fit(scale: Int)', 'String'),
  mustBe('insights', 'hint', 'String'),
  mustBe('insights', 'picks(first: Int)', '[Product!]'),
  mustBe('orders', 'sold', '[Order!]'),
  mustBe('orders', 'total', 'String'),
  mustBe('telemetry', 'trace', 'String'),
  mustBe('loyalty', 'points', 'String'),
])
