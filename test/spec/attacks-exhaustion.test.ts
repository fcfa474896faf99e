import { parse, specifiedRules, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'
import { compose } from '../../schema/compose.ts'
import { cpuMilliseconds } from '../support/cpu-time.ts'
import { library } from '../support/library-graph.ts'
import { openTestDoor } from '../support/open-test-door.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { refusal, told } from '../support/refusal.ts'
import { callerWith, createWorld, NO_TRANSPORT } from '../support/world.ts'

const world = createWorld({ ...peopleGraph, limits: DEFAULT_LIMITS })
const books = createWorld({
  subgraphs: [library],
  consents: {},
  unguardedSubgraphs: true,
  limits: DEFAULT_LIMITS,
})

const execute = (text: string, variables: Record<string, unknown> = {}) =>
  world.gateway.execute({
    document: parse(text),
    variables,
    caller: callerWith({ scopes: world.vocabularyScopes }),
    requestId: 'request-1',
    ...NO_TRANSPORT,
  })

/** Fragments that each spread the next one twice. */
const doubling = (levels: number): string =>
  `{ person(id: "ada") { ...F0 } } ${Array.from({ length: levels }, (_, n) => `fragment F${n} on Person { ...F${n + 1} ...F${n + 1} }`).join(' ')} fragment F${levels} on Person { name }`

describe('fragments', () => {
  test('forty that double are refused in no time, and nobody is asked (CVE-2025-32030, CVE-2025-32034, CVE-2025-31496)', async () => {
    const text = doubling(40)
    expect((await refusal(execute(text))).extensions['place']).toBe('limits.selections')
    const world50 = () => execute(text).catch(() => undefined)
    expect(cpuMilliseconds(world50)).toBeLessThan(50)
  })

  test('as many doublings as fit are planned, and others are answered beside them (CVE-2025-32031, CVE-2025-32032)', async () => {
    const [bomb, plain] = await Promise.all([
      world.ask(doubling(9)),
      world.ask('{ person(id: "bo") { name } }'),
    ])
    expect(bomb.data).toEqual({ person: { name: 'Ada' } })
    expect(plain.data).toEqual({ person: { name: 'Bo' } })
  })

  test('nested and reused at every level are counted as what they unfold to', async () => {
    const levels = Array.from(
      { length: 8 },
      (_, n) =>
        `fragment F${n} on Person { bestFriend { ...F${n + 1} } household { ...F${n + 1} } neighbours { ...F${n + 1} } }`,
    )
    const error = await refusal(
      execute(`{ person(id: "ada") { ...F0 } } ${levels.join(' ')} fragment F8 on Person { name }`),
    )
    expect(error.extensions['place']).toBe('limits.selections')
  })

  test('a chain of ten thousand is refused without following it', async () => {
    const links = Array.from({ length: 10_000 }, (_, n) => `fragment F${n} on Person { ...F${n + 1} }`)
    const error = await refusal(
      execute(`{ person(id: "ada") { ...F0 } } ${links.join(' ')} fragment F10000 on Person { name }`),
    )
    expect(told(error)).toBe('OPERATION_TOO_LARGE limits.tokens: 80019 of 5000')
  })

  test('one that spreads itself, with a field beside it or a directive on it, is refused by validation, and if nobody validates', async () => {
    for (const spread of ['name ...F', '...F @include(if: true) name', 'bestFriend { ...F }']) {
      const text = `{ person(id: "ada") { ...F } } fragment F on Person { ${spread} }`
      expect(validate(world.gateway.apiSchema, parse(text), specifiedRules)[0]?.message).toContain(
        'Cannot spread fragment "F" within itself',
      )
      expect((await refusal(execute(text))).code).toBe('OPERATION_TOO_LARGE')
    }
  })

  test('a hundred aliases spread a hundred times are ten thousand (CVE-2026-47707)', async () => {
    const aliases = Array.from({ length: 100 }, (_, n) => `a${n}: name`).join(' ')
    const text = `{ ${Array.from({ length: 20 }, (_, n) => `p${n}: person(id: "ada") { ...F }`).join(' ')} } fragment F on Person { ${aliases} }`
    expect(told(await refusal(execute(text)))).toBe('OPERATION_TOO_LARGE limits.aliases: 2020 of 100')
  })
})

describe('aliases', () => {
  test('a thousand of one expensive field are refused (CVE-2026-35441, GHSA-6q22-g298-grjh)', async () => {
    const text = `{ ${Array.from({ length: 1000 }, (_, n) => `a${n}: contacts { email }`).join(' ')} }`
    expect((await refusal(execute(text))).code).toBe('OPERATION_TOO_LARGE')
  })

  test('as many as are allowed ask the subgraph once, and about each person once', async () => {
    const text = `{ ${Array.from({ length: 20 }, (_, n) => `a${n}: person(id: "ada") { email }`).join(' ')} }`
    const { sent, consentCalls } = await world.ask(text)
    expect(consentCalls).toEqual([['ada']])
    expect(sent.filter(({ subgraph }) => subgraph === 'people').length).toBe(2)
  })
})

test('a field that many subgraphs resolve, thirty levels deep, is planned in bounded time (CVE-2024-43414)', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const subgraphs = names.map((name) => ({
    name,
    sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable"])
      type Query { start: Node @shareable } type Node @key(fields: "id") { id: ID! @shareable next: Node @shareable of_${name}: Int }`,
    resolvers: {
      Query: { start: () => ({ id: '1' }) },
      Node: {
        next: () => ({ id: '1' }),
        [`of_${name}`]: () => 1,
        __resolveReference: (node: object) => node,
      },
    },
  }))
  const graph = createWorld({ subgraphs, consents: {}, unguardedSubgraphs: true })
  const deep = (levels: number): string =>
    `{ start ${'{ next '.repeat(levels)} { ${names.map((name) => `of_${name}`).join(' ')} } ${'}'.repeat(levels)} }`
  const answered = await graph.ask(deep(12))
  expect(JSON.stringify(answered.data)).toContain('"of_e":1')
  // The planner gives up on what is deeper than it can follow; it does not go on for ever.
  const deeper = await graph.ask(deep(30)).catch((cause: unknown) => (cause as { code: string }).code)
  expect(typeof deeper === 'string' ? deeper : 'answered').toMatch(/^(answered|PLAN_FAILED)$/)
})

test('subgraphs that require each other in a circle do not compose', () => {
  const LINK =
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires"])'
  const { supergraph, violations } = compose([
    {
      name: 'a',
      url: 'http://a.example',
      sdl: `${LINK} type Query { t: T } type T @key(fields: "id") { id: ID! x: Int @requires(fields: "y") y: Int @external }`,
    },
    {
      name: 'b',
      url: 'http://b.example',
      sdl: `${LINK} type T @key(fields: "id") { id: ID! y: Int @requires(fields: "x") x: Int @external }`,
    },
  ])
  expect(supergraph).toBeNull()
  expect(violations.map(({ code }) => code)).toEqual(['REQUIRES_CIRCLE'])
})

describe('page sizes', () => {
  const BOMB = 'query ($n: Int) { page(first: $n) { readers(limit: $n) { books(pageSize: $n) { title } } } }'

  test('three lists deep with a variable of a million ask nobody, however often', async () => {
    for (let time = 0; time < 3; time += 1) {
      const error = await refusal(books.ask(BOMB, { variables: { n: 1_000_000 } }))
      expect(error.code).toBe('OPERATION_TOO_COSTLY')
    }
  })

  test('as a default of the operation, of the schema, in an input object, negative or null', async () => {
    const deep = '{ readers(limit: 9000) { books(pageSize: 9000) { title } } }'
    for (const text of [
      `query ($n: Int = 9000) { page(first: $n) ${deep} }`,
      `{ foundOf ${deep} }`,
      `query ($w: Where = { page: { limit: 9000 } }) { found(where: $w) ${deep} }`,
      `query ($n: Int = 9000) { found(where: { page: { limit: $n } }) ${deep} }`,
      `{ page(first: -9000) ${deep} }`,
      `{ page(first: null) ${deep} }`,
      `{ connected(first: 9000) { edges { node ${deep} } } }`,
    ])
      expect((await refusal(books.ask(text))).code, text).toBe('OPERATION_TOO_COSTLY')
  })

  test('where @listSize wants one and none is given, the operation is refused', async () => {
    expect((await refusal(books.ask('{ must { title } }'))).code).toBe('PAGE_SIZE_MISSING')
  })
})

describe('ten thousand people in one request', () => {
  const ids = Array.from({ length: 10_000 }, (_, n) => `p${n}`)
  const resolvers = {
    Query: { everybody: (_: unknown, { ids: asked }: { ids: string[] }) => asked.map((id) => ({ id })) },
    Person: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      email: ({ id }: { id: string }) => `canary:${id}:email`,
    },
  }
  const sdl = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
    @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
    type Query { everybody(ids: [ID!]!): [Person!]! }
    type Person @key(fields: "id") @dataSubject(key: "id") { id: ID! email: String @requiresScope(scope: "contact") }`
  const consents = Object.fromEntries(ids.map((id) => [id, { contact: 'given' as const }]))
  const crowd = createWorld({ subgraphs: [{ name: 'crowd', sdl, resolvers }], scopes: ['contact'], consents })
  const ask = (subjects: number) =>
    crowd.ask('query ($ids: [ID!]!) { everybody(ids: $ids) { email } }', {
      variables: { ids },
      contract: { limits: { subjects } },
    })

  test('are asked about in one question', async () => {
    const { data, consentCalls } = await ask(10_000)
    expect(consentCalls.map((subjects) => subjects.length)).toEqual([10_000])
    expect(
      (data as { everybody: { email: string }[] }).everybody.filter(({ email }) => email !== null).length,
    ).toBe(10_000)
  })

  test('of whom too many are over the limit: these are asked about nowhere, and nothing of theirs is fetched', async () => {
    const { data, consentCalls, sent, withheld } = await ask(100)
    expect(consentCalls.map((subjects) => subjects.length)).toEqual([100])
    const emails = (data as { everybody: { email: string | null }[] }).everybody.map(({ email }) => email)
    expect(emails.filter((email) => email !== null)).toEqual(
      ids.slice(0, 100).map((id) => `canary:${id}:email`),
    )
    expect(withheld).toEqual(['Person.email everybody.@.email CONSENT_UNAVAILABLE 9900'])
    expect(JSON.stringify(sent[1]?.response)).not.toContain('canary:p100:email')
  })
})

describe('one limit is the same at every entrance', () => {
  const deep = `{ customers ${'{ friends '.repeat(6)} { pid ${'} '.repeat(7)} }`

  test('a document over it is refused by the door alike for POST and GET, and never reaches the gateway', async () => {
    let executed = 0
    const execute2 = async () => ((executed += 1), { data: null })
    const door = await openTestDoor({ execute: execute2, limits: { ...DEFAULT_LIMITS, depth: 4 } })
    try {
      const headers = { 'content-type': 'application/json', 'graphql-require-preflight': '1' }
      const answers = await Promise.all([
        fetch(`${door.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: deep }) }),
        fetch(`${door.url}/graphql?query=${encodeURIComponent(deep)}`, {
          headers: { 'graphql-require-preflight': '1' },
        }),
      ])
      for (const answer of answers) {
        const { errors } = (await answer.json()) as { errors: { extensions: object }[] }
        expect(errors[0]?.extensions).toMatchObject({
          code: 'OPERATION_TOO_LARGE',
          place: 'limits.depth',
          measured: 8,
          most: 4,
        })
      }
      expect(executed).toBe(0)
    } finally {
      await door.close()
    }
  })

  test('what reaches the gateway by any other way is measured there: a query, a mutation, a subscription', async () => {
    const inner = `${'{ bestFriend '.repeat(25)} { name } ${'} '.repeat(25)}`
    const request = {
      variables: {},
      caller: callerWith({ scopes: [] }),
      requestId: 'request-1',
      ...NO_TRANSPORT,
    }
    const ways = [
      world.gateway.execute({ ...request, document: parse(`{ person(id: "ada") ${inner} }`) }),
      world.gateway.execute({
        ...request,
        document: parse(`mutation { rename(id: "ada", name: "A") ${inner} }`),
      }),
      world.gateway.subscribe({ ...request, document: parse(`subscription { person(id: "ada") ${inner} }`) }),
    ]
    for (const way of ways)
      expect(told(await refusal(way))).toBe('OPERATION_TOO_LARGE limits.depth: 27 of 20')
  })
})
