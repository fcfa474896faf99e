// The compiled way answers what graphql-js answers: any query without directives, over resolvers that wait, fail and lie.
import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import {
  buildSchema,
  execute,
  getNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  parse,
  validate,
} from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quickOperations } from '../../subgraphs/execute/quick-operations.ts'

const SDL = `
  type Query { one(n: Int = 3, s: [String!]): A must: A! list: [A] tight: [A!]! node: Node any: [Any!] word: String }
  interface Node { id: ID! peer: Node name: String }
  type A implements Node {
    id: ID! peer: Node name: String count: Int! ratio: Float flag: Boolean kind: Kind other: B! many(first: Int): [[B!]]
    any: Any strict: [String!]! constructor: String
  }
  type B implements Node { id: ID! peer: Node name: String back: A kinds: [Kind] ratio(of: Float!): Float! }
  union Any = A | B
  enum Kind { X Y }`

const numberOf = (text: string): number => {
  let hash = 2166136261
  for (const sign of text) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 16777619)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 2246822519)
  return (hash ^ (hash >>> 13)) >>> 0
}

const pathOf = (info: GraphQLResolveInfo): string => {
  const keys: unknown[] = []
  for (let at: GraphQLResolveInfo['path'] | undefined = info.path; at !== undefined; at = at.prev)
    keys.unshift(at.key)
  return keys.join('.')
}

/** What stands at a place is drawn from the place itself: both ways of answering meet the same. */
const drawn = (type: GraphQLOutputType, place: string, schema: GraphQLSchema): unknown => {
  const lot = numberOf(`${place} lot`) % 100
  if (lot < 7) return null
  if (lot < 10) return new Error(`returned ${place}`)
  if (lot < 14) throw new Error(`thrown ${place}`)
  if (lot < 18) return Promise.reject(new Error(`rejected ${place}`))
  const value = valueOf(type, place, schema)
  return lot < 50 ? Promise.resolve(value) : value
}

const valueOf = (type: GraphQLOutputType, place: string, schema: GraphQLSchema): unknown => {
  if (isNonNullType(type)) return valueOf(type.ofType, place, schema)
  const lot = numberOf(`${place} value`)
  if (isListType(type)) return lot % 30 === 0 ? 'no list' : itemsOf(type.ofType, place, schema)
  if (isObjectType(type)) return {}
  if (isInterfaceType(type) || isUnionType(type))
    return { __typename: ['A', 'B', 'A', 'B', 'B', 'Query', 'Nobody'][lot % 7] }
  if (isEnumType(type)) return ['X', 'Y', 'Z'][lot % 3]
  return isScalarType(type) ? [7, 7, 'seven', true, 1.5, Number.NaN][lot % 6] : null
}

const itemsOf = (type: GraphQLOutputType, place: string, schema: GraphQLSchema): readonly unknown[] =>
  Array.from({ length: numberOf(`${place} length`) % 4 }, (_, at) => {
    const item = `${place}[${at}]`
    try {
      const value = drawn(type, item, schema)
      // Nobody else waits for what the list holds when it is not even read.
      if (value instanceof Promise) value.catch(() => {})
      return value
    } catch {
      return null
    }
  })

const schemaOf = (seed: number): GraphQLSchema => {
  const schema = buildSchema(SDL)
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields()))
      field.resolve = (_source, given, _context, info) =>
        drawn(
          info.returnType,
          `${seed} ${pathOf(info)} ${info.parentType.name} ${JSON.stringify(given)}`,
          schema,
        )
  }
  return schema
}

/** Selections by names alone, so that they shrink: a name of the type, and whether it stands in a fragment. */
interface Chosen {
  readonly field: number
  readonly alias: number
  readonly within: number
  readonly inner: readonly Chosen[]
}

