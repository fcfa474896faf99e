import { describe, expect, test } from 'vitest'
import { changed, type Files, linked, reportOf } from '../support/schema-check/change.ts'

const graph = (sdl: string): Files => ({ 'shop.graphql': sdl })

const QUERY =
  'type Query { a(x: Int): Int b: Kind c(in: In): T } enum Kind { ONE TWO } input In { x: Int } type T { s: String t: String! }'

const swapped = (from: string, to: string): Files => {
  expect(QUERY).toContain(from)
  return graph(QUERY.replace(from, to))
}

describe('What breaks whom', () => {
  test.each<[what: string, from: string, to: string, told: string[]]>([
    ['a field goes', 's: String', '', ['error FIELD_REMOVED T.s']],
    ['a field comes', 's: String', 's: String u: Int', ['note FIELD_ADDED T.u']],
    ['a field is of another type', 's: String', 's: Int', ['error FIELD_TYPE_CHANGED T.s']],
    ['a field may be null', 't: String!', 't: String', ['error REQUIRED_TO_NULLABLE T.t']],
    ['a field is never null', 's: String', 's: String!', ['note NULLABLE_TO_REQUIRED T.s']],
    ['an argument goes', '(x: Int)', '', ['error FIELD_ARGUMENT_REMOVED Query.a(x:)']],
    [
      'an argument has to be there',
      '(x: Int)',
      '(x: Int!)',
      ['error FIELD_ARGUMENT_TYPE_CHANGED Query.a(x:)'],
    ],
    ['an argument comes', '(x: Int)', '(x: Int y: Int!)', ['error FIELD_ARGUMENT_ADDED Query.a(y:)']],
    ['a value goes', 'ONE TWO', 'ONE', ['error ENUM_VALUE_REMOVED Kind.TWO']],
    ['a value comes', 'ONE TWO', 'ONE TWO THREE', ['warning ENUM_VALUE_ADDED Kind.THREE']],
    [
      'an input field has to be there',
      'In { x: Int }',
      'In { x: Int y: Int! }',
      ['error INPUT_FIELD_ADDED In.y'],
    ],
    ['only a description', 's: String', '"A sentence." s: String', []],
  ])('%s', async (_, from, to, told) => {
    expect(await changed(graph(QUERY), swapped(from, to))).toEqual(told)
  })

  test('is told where the change is', async () => {
    const { findings } = await reportOf(
      graph('type Query {\n  a: Int\n  b: Int\n}'),
      graph('type Query {\n  a: Int\n  b: String\n}'),
    )
    expect(findings[0]?.source).toEqual({ file: 'shop.graphql', line: 6, column: 3 })
  })

  test('directives of consent are not judged by it', async () => {
    const person = (on: string): Files =>
      graph(
        `type Query { me: P } type P @key(fields: "pid") @dataSubject(key: "pid") { pid: ID! a: String ${on} }`,
      )
    const told = await changed(
      person(''),
      person(
        '@requiresScope(scope: "analytics") @dataContract(owner: "x", purpose: ["analytics"], freshness: "P1D", retention: "P1D", consumers: ["a"], disposition: "purge")',
      ),
    )
    expect(told).toEqual(['note CONTRACT_ADDED P.a', 'note SCOPE_ADDED P.a'])
  })

  test('a protected field that is never null takes more with it', async () => {
    const person = (type: string): Files =>
      graph(
        `type Query { me: P } type P @key(fields: "pid") @dataSubject(key: "pid") { pid: ID! a: ${type} @requiresScope(scope: "analytics") }`,
      )
    expect(await changed(person('String'), person('String!'))).toEqual([
      'warning PROTECTED_NULLABLE_TO_REQUIRED P.a',
      'warning WITHHELD_NON_NULL P.a',
    ])
  })

  test('an entity key that goes is dangerous', async () => {
    const thing = (keys: string): Files => graph(`type Query { t: T } type T ${keys} { id: ID! sku: ID! }`)
    const both = '@key(fields: "id") @key(fields: "sku")'
    expect(await changed(thing(both), thing('@key(fields: "id")'))).toEqual(['warning ENTITY_KEY_REMOVED T'])
    expect(await changed(thing('@key(fields: "id")'), thing(both))).toEqual(['note ENTITY_KEY_ADDED T'])
    expect(await changed(thing('@key(fields: "id  sku")'), thing('@key(fields: "id sku")'))).toEqual([])
  })
})

describe('What was announced', () => {
  const field = (written: string): Files => graph(`type Query { a: Int ${written} }`)
  const until = (day: string): Files => field(`b: Int @deprecated(reason: "Use a. Until ${day}.")`)
  const today = { today: '2026-11-22' }

  test('may go when its day has come', async () => {
    expect(await changed(until('2026-11-01'), field(''), today)).toEqual([
      'note REMOVED_AFTER_WINDOW Query.b',
    ])
    expect(await changed(until('2027-01-31'), field(''), today)).toEqual([
      'error REMOVED_BEFORE_WINDOW_END Query.b',
    ])
    expect(await changed(until('2026-11-01'), field(''))).toEqual(['error REMOVED_BEFORE_WINDOW_END Query.b'])
  })

  test('is not cut short', async () => {
    expect(await changed(until('2027-01-31'), until('2026-12-31'), today)).toEqual([
      'error WINDOW_CUT Query.b',
    ])
    expect(await changed(until('2026-12-31'), until('2027-01-31'), today)).toEqual([
      'note WINDOW_EXTENDED Query.b',
    ])
  })
})

