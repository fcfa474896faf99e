// Anybody may post to a subgraph. Without a gateway's signature one small request neither occupies it for long, nor fills its
// memory, nor ends its process.
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import DataLoader from 'dataloader'
import type { FastifyInstance } from 'fastify'
import { parse } from 'graphql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { extentOf } from '../../subgraphs/execute/extent.ts'
import { quickOperations } from '../../subgraphs/execute/quick-operations.ts'
import { type Resolvers, serveSubgraph } from '../../subgraphs/serve.ts'
import { subgraphSchema } from '../../subgraphs/subgraph-schema.ts'
import { type SignOptions, signedRequest } from '../support/signed-request.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const KEY = 'the key of the shop subgraph'

const sdl = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
    @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
  type Query { shops: Int! visitor: Customer }
  type Customer @key(fields: "pid") @dataSubject(key: "pid") {
    pid: ID!
    email: String @requiresScope(scope: "crm_contact")
  }
  type Shop @key(fields: "place { town numbers }") { place: Place! open: Boolean }
  type Place { town: String! numbers: [Int!]! }
  type Loose { note: String }`

let asked: unknown[] = []

const loaders = () => ({
  late: new DataLoader(async (pids: readonly string[]) => {
    asked.push(...pids)
    await wait(5)
    return pids.map((pid) => (pid === 'gone' ? new Error('the store has gone') : { pid }))
  }),
})
type Loaders = ReturnType<typeof loaders>

const resolvers: Resolvers<Loaders> = {
  Query: { shops: () => 4, visitor: () => ({ pid: 'ada' }) },
  Customer: {
    __resolveReference: ({ pid }: { pid: string }, { loaders: { late } }: { loaders: Loaders }) => {
      if (pid === 'thrown') throw new TypeError('a resolver of a reference that throws at once')
      return late.load(pid)
    },
    email: ({ pid }: { pid: string }) => `${pid}@example.test`,
  },
  Shop: { __resolveReference: (shop: object) => ({ ...shop, open: true }) },
}

let app: FastifyInstance
const left: unknown[] = []
const note = (reason: unknown): void => void left.push(reason)
let theirListeners: NodeJS.UnhandledRejectionListener[] = []

beforeEach(async () => {
  asked = []
  left.length = 0
  theirListeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note)
  app = await serveSubgraph({ sdl, resolvers, loaders, name: 'shop', grantKey: KEY, clock: () => NOON })
})
afterEach(async () => {
  await wait(20)
  process.off('unhandledRejection', note)
  for (const other of theirListeners) process.on('unhandledRejection', other)
  await app.close()
  expect(left, 'nothing fails with nobody waiting for it: that ends a process').toEqual([])
})

const post = async (query: string, variables: object = {}) => {
  const { statusCode, payload } = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify({ query, variables }),
  })
  return { status: statusCode, ...(JSON.parse(payload) as { data?: unknown; errors?: readonly Told[] }) }
}
interface Told {
  readonly message: string
  readonly extensions: { readonly code: string }
}

const signed = async (query: string, variables: object, lookups: SignOptions['lookups']) => {
  const request = signedRequest(
    { query, variables },
    { subgraph: 'shop', key: KEY, now: NOON, ...(lookups ? { lookups } : {}) },
  )
  const { payload } = await app.inject({ ...request, headers: { ...request.headers } })
  return JSON.parse(payload) as { data?: unknown; errors?: readonly Told[] }
}

const ENTITIES = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }'
const ADA = { __typename: 'Customer', pid: 'ada' }
const GONE = { __typename: 'Customer', pid: 'gone' }

describe('What is asked for by `_entities`', () => {
  test.each<[string, unknown]>([
    ['a type that is not there', { __typename: 'Nobody' }],
    ['a type that is no entity', { __typename: 'Loose' }],
    ['a scalar', { __typename: 'ID' }],
    ['no type', { pid: 'ada' }],
    ['a type that is no name', { __typename: { toString: null } }],
    ['no object', 7],
    ['a list', [ADA]],
    ['no key', { __typename: 'Customer' }],
    ['a key that is an object', { __typename: 'Customer', pid: { toString: null } }],
    ['a key that is a list', { __typename: 'Customer', pid: ['ada'] }],
    ['a key with an object where a name stands', { __typename: 'Shop', place: { town: {}, numbers: [1] } }],
    ['a key with a name where a list stands', { __typename: 'Shop', place: { town: 'Ulm', numbers: 'one' } }],
    ['a key that is a name instead of an object', { __typename: 'Shop', place: 'Ulm' }],
  ])('is refused before anybody is asked, if it is %s', async (_what, representation) => {
    const { data, errors } = await post(ENTITIES, { r: [GONE, representation] })
    expect(data).toBeNull()
    expect(errors).toEqual([
      expect.objectContaining({
        message: expect.stringContaining('_entities(representations:)[1]'),
        extensions: { code: 'BAD_USER_INPUT' },
      }),
    ])
    expect(asked).toEqual([])
  })

  test.each(['', ' @include(if: true)'])(
    'fails at its own place when its resolver throws at once (directive: "%s")',
    async (directive) => {
      const query = ENTITIES.replace('__typename', `__typename${directive}`)
      const { data, errors } = await post(query, {
        r: [GONE, { __typename: 'Customer', pid: 'thrown' }, ADA],
      })
      expect(data).toEqual({ _entities: [null, null, { __typename: 'Customer' }] })
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(
        expect.arrayContaining(['INTERNAL', 'INTERNAL']),
      )
    },
  )

  test('is answered for a composite key as it should be', async () => {
    const place = { town: 'Ulm', numbers: [1, 2] }
    const { data } = await post(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Shop { open place { numbers } } } }',
      { r: [{ __typename: 'Shop', place }] },
    )
    expect(data).toEqual({ _entities: [{ open: true, place: { numbers: [1, 2] } }] })
  })
})

describe('A text that doubles with each fragment', () => {
  const doubling = (fragments: number): string => {
    const each = Array.from(
      { length: fragments },
      (_, n) => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`,
    )
    return `${each.join('\n')} fragment F${fragments} on Query { __typename }`
  }

  test('is refused to anybody', async () => {
    const { status, errors } = await post(`{ ...F0 visitor { email } } ${doubling(60)}`)
    expect(status).toBe(400)
    expect(errors?.[0]?.extensions.code).toBe('OPERATION_TOO_LARGE')
  })

  test('is answered to a gateway without going through it again and again', async () => {
    const query = `query ($r: [_Any!]!) { ...F0 people: _entities(representations: $r) { ... on Customer { email } } } ${doubling(60)}`
    const { data } = await signed(query, { r: [ADA] }, { people: { scopes: ['crm_contact'] } })
    expect(data).toEqual({ __typename: 'Query', people: [{ email: 'ada@example.test' }] })
  })

  test('names as many fields as it asks for', () => {
    expect(extentOf(parse('{ a b { c } }'))).toBe(3)
    expect(extentOf(parse('{ ...F ...F } fragment F on Query { a b }'))).toBe(8)
    expect(extentOf(parse('{ ...F } fragment F on Query { a ...F }'))).toBeLessThan(10)
    expect(extentOf(parse(`{ ...F0 } ${doubling(60)}`))).toBeGreaterThan(2 ** 60)
  })
})

