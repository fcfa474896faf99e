import { describe, expect, it } from 'vitest'
import { fenceSuite } from '../support/conformance/fence-suite.ts'
import { loadSuites } from '../support/conformance/suite.ts'
import type { Sent } from '../support/world.ts'
import { createTwinWorld, type TwinWorld } from '../support/conformance/twin-world.ts'

interface Row {
  readonly misbehaviour: string
  readonly graph: string
  readonly query: string
  readonly data: unknown
  /** Every representation, without its type and key, that this subgraph gets. */
  readonly of: string
  readonly sent: readonly unknown[]
}

/** What the stock planner is known to plan wrongly, or not at all. */
const ROWS: readonly Row[] = [
  {
    misbehaviour: 'two inputs with different arguments under one name in one representation',
    graph: 'requires-arguments',
    query: '{ product { short inDollar long } }',
    data: { product: { short: 'short a', inDollar: 'USD 12', long: 'long a,b,c' } },
    of: 'tax',
    sent: [{ notes: ['a', 'b', 'c'], price: 12 }, { notes: ['a'] }],
  },
  {
    misbehaviour: 'two pairs of inputs under two names',
    graph: 'requires-arguments',
    query: '{ product { short long inEuro inDollar } }',
    data: { product: { short: 'short a', long: 'long a,b,c', inEuro: 'EUR 10', inDollar: 'USD 12' } },
    of: 'tax',
    sent: [{ notes: ['a', 'b', 'c'], price: 10 }, { notes: ['a'] }, { price: 12 }],
  },
  {
    misbehaviour: 'one lookup for two places that have the input under different keys',
    graph: 'requires-arguments',
    query: '{ x: product { inEuro inDollar } product { inDollar } }',
    data: { x: { inEuro: 'EUR 10', inDollar: 'USD 12' }, product: { inDollar: 'USD 12' } },
    of: 'tax',
    sent: [{ price: 10 }, { price: 12 }],
  },
  {
    misbehaviour: 'the client asks the input itself, under an alias, with arguments of its own',
    graph: 'requires-arguments',
    query: '{ product { notes: inEuro price(currency: "USD") p: price(currency: "EUR") inEuro short } }',
    data: { product: { notes: 'EUR 10', price: 12, p: 10, inEuro: 'EUR 10', short: 'short a' } },
    of: 'tax',
    sent: [{ notes: ['a'], price: 10 }],
  },
  {
    misbehaviour: 'the key is forgotten where fragments on types hold all that is asked',
    graph: 'interface-object-nested',
    query: '{ things { next { ... on Small { weight } } } }',
    data: { things: [{ next: { weight: 1 } }, { next: {} }] },
    of: 'b',
    sent: [{}, {}, {}],
  },
  {
    misbehaviour: 'the type that asks the key alone is looked up, the other one not',
    graph: 'interface-object-nested',
    query: '{ things { next { ... on Small { weight } ... on Big { id } } } }',
    data: { things: [{ next: { weight: 1 } }, { next: { id: 'b' } }] },
    of: 'b',
    sent: [{}, {}, {}],
  },
  {
    misbehaviour: 'only objects of the last type are looked up',
    graph: 'interface-object-nested',
    query: '{ things { next { ... on Small { weight } ... on Big { weight } } } }',
    data: { things: [{ next: { weight: 1 } }, { next: { weight: 90 } }] },
    of: 'b',
    sent: [{}, {}, {}, {}],
  },
  {
    misbehaviour: 'only objects of the last type are looked up, where each type asks something else',
    graph: 'interface-object-nested',
    query: '{ linked { ... on Big { weight } ... on Small { next { id } } } }',
    data: { linked: { weight: 90 } },
    of: 'b',
    sent: [{}],
  },
  {
    misbehaviour: 'the last type stands for others that ask something else, and its inputs are left out',
    graph: 'interface-object-requires',
    query: '{ teased { ... on Film { plain } ... on Book { teaser } } }',
    data: { teased: { plain: 'f' } },
    of: 'teasers',
    sent: [{}],
  },
  {
    misbehaviour: 'the inputs of the last type are left out',
    graph: 'interface-object-requires',
    query: '{ teased { ... on Book { plain } ... on Film { teaser } } }',
    data: { teased: { teaser: 'Metropolis of 150' } },
    of: 'teasers',
    sent: [{ title: 'Metropolis', length: 150 }],
  },
  {
    misbehaviour: 'no plan for what is computed of people behind people',
    graph: 'requires-behind-relation',
    query: '{ person { mentor { greeting } friends { greeting } } }',
    data: {
      person: {
        mentor: { greeting: 'Hello Bo' },
        friends: [{ greeting: 'Hello Bo' }, { greeting: 'Hello Cyd' }],
      },
    },
    of: 'hello',
    sent: [{}, { name: 'Bo' }, { name: 'Cyd' }],
  },
  {
    misbehaviour: 'no plan for an input that two fields need beside two other inputs',
    graph: 'requires-arguments',
    query: '{ product { short inEuro long weight: short } }',
    data: { product: { short: 'short a', inEuro: 'EUR 10', long: 'long a,b,c', weight: 'short a' } },
    of: 'tax',
    sent: [{ notes: ['a'] }, { notes: ['a', 'b', 'c'], price: 10 }],
  },
  {
    misbehaviour: 'no plan for an input of another object, which has an input itself',
    graph: 'requires-of-another-object',
    query: '{ pets { breed(in: "child") } }',
    data: { pets: [{ breed: 'child of of 7' }, { breed: 'child of of 5' }, { breed: 'child of null' }] },
    of: 'kennel',
    sent: [
      { kind: 'dog', mother: { size: 'of 7' } },
      { kind: 'dog', mother: { size: 'of 5' } },
      { kind: 'dog', mother: null },
    ],
  },
  {
    misbehaviour: 'what types behind an interface compute is asked through the interface without its inputs',
    graph: 'requires-behind-interface',
    query: '{ beings { label } }',
    data: { beings: [{ label: 'person Ada' }, { label: 'robot R2' }, { label: 'boo' }] },
    of: 'beings',
    sent: [{ name: 'Ada' }, { model: 'R2' }],
  },
  {
    misbehaviour:
      'the planner ends where a field is computed behind several keys, and the place has the other one',
    graph: 'several-keys',
    query: '{ parcels { postage } }',
    data: { parcels: [{ postage: 'for 3' }, { postage: 'for 8' }] },
    of: 'post',
    sent: [{ weight: 3 }, { weight: 8 }],
  },
  {
    misbehaviour: 'no way to a type behind an interface object that comes before the types',
    graph: 'object-before-its-types',
    query: '{ awarded { ... on Poem { lines } } }',
    data: { awarded: [{ lines: 14 }, {}] },
    of: 'works',
    sent: [{}, {}],
  },
  {
    misbehaviour: 'through an interface, a field that has moved is asked of the subgraph that had it',
    graph: 'moved-behind-interface',
    query: '{ rentable { price } }',
    data: { rentable: [{ price: 90 }, null, { price: 70 }] },
    of: 'prices',
    sent: [{}],
  },
  {
    misbehaviour: 'no plan for an object that is behind two interface objects of one subgraph',
    graph: 'two-interface-objects',
    query: '{ dogs { vet shift(of: "May") } }',
    data: {
      dogs: [
        { vet: 'Dr. Lin', shift: 'guard of May' },
        { vet: null, shift: 'null of May' },
      ],
    },
    of: 'care',
    sent: [{}, {}, {}, {}],
  },
]