describe('What does not compose', () => {
  test('broken text is told at its column', async () => {
    const { findings } = await reportOf(
      { 'shop.graphql': 'type Query { a: Int }' },
      { 'shop.graphql': linked('type Query {\n  a: Int\n  b: [Int)\n}') },
    )
    expect(findings.map(({ source }) => source)).toEqual([{ file: 'shop.graphql', line: 6, column: 10 }])
  })

  test.each<[what: string, sdl: string, code: string, line: number]>([
    ['broken text', linked('type Query {\n  a: Int\n  b: [Int\n}'), 'SUBGRAPH_UNREADABLE', 7],
    [
      'a version of the directives nobody knows',
      'extend schema\n  @link(url: "https://assent.example/consent/v9.0", import: ["@requiresScope"])\ntype Query { a: Int }',
      'CONSENT_VERSION_UNKNOWN',
      2,
    ],
    [
      'a scope nobody knows',
      linked(
        'type Query { me: P }\ntype P @key(fields: "pid") @dataSubject(key: "pid") {\n  pid: ID!\n  a: String @requiresScope(scope: "mind_reading")\n}',
      ),
      'SCOPE_UNKNOWN',
      7,
    ],
  ])('%s is told by file and line', async (_, sdl, code, line) => {
    const { findings, outcome } = await reportOf(graph('type Query { a: Int }'), graph(sdl))
    expect(outcome).toBe('blocked')
    expect(findings).toContainEqual(
      expect.objectContaining({
        code,
        kind: 'composition',
        source: expect.objectContaining({ file: 'shop.graphql', line }),
      }),
    )
    expect(findings[0]?.remedy).not.toBe('')
  })

  test('a circle of requirements is told', async () => {
    const circle = {
      'a.graphql':
        'type Query { t: T } type T @key(fields: "id") { id: ID! y: Int @external x: Int @requires(fields: "y") }',
      'b.graphql': 'type T @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }',
    }
    const { findings, outcome } = await reportOf(graph('type Query { a: Int }'), circle)
    expect(outcome).toBe('blocked')
    expect(findings.map(({ kind }) => kind)).toContain('composition')
  })

  test('in the base is told of the base', async () => {
    const { findings, outcome } = await reportOf(graph('type Query {'), graph('type Query { a: Int }'))
    expect(outcome).toBe('blocked')
    expect(findings[0]?.message).toContain('The base does not compose')
  })

  test('is looked for in the head, and a base is taken as it stands', async () => {
    const shop = (key: string): Files => ({
      'shop.graphql': `type Query { thing: Thing } type Thing ${key} { id: ID! @shareable name: String }`,
      'stock.graphql': `type Thing ${key} { id: ID! @shareable count: Int }`,
    })
    const [parted, joined] = [shop(''), shop('@key(fields: "id")')]
    const unreached = await reportOf(joined, parted)
    expect(unreached.outcome).toBe('blocked')
    expect(unreached.findings.map(({ kind }) => kind)).toContain('composition')
    const told = (await reportOf(parted, joined)).findings
    expect(told.map(({ code }) => code)).toEqual(['ENTITY_KEY_ADDED'])
  })

  test('twice, in both, is told once of each', async () => {
    const { outcome } = await reportOf(graph('type Query {'), graph('type Query {'))
    expect(outcome).toBe('blocked')
  })
})

describe('Approvals', () => {
  const person = (on: string): Files =>
    graph(`type Query { me: P }
type P @key(fields: "pid") @dataSubject(key: "pid") {
  pid: ID!
  a: String ${on} @dataContract(owner: "team-a", purpose: ["analytics"], freshness: "P1D", retention: "P1D", consumers: ["a"], disposition: "purge")
}`)
  const [base, head] = [person('@requiresScope(scope: "analytics")'), person('')]
  const asked = async (files = head) => (await reportOf(base, files)).findings[0]?.approval

  test('by the owner, of this content, in time, let it pass', async () => {
    const approval = { ...(await asked()), until: '2026-11-22' }
    const { outcome, findings } = await reportOf(base, head, { approvals: [approval as never] })
    expect(outcome).toBe('ok')
    expect(findings).toMatchObject([
      { code: 'SCOPE_REMOVED', level: 'warning', approved: { by: 'team-a', until: '2026-11-22' } },
    ])
  })

  test.each<[what: string, other: object, code: string]>([
    ['run out', { until: '2026-11-21' }, 'APPROVAL_EXPIRED'],
    ['without an end', { until: 'for ever' }, 'APPROVAL_EXPIRED'],
    ['by somebody else', { by: 'team-b' }, 'APPROVAL_NOT_OWNER'],
    ['of another content', { hash: 'f'.repeat(64) }, 'APPROVAL_OTHER_CONTENT'],
    ['with a signature that is not theirs', { isProved: false }, 'APPROVAL_FORGED'],
  ])('%s do not', async (_, other, code) => {
    const approval = { ...(await asked()), until: '2026-12-31', ...other }
    const { outcome, findings } = await reportOf(base, head, { approvals: [approval as never] })
    expect(outcome).toBe('blocked')
    expect(findings.map((one) => one.code).toSorted()).toEqual([code, 'SCOPE_REMOVED'].toSorted())
  })

  test('are void when anything else of the head changes', async () => {
    const other = { ...head, 'shop.graphql': `${head['shop.graphql']}\n# and more` }
    expect((await asked(other))?.hash).not.toBe((await asked())?.hash)
  })
})