test('A text that is long, or asks for very much, is refused to anybody', async () => {
  const many = Array.from({ length: 2001 }, (_, n) => `a${n}: shops`).join(' ')
  for (const query of [`{ shops } #${' '.repeat(20_000)}`, `{ ${many} }`]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { status, errors } = await post(query)
    expect(status).toBe(400)
    expect(errors?.[0]?.extensions.code).toBe('OPERATION_TOO_LARGE')
  }
})

test('Twenty thousand wrong values are refused at the first, by the compiled way and by the engine', async () => {
  const r = Array<null>(20_000).fill(null)
  const before = performance.now()
  const { status, errors } = await post(ENTITIES, { r })
  expect(status).toBe(400)
  expect(errors?.length).toBeLessThanOrEqual(51)
  // Each of them described would be seconds.
  expect(performance.now() - before).toBeLessThan(1000)
})

describe('What is remembered of texts', () => {
  const schema = () => subgraphSchema({ sdl, resolvers })
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const heap = (): number => {
    collectGarbage()
    return process.memoryUsage().heapUsed
  }
  /** One text a turn, each of 400 places with 900 fields. */
  const wide = (turn: number): string => {
    const fields = Array.from({ length: 900 }, (_, n) => `a${n.toString(36)}: pid`).join(' ')
    const places = Array.from({ length: 400 }, (_, n) => `b${n.toString(36)}: visitor { ...F }`).join(' ')
    return `query Q${turn} { ${places} } fragment F on Customer { ${fields} }`
  }

  test('is nothing of one that asks for very much: it is the engine’s', () => {
    const ask = quickOperations(schema())
    expect(ask({ query: wide(0), variables: {}, context: { grant: null }, isGateways: true })).toBeNull()
  })

  test.each([
    ['a gateway', true],
    ['anybody else', false],
  ])('is bounded in all, whatever %s asks', { timeout: 30_000 }, async (_who, isGateways) => {
    const ask = quickOperations(schema())
    const begun = heap()
    for (let turn = 0; turn < 60; turn += 1) {
      const fields = Array.from({ length: 1900 }, (_, n) => `a${n.toString(36)}: pid`).join(' ')
      const query = `query Q${turn} { visitor { ${fields} } }`
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await ask({ query, variables: {}, context: { grant: null }, isGateways })
    }
    expect(heap() - begun).toBeLessThan(isGateways ? 40_000_000 : 5_000_000)
  })
})