const chosen: fc.Arbitrary<readonly Chosen[]> = fc.letrec<{ set: readonly Chosen[]; one: Chosen }>((tie) => ({
  one: fc.record({
    field: fc.nat(40),
    alias: fc.nat(9),
    within: fc.nat(7),
    inner: fc.oneof({ maxDepth: 4 }, fc.constant([]), tie('set')),
  }),
  set: fc.array(tie('one'), { minLength: 1, maxLength: 4 }),
})).set

const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  one: ['', '(n: 4)', '(s: ["a", "b"], n: null)', '(n: $n)'],
  many: ['', '(first: 2)', '(first: $n)'],
}

const textOf = (schema: GraphQLSchema, typeName: string, set: readonly Chosen[]): string => {
  const type = schema.getType(typeName)
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : []
  const texts = set.map(({ field, alias, within, inner }) => {
    if (isUnionType(type) || (isInterfaceType(type) && within > 3)) {
      const met = field % 2 === 0 ? 'A' : 'B'
      return `... on ${met} { ${textOf(schema, met, inner)} }`
    }
    const definition = fields[field % (fields.length + 1)]
    const named = alias === 0 ? '__proto__: ' : alias < 3 ? `a${alias}: ` : ''
    if (definition === undefined) return `${named}__typename`
    const given =
      definition.name === 'ratio' && definition.args.length > 0
        ? '(of: 2.5)'
        : (ARGUMENTS[definition.name]?.[alias % 4] ?? '')
    const returned = getNamedType(definition.type)
    const below =
      isScalarType(returned) || isEnumType(returned) ? '' : ` { ${textOf(schema, returned.name, inner)} }`
    const asked = `${named}${definition.name}${given}${below}`
    return within === 0 ? `... { ${asked} }` : asked
  })
  return ['__typename', ...texts].slice(set.length === 0 ? 0 : 1).join(' ')
}

interface Answer {
  readonly data?: unknown
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[] | undefined
    readonly message: string
  }[]
}

/** Where null stands for a failure, and why: of several failures below one place, any may have come first. */
const failuresOf = ({ data, errors = [] }: Answer): ReadonlyMap<string, readonly string[]> => {
  const failures = new Map<string, string[]>()
  for (const { path = [], message } of errors) {
    const place: (string | number)[] = []
    let at: unknown = data
    for (const key of path) {
      if (at === null || at === undefined) break
      at = (at as Record<string | number, unknown>)[key]
      place.push(key)
    }
    const told = `${path.join('.')}: ${message}`
    failures.set(place.join('.'), [...(failures.get(place.join('.')) ?? []), told])
  }
  return failures
}

/** Words of ours, where the engine says more about its own makers' resolvers. */
const isOurWord = (message: string): boolean =>
  /abstract type|serialized as nothing|Cannot return null/iu.test(message)

const placeOf = (told: string): string => told.split(':', 1)[0] ?? ''

/** What fails with nobody waiting for it ends a process: we leave nothing behind. The engine does, in lists. */
const left: unknown[] = []
const note = (reason: unknown): void => {
  left.push(reason)
}
let theirListeners: NodeJS.UnhandledRejectionListener[] = []
beforeAll(() => {
  theirListeners = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note)
})
afterAll(() => {
  process.off('unhandledRejection', note)
  for (const other of theirListeners) process.on('unhandledRejection', other)
})

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1)
    // oxlint-disable-next-line no-await-in-loop -- what is under way beside a failure comes to its end
    await new Promise((resolve) => setImmediate(resolve))
}

