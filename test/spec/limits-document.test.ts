import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS, type LimitName } from '../../gateway/limits/limits.ts'
import { measureDocument } from '../../gateway/limits/measure-document.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { cpuMilliseconds } from '../support/cpu-time.ts'
import { refusal, told } from '../support/refusal.ts'
import { callerWith, createWorld, NO_TRANSPORT } from '../support/world.ts'

const SMALL = {
  ...DEFAULT_LIMITS,
  depth: 4,
  aliases: 3,
  rootFields: 3,
  selections: 12,
  fieldPairs: 3,
  operations: 2,
  fragments: 2,
}
const world = createWorld({
  ...peopleGraph,
  limits: { ...SMALL, directives: 4, directivesPerElement: 2, inputDepth: 2, variables: 2, tokens: 100 },
})

/** Straight to the gateway, as every transport does; nothing is validated on the way. */
const execute = (query: string) =>
  world.gateway.execute({
    document: parse(query),
    variables: {},
    caller: callerWith({ scopes: world.vocabularyScopes }),
    requestId: 'request-1',
    ...NO_TRANSPORT,
  })

describe('a document at its limit is served, and one above is refused with how much it was', () => {
  const person = (inner: string) => `{ person(id: "ada") { ${inner} } }`
  const cases: Record<string, readonly [fits: string, over: string, refused: string]> = {
    'nested fields': [
      person('bestFriend { bestFriend { name } }'),
      person('bestFriend { bestFriend { bestFriend { name } } }'),
      'OPERATION_TOO_LARGE limits.depth: 5 of 4',
    ],
    'nested fields in inline fragments, which add no depth of their own': [
      person('... { bestFriend { ... on Person { bestFriend { ... { name } } } } }'),
      person('... { bestFriend { ... { bestFriend { bestFriend { name } } } } }'),
      'OPERATION_TOO_LARGE limits.depth: 5 of 4',
    ],
    'pairs of fields under one key, which validation compares': [
      person('name name name'),
      person('name name name name'),
      'OPERATION_TOO_LARGE limits.fieldPairs: 6 of 3',
    ],
    'pairs of fields below fields of one key': [
      '{ person(id: "ada") { name } person(id: "ada") { name } }',
      '{ person(id: "ada") { name } person(id: "ada") { name name name } }',
      'OPERATION_TOO_LARGE limits.fieldPairs: 7 of 3',
    ],
    aliases: [
      person('a: name b: name c: name'),
      person('a: name b: name c: name d: name'),
      'OPERATION_TOO_LARGE limits.aliases: 4 of 3',
    ],
    'aliases of __typename, which cost a subgraph nothing and the answer as much as any': [
      person('a: __typename b: __typename c: __typename'),
      person('a: __typename b: __typename c: __typename d: __typename'),
      'OPERATION_TOO_LARGE limits.aliases: 4 of 3',
    ],
    'fields at the top': [
      '{ shops { sku } search(q: "a") { __typename } contacts { __typename } }',
      '{ shops { sku } search(q: "a") { __typename } contacts { __typename } ... { rounds { id } } }',
      'OPERATION_TOO_LARGE limits.rootFields: 4 of 3',
    ],
    'selections after fragments are spread': [
      `{ person(id: "ada") { ...F bestFriend { ...F } } } fragment F on Person { id name email }`,
      `{ person(id: "ada") { ...F bestFriend { ...F bestFriend { ...F } } } } fragment F on Person { id name email }`,
      'OPERATION_TOO_LARGE limits.selections: 15 of 12',
    ],
    'operations of a document, whichever is meant': [
      'query A { shops { sku } }',
      'query A { shops { sku } } query B { shops { sku } } query C { shops { sku } }',
      'OPERATION_TOO_LARGE limits.operations: 3 of 2',
    ],
    'named fragments': [
      '{ person(id: "ada") { ...A ...B } } fragment A on Person { id } fragment B on Person { id }',
      '{ person(id: "ada") { ...A ...B ...C } } fragment A on Person { id } fragment B on Person { id } fragment C on Person { id }',
      'OPERATION_TOO_LARGE limits.fragments: 3 of 2',
    ],
    'directives of a document': [
      `{ person(id: "ada") @skip(if: false) @include(if: true) { name @skip(if: false) id @skip(if: false) } }`,
      `query @a { person(id: "ada") @skip(if: false) @include(if: true) { ...F @a } } fragment F on Person @a { id }`,
      'OPERATION_TOO_LARGE limits.directives: 5 of 4',
    ],
    'directives on one field': [
      person('name @skip(if: false) @include(if: true)'),
      person('name @a @a @a'),
      'OPERATION_TOO_LARGE limits.directivesPerElement: 3 of 2',
    ],
    'lists and objects inside one another in an argument': [
      '{ people(ids: ["ada"]) { id } }',
      '{ people(ids: [[["ada"]]]) { id } }',
      'OPERATION_TOO_LARGE limits.inputDepth: 3 of 2',
    ],
    'lists and objects inside one another in the default of a variable': [
      'query ($a: [ID!]! = ["ada"]) { people(ids: $a) { id } }',
      'query ($a: [ID!]! = [{ a: { b: 1 } }]) { people(ids: $a) { id } }',
      'OPERATION_TOO_LARGE limits.inputDepth: 3 of 2',
    ],
    'declared variables': [
      'query ($a: ID! = "ada", $b: Boolean = true) { person(id: $a) { id @include(if: $b) } }',
      'query ($a: ID! = "ada", $b: ID, $c: ID) { person(id: $a) { id } }',
      'OPERATION_TOO_LARGE limits.variables: 3 of 2',
    ],
    'lexical tokens': [
      '{ shops { sku } }',
      `{ shops { ${'sku '.repeat(9)} } } ${'#\n'.repeat(50)} fragment F on Person { note(last: ${'['.repeat(2)}${'1 '.repeat(90)}${']'.repeat(2)}) }`,
      'OPERATION_TOO_LARGE limits.tokens: 119 of 100',
    ],
  }
  for (const [title, [fits, over, refused]] of Object.entries(cases))
    test(title, async () => {
      expect((await execute(fits)).errors).toBeUndefined()
      const error = await refusal(execute(over))
      expect(told(error).replace('VARIABLES', 'OPERATION')).toBe(refused)
      expect(error.message).toContain(`${refused.split(' ')[1]} ${refused.split(' ')[2]}, at most`)
      expect(error.extensions['remedy']).toEqual(expect.any(String))
    })
})

