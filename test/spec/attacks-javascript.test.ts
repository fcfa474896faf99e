import { describe, expect, test } from 'vitest'
import { canariesIn, leaked } from '../support/canaries.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { refusal } from '../support/refusal.ts'
import { createWorld, type Sent } from '../support/world.ts'

const world = createWorld(peopleGraph)

/** Names that every object inherits, or that a promise, a text or a list would take for its own. */
const INHERITED = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
]

const untouched = () => {
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
}

describe('names that mean something to JavaScript (CVE-2026-32621, GHSA-pfjj-6f4p-rvmh)', () => {
  for (const name of INHERITED)
    test(`${name} is an alias like any other: of a root field, of a person, of a protected leaf`, async () => {
      const asked = await world.ask(
        `{ ${name}: person(id: "ada") { ${name}: email household { ${name}: name } } }`,
      )
      expect(JSON.stringify(asked.data)).toBe(
        `{"${name}":{"${name}":"${canary('ada', 'email')}","household":[{"${name}":"Bo"},{"${name}":"Cyd"}]}}`,
      )
      expect(leaked(asked, ['ada:email'])).toEqual([])
      untouched()
    })

  for (const name of INHERITED.filter((one) => one !== '__proto__'))
    test(`${name} is a variable, an operation and a fragment like any other`, async () => {
      const text = `query ${name}($${name}: ID!) { person(id: $${name}) { ...${name} } } fragment ${name} on Person { name }`
      const asked = await world.ask(text, { variables: { [name]: 'bo' }, operationName: name })
      expect(asked.data).toEqual({ person: { name: 'Bo' } })
      expect(asked.sent.map(({ variables }) => JSON.stringify(variables)).join()).toContain('"bo"')
    })

  test('in variables that nobody declared they do nothing', async () => {
    const variables = JSON.parse(
      '{"id":"bo","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    ) as Record<string, unknown>
    const { data } = await world.ask('query ($id: ID!) { person(id: $id) { name } }', { variables })
    expect(data).toEqual({ person: { name: 'Bo' } })
    untouched()
  })

  for (const [title, body] of [
    [
      'beside the data',
      '{"person":{"__typename":"Person","id":"bo","name":"Bo"},"__proto__":{"polluted":1}}',
    ],
    [
      'inside a person',
      '{"person":{"__typename":"Person","id":"bo","name":"Bo","__proto__":{"polluted":1,"name":"Mallory"}}}',
    ],
    [
      'as a constructor',
      '{"person":{"__typename":"Person","id":"bo","name":"Bo","constructor":{"prototype":{"polluted":1}}}}',
    ],
  ] as const)
    test(`in the body of a subgraph, ${title}, they change nothing`, async () => {
      const graph = createWorld({
        ...peopleGraph,
        tamper: (_, response) => ({ ...response, data: JSON.parse(body) as unknown }),
      })
      expect((await graph.ask('{ person(id: "bo") { name } }')).data).toEqual({ person: { name: 'Bo' } })
      untouched()
      expect((await world.ask('{ person(id: "bo") { name } }')).data).toEqual({ person: { name: 'Bo' } })
    })

  for (const typename of INHERITED)
    test(`an entity that says it is a ${typename} is nobody`, async () => {
      const graph = createWorld({
        ...peopleGraph,
        tamper: (_, { data, errors }) => ({
          data: JSON.parse(
            JSON.stringify(data).replaceAll('"__typename":"Person"', `"__typename":"${typename}"`),
          ) as unknown,
          errors,
        }),
      })
      const asked = await graph.ask(
        '{ person(id: "ada") { name email } contacts { ... on Person { email } } }',
      )
      expect(canariesIn(asked.data)).toEqual([])
      untouched()
    })
})

describe('a literal reaches the subgraph as it was meant, and as nothing else', () => {
  /** What arrives as the argument, whether in the document or in a variable. */
  const arrived = async (literal: string): Promise<unknown> => {
    const ids: unknown[] = []
    const [people, insights] = peopleGraph.subgraphs
    if (people === undefined || insights === undefined) return expect.fail('no graph')
    const listening = {
      ...people,
      resolvers: {
        ...people.resolvers,
        Query: {
          ...people.resolvers['Query'],
          search: (_: unknown, { q }: { q: string }) => (ids.push(q), []),
        },
      },
    }
    const { sent } = await createWorld({ ...peopleGraph, subgraphs: [listening, insights] }).ask(
      `{ search(q: ${literal}) { __typename } }`,
    )
    expect(sent.length).toBe(1)
    return ids[0]
  }

  test.each([
    ['quotes and backslashes', String.raw`"a \" ) { id } } \\ \""`, String.raw`a " ) { id } } \ "`],
    ['line ends and tabs', String.raw`"one\ntwo\r\n\tthree\b\f"`, 'one\ntwo\r\n\tthree\b\f'],
    [
      'a backspace beside what may stand in for it, and a backslash before a b',
      String.raw`"\b \u0008 \\b \uE008"`,
      '\b \b \\b \uE008',
    ],
    [
      'escapes of Unicode',
      String.raw`"\u0041 \u{1F600} \uD83D\uDE00 \u0000 \u2028"`,
      'A 😀 😀 \u0000 \u2028',
    ],
    [
      'block texts',
      '"""\n  first\n    second \\""" "quoted" \\ end\n"""',
      'first\n  second """ "quoted" \\ end',
    ],
    ['what looks like a document', '"\\") { contacts { email } } #"', '") { contacts { email } } #'],
    ['a text that ends in a backslash', String.raw`"ends \\"`, 'ends \\'],
  ])('%s', async (_, literal, meant) => expect(await arrived(literal)).toBe(meant))
})

describe('a subgraph that is not to be trusted', () => {
  const tampered = (change: (sent: string) => string) =>
    createWorld({
      ...peopleGraph,
      tamper: (_, { data, errors }) => ({
        data: JSON.parse(change(JSON.stringify(data))) as unknown,
        errors,
      }),
    })

  test('more than was asked for is dropped before anybody sees it', async () => {
    const graph = tampered((text) =>
      text.replaceAll('"name":"Bo"', `"name":"Bo","email":"${canary('bo', 'email')}"`),
    )
    const asked = await graph.ask('{ person(id: "bo") { name } people(ids: ["bo"]) { name email } }')
    expect(canariesIn([asked.data, asked.errors, asked.extensions])).toEqual([])
  })

  test('another person’s key refuses the answer about this one', async () => {
    const graph = tampered((text) => (text.includes('email') ? text.replaceAll('"ada"', '"cyd"') : text))
    const asked = await graph.ask('{ people(ids: ["ada"]) { email } }')
    expect(asked.data).toEqual({ people: [{ email: null }] })
    expect(asked.errors?.map(({ extensions }) => extensions['code'])).toEqual(['SUBGRAPH_ENTITY_MISMATCH'])
  })

  test('every request that may bring something protected names whom it is for and what was granted, and no other does', async () => {
    const { sent } = await world.ask('{ people(ids: ["ada", "bo"]) { name email } }')
    const lookups = ({ grant }: Sent) => Object.values(grant.lookups).flatMap(({ scopes }) => scopes)
    expect(sent.map(lookups)).toEqual([[], ['contact']])
    expect(
      sent.every(({ grant, subgraph }) => grant.subgraph === undefined || grant.subgraph === subgraph),
    ).toBe(true)
  })
})

test('nothing in an error of any kind names what the client sent as a value', async () => {
  const secret = canary('ada', 'ssn')
  const errors = await Promise.all([
    refusal(
      world.ask('query ($ids: [ID!]!) { people(ids: $ids) { name } }', { variables: { ids: { a: secret } } }),
    ),
    refusal(
      world.ask(`query ($ids: [ID!]!) { people(ids: $ids) { name } }`, {
        variables: { ids: [secret.repeat(20_000)] },
      }),
    ),
    refusal(
      world.ask('query ($ids: [ID!]!) { people(ids: $ids) { name } }', {
        variables: { ids: Array.from({ length: 20_000 }, () => secret) },
      }),
    ),
  ])
  for (const error of errors) expect(canariesIn([error.message, error.toJSON(), error.stack])).toEqual([])
})