test(
  'what is compiled answers as graphql-js does, failures at the same places',
  { timeout: 60_000 },
  async () => {
    let compared = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), chosen, async (seed, set) => {
        const schema = schemaOf(seed)
        const query = `query ($n: Int) { ${textOf(schema, 'Query', set)} }`.replace(
          /^query \(\$n: Int\)(?!.*\$n\))/su,
          'query',
        )
        const document = parse(query)
        // Two of one name that differ are refused before either.
        if (validate(schema, document).length > 0) return
        const quick = quickOperations(schema)({ query, variables: { n: 5 }, context: {}, isGateways: true })
        if (quick === null) throw new Error(`Not compiled: ${query}`)
        const ours = await quick
        await settled()
        expect(left).toEqual([])
        const theirs = await execute({ schema, document, rootValue: {}, variableValues: { n: 5 } })
        await settled()
        left.length = 0
        expect(JSON.stringify(ours.data)).toBe(JSON.stringify(theirs.data))
        const failed = failuresOf(ours)
        const expected = failuresOf(theirs)
        expect([...failed.keys()].toSorted()).toEqual([...expected.keys()].toSorted())
        for (const [place, [first = '', ...others]] of failed) {
          const [theirFirst = '', ...theirOthers] = expected.get(place) ?? []
          const isAlone = others.length + theirOthers.length === 0 && placeOf(first) === placeOf(theirFirst)
          if (isAlone && !isOurWord(first)) expect(first).toBe(theirFirst)
        }
        compared += 1
      }),
      { numRuns: 600 },
    )
    expect(compared).toBeGreaterThan(200)
  },
)

test.each(['{ o { x y } slow }', '{ l { x y } slow }', '{ l { y } o { x } slow }'])(
  'what fails below a place where null stands already is told by nobody: %s',
  async (query) => {
    const schema = buildSchema('type Query { o: O slow: String l: [O!] } type O { x: String y: String! }')
    const after = (ms: number, error: string | null) => async () => {
      await wait(ms)
      if (error !== null) throw new Error(error)
      return 'at last'
    }
    const of = (type: string) => (schema.getType(type) as GraphQLObjectType).getFields()
    Object.assign(of('O')['x'] ?? {}, { resolve: after(20, 'x, later') })
    Object.assign(of('O')['y'] ?? {}, { resolve: after(5, 'y, at first') })
    Object.assign(of('Query')['slow'] ?? {}, { resolve: after(40, null) })
    const rootValue = { o: {}, l: [{}, {}] }
    for (const name of ['o', 'l'] as const)
      Object.assign(of('Query')[name] ?? {}, { resolve: () => rootValue[name] })
    const ours = await quickOperations(schema)({ query, variables: {}, context: {}, isGateways: true })
    const theirs = await execute({ schema, document: parse(query, { noLocation: true }) })
    expect(JSON.parse(JSON.stringify(ours))).toEqual(JSON.parse(JSON.stringify(theirs)))
  },
)

test.each([
  ['a mutation', 'mutation { word }'],
  ['a directive', 'query ($n: Boolean!) { word @skip(if: $n) }'],
  ['the schema itself', '{ __schema { queryType { name } } }'],
  ['what is no GraphQL', '{ word'],
  ['a field that is not there', '{ nothing }'],
  ['a variable that is missing', 'query ($n: Int!) { one(n: $n) { id } }'],
])('%s is the engine’s', (_what, query) => {
  const schema = buildSchema(`${SDL} type Mutation { word: String }`)
  expect(quickOperations(schema)({ query, variables: {}, context: {}, isGateways: true })).toBeNull()
})

test('a name and a text are not taken for another name and text that are written alike', async () => {
  const ask = quickOperations(buildSchema(SDL))
  const query = 'query Q { word }'
  expect(await ask({ query, operationName: 'Q', variables: {}, context: {}, isGateways: true })).toEqual({
    data: { word: null },
    errors: [],
  })
  expect(
    ask({ query: 'Q { word }', operationName: 'Q query', variables: {}, context: {}, isGateways: true }),
  ).toBeNull()
})

test('nothing is remembered that is long, text and name together', () => {
  const ask = quickOperations(buildSchema(SDL))
  const name = 'Q'.repeat(10_000)
  expect(
    ask({
      query: `query ${name} { word }`,
      operationName: name,
      variables: {},
      context: {},
      isGateways: true,
    }),
  ).toBeNull()
})