describe('fragments', () => {
  const measure = (text: string) => measureDocument(parse(text)).operations[0]

  test('one that is spread shallow, then deep, is counted at its deepest (GHSA-224p-v68g-5g8f)', () => {
    const fragment = 'fragment F on Person { bestFriend { name } }'
    expect(measure(`{ person { ...F bestFriend { bestFriend { ...F } } } } ${fragment}`)?.depth).toBe(5)
    expect(measure(`{ person { bestFriend { bestFriend { ...F } } ...F } } ${fragment}`)?.depth).toBe(5)
    expect(
      measure(`${fragment} { a { ...G } b { c { ...G } } } fragment G on Person { ...F x { ...F } }`)?.depth,
    ).toBe(5)
  })

  test('one named as an introspection field is counted as any other (GHSA-224p-v68g-5g8f)', () => {
    for (const name of ['__schema', '__type', '__typename', 'constructor', '__proto__', 'hasOwnProperty'])
      expect(
        measure(`query ${name} { a { ...${name} } } fragment ${name} on Person { b { c: d } }`),
      ).toMatchObject({
        depth: 3,
        aliases: 1,
        selections: 4,
      })
  })

  test('aliases of one that is spread a hundred times count a hundred times (CVE-2026-47707)', () => {
    const spreads = Array.from({ length: 100 }, (_, n) => `a${n} { ...F }`).join(' ')
    const aliases = Array.from({ length: 100 }, (_, n) => `x${n}: name`).join(' ')
    expect(measure(`{ ${spreads} } fragment F on Person { ${aliases} }`)?.aliases).toBe(10_000)
  })

  test('ones that double forty times are counted, not spread: in no time (CVE-2025-32030, CVE-2025-32034)', () => {
    const levels = Array.from(
      { length: 40 },
      (_, n) => `fragment F${n} on P { ...F${n + 1} ...F${n + 1} }`,
    ).join(' ')
    const document = parse(`{ a { ...F0 } } ${levels} fragment F40 on P { name }`)
    expect(measureDocument(document).operations[0]?.selections).toBeGreaterThan(2 ** 40)
    expect(cpuMilliseconds(() => measureDocument({ ...document }))).toBeLessThan(50)
  })

  test('ones that double past every number are more than any limit', async () => {
    const levels = Array.from(
      { length: 1100 },
      (_, n) => `fragment F${n} on P { ...F${n + 1} ...F${n + 1} }`,
    ).join(' ')
    const document = parse(`{ a { ...F0 } } ${levels} fragment F1100 on P { name }`)
    expect(measureDocument(document).operations[0]?.selections).toBe(Number.POSITIVE_INFINITY)
  })

  test('a chain of ten thousand links is measured without descending it', () => {
    const links = Array.from({ length: 10_000 }, (_, n) => `fragment F${n} on P { a { ...F${n + 1} } }`).join(
      '\n',
    )
    const document = parse(`${links} { a { ...F0 } } fragment F10000 on P { name }`)
    expect(measureDocument(document).operations[0]?.depth).toBe(10_002)
    expect(cpuMilliseconds(() => measureDocument({ ...document }))).toBeLessThan(50)
  })

  test('a circle has no size, and is refused by whoever asks for one', async () => {
    for (const text of [
      '{ person(id: "ada") { ...F } } fragment F on Person { name ...F }',
      '{ person(id: "ada") { ...F } } fragment F on Person { name ...G @include(if: true) } fragment G on Person { bestFriend { ...F } }',
      '{ person(id: "ada") { ...A } } fragment A on Person { ...B ...B name } fragment B on Person { ...A ...A }',
    ]) {
      const error = await refusal(execute(text))
      expect(told(error)).toBe('OPERATION_TOO_LARGE limits.depth: endless of 4')
      expect(error.message).toContain('without end')
    }
  })
})