const graphOf = (name: string) => {
  const [suite] = loadSuites([name])
  if (suite === undefined) throw new Error(name)
  return suite
}

const openWorld = (name: string): TwinWorld => {
  const suite = graphOf(name)
  return createTwinWorld(suite, { ...suite, fenced: [], open: new Map<string, string>() })
}

const fencedWorld = (name: string): TwinWorld => {
  const suite = graphOf(name)
  const twin = fenceSuite(suite)
  if (twin === null) throw new Error(name)
  return createTwinWorld(suite, twin)
}

/** What a representation says beyond who it is about, sorted as text. */
const inputsSentTo = (requests: readonly Sent[], subgraph: string): string[] =>
  requests
    .filter((sent) => sent.subgraph === subgraph)
    .flatMap(({ variables }) => Object.values(variables))
    .flatMap((value) => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []))
    .map(({ __typename: _type, id: _id, ...inputs }) => sorted(inputs))
    .toSorted()

const sorted = (inputs: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(inputs).toSorted(([a], [b]) => (a < b ? -1 : 1))))

const texts = (values: readonly unknown[]): string[] =>
  values.map((value) => sorted(value as object)).toSorted()

describe.each(ROWS)('The planner is corrected: $misbehaviour', (row) => {
  it('in an open graph', async () => {
    const { data, errors, sent } = await openWorld(row.graph).ask(row.query)
    expect({ data, errors }).toEqual({ data: row.data })
    expect(inputsSentTo(sent, row.of)).toEqual(texts(row.sent))
  })

  // A protected input of another person is refused when the graph is composed.
  it.skipIf(fenceSuite(graphOf(row.graph)) === null)(
    'with every entity fenced and all consents given',
    async () => {
      const { data, errors, sent } = await fencedWorld(row.graph).ask(row.query)
      expect({ data, errors }).toEqual({ data: row.data })
      expect(inputsSentTo(sent, row.of)).toEqual(expect.arrayContaining(texts(row.sent)))
    },
  )
})
