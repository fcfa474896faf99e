import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { DEFAULT_COST_SETTINGS, DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'
import { createBatch } from '../../gateway/limits/operation-limits.ts'
import type { OperationCost } from '../../gateway/limits/operation-cost.ts'
import { library } from '../support/library-graph.ts'
import { refusal, told } from '../support/refusal.ts'
import { callerWith, createWorld, NO_TRANSPORT } from '../support/world.ts'

const graph = { subgraphs: [library], consents: {}, unguardedSubgraphs: true, limits: DEFAULT_LIMITS }
const measuring = createWorld({ ...graph, costs: { ...DEFAULT_COST_SETTINGS, costMode: 'measure' } })
const world = createWorld(graph)

/** What an operation costs, as whoever watches is told; measured, so that nothing is refused. */
const costOf = async (query: string, variables: Record<string, unknown> = {}): Promise<number> => {
  let costed: OperationCost | undefined
  await measuring.gateway
    .execute({
      document: parse(query),
      variables,
      caller: callerWith({ scopes: [] }),
      requestId: 'request-1',
      ...NO_TRANSPORT,
      watch: {
        phase: () => expect.fail('measured'),
        costed: (cost: OperationCost) => (costed = cost),
      } as never,
    })
    .catch(() => undefined)
  return costed?.cost ?? expect.fail('no cost')
}

describe('what an operation costs', () => {
  const cases: Record<string, readonly [query: string, cost: number, variables?: Record<string, unknown>]> = {
    'an object 1, its scalars nothing': ['{ book { id title } }', 1],
    'objects inside it as much': ['{ book { author { name } } }', 2],
    'a list of which nothing is known ten of what one costs': ['{ books { author { name } } }', 20],
    'a mutation ten before anything it answers': ['mutation { lend(id: 1) { id } }', 11],
    '`__typename` nothing': ['{ __typename book { __typename } }', 1],
    'a field what @cost says of it, instead of its type': ['{ book { summary summary } }', 19],
    'a scalar, enum or object type what @cost says of it': [
      '{ book { cover kind pages(first: 2) { number } } }',
      14,
    ],
    'an argument what @cost says of it, once for the field': ['{ found(where: { dear: "a" }) { id } }', 17],
    'an input object 1, and each one inside it': ['{ weighed(in: { and: [{ tags: "a" }, {}] }) { id } }', 4],
    'an input object in a variable the same': [
      'query ($in: Where) { weighed(in: $in) { id } }',
      10,
      { in: { and: [{ tags: 'a' }, { dear: 'b' }] } },
    ],
    'an aliased field as much as the first': ['{ a: book { id } b: book { id } c: book { id } }', 3],
    'a fragment as often as it is spread': [
      '{ a: book { ...F } b: book { ...F } } fragment F on Book { author { name } }',
      4,
    ],
    'an interface field as much as the dearest that may answer': ['{ printed(first: 2) { title } }', 10],
    'introspection like everything else': ['{ __schema { types { fields { name } } } }', 111],
  }
  for (const [title, [query, cost, variables]] of Object.entries(cases))
    test(title, async () => expect(await costOf(query, variables)).toBe(cost))
})

describe('what is left out costs nothing', () => {
  const QUERY =
    'query ($on: Boolean = false, $off: Boolean!) { books @include(if: $on) { id } book @skip(if: $off) { id } }'
  test.each([
    [{ off: true }, 0],
    [{ on: true, off: true }, 10],
    [{ on: true, off: false }, 11],
    [{ on: false, off: false }, 1],
  ])('%j', async (variables, cost) => expect(await costOf(QUERY, variables)).toBe(cost))

  test('also a fragment, and what a literal leaves out', async () => {
    expect(
      await costOf(
        '{ ...F @skip(if: true) ... @include(if: false) { books { id } } } fragment F on Query { books { id } }',
      ),
    ).toBe(0)
  })
})

describe('a page size counts with the value it will have', () => {
  const cases: Record<string, readonly [query: string, cost: number, variables?: Record<string, unknown>]> = {
    'a literal': ['{ page(first: 42) { id } }', 42],
    'a variable': ['query ($n: Int) { page(first: $n) { id } }', 42, { n: 42 }],
    'the default of a variable': ['query ($n: Int = 42) { page(first: $n) { id } }', 42],
    'the default of the schema': ['{ pageOfTen { id } }', 10],
    'the default of the schema, where the variable has no value': [
      'query ($n: Int) { pageOfTen(first: $n) { id } }',
      10,
    ],
    'nothing: as long as a list of which nothing is known': ['{ page { id } }', 10],
    'null: as long as a list of which nothing is known': ['{ pageOfTen(first: null) { id } }', 10],
    'null in a variable, which wins over its default': [
      'query ($n: Int = 42) { page(first: $n) { id } }',
      10,
      { n: null },
    ],
    'zero: it may mean all': ['{ page(first: 0) { id } }', 10],
    'less than zero: it does not make anything cheaper': [
      '{ page(first: -1000000) { id } books { id } }',
      20,
    ],
    'a field of an input object': ['{ found(where: { page: { limit: 30 } }) { id } }', 32],
    'a field of an input object in a variable': [
      'query ($w: Where) { found(where: $w) { id } }',
      32,
      { w: { page: { limit: 30 } } },
    ],
    'a variable inside an input object': [
      'query ($n: Int) { found(where: { page: { limit: $n } }) { id } }',
      32,
      { n: 30 },
    ],
    'the default of a field of an input object': ['{ found(where: { page: {} }) { id } }', 22],
    'the default of a field of an input object in a variable': [
      'query ($w: Where) { found(where: $w) { id } }',
      22,
      { w: { page: {} } },
    ],
    'the default of an argument that is an input object': ['{ foundOf { id } }', 200],
    'a scalar of its own, also as text': ['query ($n: Long) { big(limit: $n) { id } }', 42, { n: '42' }],
    'fields of a connection that are lists': [
      '{ connected(first: 50) { edges { node { id } } nodes { id } total } }',
      151,
    ],
    'a connection behind a fragment': [
      '{ ...F } fragment F on Query { connected(first: 50) { ... { nodes { id } } } }',
      51,
    ],
    'a list of lists: the outer one': ['{ grid(size: 3) { id } }', 30],
    'a list of keys: as many as there are': [
      'query ($ids: [ID!]!) { named(ids: $ids) { id } }',
      40,
      { ids: Array.from({ length: 40 }, String) },
    ],
    'an argument of that name that is no number says nothing': ['{ text(last: "2000") { id } }', 10],
    'one inside another: multiplied': [
      '{ page(first: 20) { readers(limit: 30) { books(pageSize: 40) { id } } } }',
      20 * (1 + 30 * (1 + 40)),
    ],
  }
  for (const [title, [query, cost, variables]] of Object.entries(cases))
    test(title, async () => expect(await costOf(query, variables)).toBe(cost))
})

describe('@listSize', () => {
  test('its slicing arguments, the larger of two', async () => {
    expect(await costOf('{ may(first: 60) { id } }')).toBe(60)
    expect(await costOf('{ must(first: 20, last: 30) { id } }')).toBe(30)
  })
  test('its assumed size where none is given, and without any', async () => {
    expect(await costOf('{ may { id } }')).toBe(50)
    expect(await costOf('query ($n: Int) { may(first: $n) { id } fixed { id } }')).toBe(57)
  })
  test('its sized fields, and no others', async () => {
    expect(await costOf('{ sized(howMany: 30) { edges { cursor } nodes { id } } }')).toBe(41)
  })
  test('of an implementing type counts through the interface, too', async () => {
    expect(await costOf('{ printed(first: 1) { pages { number } } }')).toBe(1 + 300 * 3)
  })
  test('requires exactly one slicing argument, unless it says otherwise', async () => {
    for (const asked of ['must', 'must(first: null)', 'must(first: 1, last: 1)', 'must(first: $n)'])
      expect(
        await refusal(world.ask(`query ($n: Int) { ${asked} { id } page(first: $n) { id } }`)),
      ).toMatchObject({
        code: 'PAGE_SIZE_MISSING',
        extensions: { place: 'Query.must', arguments: ['first', 'last'] },
      })
    expect((await world.ask('{ must(last: 1) { id } }')).errors).toBeUndefined()
    expect((await measuring.ask('{ must { id } }')).errors).toBeUndefined()
  })
})

describe('what costs too much', () => {
  const DEEP = 'query ($n: Int) { page(first: $n) { readers(limit: $n) { books(pageSize: $n) { id } } } }'
  const COSTLY = 'OPERATION_TOO_COSTLY limits.cost:'

  test('is refused before it is planned: a page size of a million three lists deep asks nobody', async () => {
    const asked = world.ask(DEEP, { variables: { n: 1_000_000 } })
    expect(told(await refusal(asked))).toBe('OPERATION_TOO_COSTLY limits.pageSize: 1000000 of 100000')
    expect((await world.ask(DEEP, { variables: { n: 2 } })).errors).toBeUndefined()
  })

  test('with pages that are each small enough', async () => {
    expect(told(await refusal(world.ask(DEEP, { variables: { n: 1000 } })))).toBe(
      `${COSTLY} 1001001000 of 500000`,
    )
    expect(
      told(await refusal(world.ask(`{ ${'books { readers { '.repeat(3)} name ${'} } '.repeat(3)} }`))),
    ).toBe(`${COSTLY} 1111110 of 500000`)
  })

  test('is refused the first time and ever after, planned before or not', async () => {
    const document = parse(DEEP)
    for (const n of [1000, 3, 1000, 3, 1000]) {
      const asking = world.ask(document, { variables: { n } })
      if (n === 3) expect((await asking).sent.length).toBe(1)
      else expect((await refusal(asking)).code).toBe('OPERATION_TOO_COSTLY')
    }
  })

  test('also where it would overflow: numbers past any limit are above it', async () => {
    const text = `{ ${'a: page(first: 99999) { readers(limit: 99999) { books(pageSize: 99999) { author { '.repeat(1)} name ${'} } } } '.repeat(1)} }`
    expect((await refusal(world.ask(text))).code).toBe('OPERATION_TOO_COSTLY')
    expect(
      (await refusal(world.ask('query ($n: Int) { numbers(count: $n) }', { variables: { n: 1e308 } }))).code,
    ).toBe('OPERATION_TOO_COSTLY')
  })

  test('also a list of scalars, which cost nothing, and a page of which nothing is selected', async () => {
    for (const text of ['{ numbers(count: 2000000000) }', '{ connected(first: 2000000000) { total } }'])
      expect(told(await refusal(world.ask(text)))).toBe(
        'OPERATION_TOO_COSTLY limits.pageSize: 2000000000 of 100000',
      )
  })

  test('is only told in the mode `measure`', async () => {
    expect((await measuring.ask(DEEP, { variables: { n: 1000 } })).errors).toBeUndefined()
    expect(await costOf(DEEP, { n: 1000 })).toBe(1_001_001_000)
  })

  test('depends on the budget of the client', async () => {
    const ask = (cost: number) => world.ask(DEEP, { variables: { n: 10 }, contract: { limits: { cost } } })
    expect((await ask(1110)).errors).toBeUndefined()
    expect(told(await refusal(ask(1109)))).toBe(`${COSTLY} 1110 of 1109`)
  })

  test('is summed over what came together: what fits is served, the rest refused', async () => {
    const batch = createBatch()
    const ask = (query: string, limits: object = {}) =>
      world.gateway.execute({
        document: parse(query),
        variables: {},
        caller: callerWith({ scopes: [], contract: { limits } }),
        requestId: 'request-1',
        ...NO_TRANSPORT,
        batch,
      })
    expect((await ask('{ books { id } }', { cost: 25 })).errors).toBeUndefined()
    expect((await ask('{ books { id } }', { cost: 25 })).errors).toBeUndefined()
    expect(told(await refusal(ask('{ books { id } }', { cost: 25 })))).toBe(`${COSTLY} 30 of 25`)
    expect(told(await refusal(ask('{ a: __typename b: __typename }', { cost: 100, aliases: 1 })))).toBe(
      'OPERATION_TOO_LARGE limits.aliases: 2 of 1',
    )
    expect(told(await refusal(ask('{ __typename }', { cost: 100, rootFields: 3 })))).toBe(
      'OPERATION_TOO_LARGE limits.rootFields: 4 of 3',
    )
  })

  test('names no value, and says how much it is and may be', async () => {
    const error = await refusal(world.ask(DEEP, { variables: { n: 1000 } }))
    expect(error.message).toBe(
      'The operation costs more than this gateway allows (limits.cost: 1001001000, at most 500000).',
    )
    expect(error.extensions['remedy']).toContain('smaller pages')
  })
})