test('the largest documents that fit into a request body are measured in less than 50 ms', () => {
  const worst = {
    aliases: `{ ${Array.from({ length: 26_000 }, (_, n) => `a${n.toString(36)}: b`).join(' ')} }`,
    spreads: `{ ${'...F '.repeat(50_000)} } fragment F on P { a }`,
    directives: `{ a ${'@a '.repeat(80_000)} }`,
    fragments: Array.from(
      { length: 6000 },
      (_, n) => `fragment F${n} on P { ...F${n + 1} ...F${n + 1} }`,
    ).join(' '),
    'many operations with all fragments':
      Array.from({ length: 3000 }, (_, n) => `query Q${n} { ...F0 }`).join(' ') +
      Array.from({ length: 3000 }, (_, n) => `fragment F${n} on P { ...F${n + 1} a }`).join(' '),
    objects: `{ a(b: [${'{c: 1} '.repeat(30_000)}]) }`,
  }
  for (const [name, text] of Object.entries(worst)) {
    expect(text.length, name).toBeLessThan(262_144)
    const document = parse(text, { noLocation: true })
    expect(
      cpuMilliseconds(() => measureDocument({ ...document })),
      name,
    ).toBeLessThan(50)
  }
})

describe('a client’s contract', () => {
  const ask = (limits: Partial<Record<LimitName, number>>, depth: number) =>
    world.ask(`{ person(id: "ada") ${'{ bestFriend '.repeat(depth)} { id } ${'}'.repeat(depth)} }`, {
      contract: { limits },
    })

  test('holds it closer than others', async () => {
    expect(told(await refusal(ask({ depth: 2 }, 1)))).toBe('OPERATION_TOO_LARGE limits.depth: 3 of 2')
  })

  test('or lets it have more, of what it names alone', async () => {
    expect((await ask({ depth: 8 }, 5)).errors).toBeUndefined()
    expect(told(await refusal(ask({ aliases: 9 }, 5)))).toBe('OPERATION_TOO_LARGE limits.depth: 7 of 4')
  })

  test('is looked at by every request, also when the document was served to another client before', async () => {
    const document = parse('{ person(id: "ada") { bestFriend { bestFriend { id } } } }')
    expect((await world.ask(document)).errors).toBeUndefined()
    const error = await refusal(world.ask(document, { contract: { limits: { depth: 3 } } }))
    expect(told(error)).toBe('OPERATION_TOO_LARGE limits.depth: 4 of 3')
    expect((await world.ask(document)).errors).toBeUndefined()
  })
})
