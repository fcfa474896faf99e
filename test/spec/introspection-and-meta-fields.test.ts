import { getIntrospectionQuery, parse, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld } from '../support/world.ts'

const world = createWorld(peopleGraph)
const NO_INTROSPECTION = { contract: { introspection: false } }

describe('the schema clients see', () => {
  const names = Object.keys(world.gateway.apiSchema.getTypeMap())

  test('has no door to entities, nor a subgraph’s own text', () => {
    const fields = Object.keys(world.gateway.apiSchema.getQueryType()?.getFields() ?? {})
    expect(fields).not.toContain('_entities')
    expect(fields).not.toContain('_service')
    expect(names.filter((name) => /^_[A-Z]|join|consent|link/i.test(name))).toEqual([])
  })

  test('has no directive of composition or of consent', () => {
    const directives = world.gateway.apiSchema.getDirectives().map(({ name }) => name)
    expect(
      directives.filter((name) => /join|requiresScope|dataSubject|dataContract|link/.test(name)),
    ).toEqual([])
  })

  for (const field of ['_entities(representations: [])', '_service'])
    test(`a client that asks for ${field} is told there is no such field`, () => {
      const errors = validate(world.gateway.apiSchema, parse(`{ ${field} { __typename } }`))
      expect(errors.map(({ message }) => message)[0]).toMatch(/^Cannot query field "_(entities|service)"/)
    })
})

/** A11: one answer in every spelling. */
const spellings: Readonly<Record<string, string>> = {
  plainly: '{ __type(name: "Person") { fields { name } } }',
  'in a named fragment': '{ ...F } fragment F on Query { __type(name: "Person") { fields { name } } }',
  'in a named fragment before the operation':
    'fragment F on Query { __type(name: "Person") { fields { name } } } { ...F }',
  'in an inline fragment': '{ ... { __type(name: "Person") { fields { name } } } }',
  'in fragments of fragments':
    '{ ... on Query { ...F } } fragment F on Query { ...G } fragment G on Query { __type(name: "Person") { fields { name } } }',
}

describe('introspection', () => {
  const visible = Object.keys(
    (world.gateway.apiSchema.getType('Person') as { getFields(): object }).getFields(),
  )

  for (const [how, query] of Object.entries(spellings)) {
    test(`asked ${how} tells the same, and no subgraph is asked`, async () => {
      const { data, sent } = await world.ask(query)
      const { fields } = (data as { __type: { fields: { name: string }[] } }).__type
      expect(fields.map(({ name }) => name)).toEqual(visible)
      expect(sent).toEqual([])
    })

    test(`asked ${how} is refused to a client that may not introspect`, async () => {
      await expect(world.ask(query, NO_INTROSPECTION)).rejects.toMatchObject({
        code: 'INTROSPECTION_DISABLED',
      })
    })
  }

  test('a refused document stays refused when another client may ask it', async () => {
    const document = parse('{ __schema { queryType { name } } }')
    await expect(world.ask(document, NO_INTROSPECTION)).rejects.toMatchObject({
      code: 'INTROSPECTION_DISABLED',
    })
    expect((await world.ask(document)).data).toEqual({ __schema: { queryType: { name: 'Query' } } })
    await expect(world.ask(document, NO_INTROSPECTION)).rejects.toMatchObject({
      code: 'INTROSPECTION_DISABLED',
    })
  })

  test('beside data is answered here, and the data there, in the order asked', async () => {
    const { data, sent } = await world.ask(
      'query ($t: String!) { a: __typename person(id: "bo") { __typename name } t: __type(name: $t) { name } }',
      { variables: { t: 'Shop' } },
    )
    expect(JSON.stringify(data)).toBe(
      '{"a":"Query","person":{"__typename":"Person","name":"Bo"},"t":{"name":"Shop"}}',
    )
    expect(sentLines(sent)).toEqual(['people: person{name}'])
  })

  test('in the second operation of a document is of that operation alone', async () => {
    const query = 'query Data { person(id: "bo") { name } } query Schema { __schema { queryType { name } } }'
    const { data } = await world.ask(query, { ...NO_INTROSPECTION, operationName: 'Data' })
    expect(data).toEqual({ person: { name: 'Bo' } })
    await expect(world.ask(query, { ...NO_INTROSPECTION, operationName: 'Schema' })).rejects.toMatchObject({
      code: 'INTROSPECTION_DISABLED',
    })
  })

  test('whole tells of no consent word', async () => {
    const { data } = await world.ask(getIntrospectionQuery())
    expect(JSON.stringify(data)).not.toMatch(/requiresScope|dataSubject|consent__|join__/)
  })

  test('the name of the root alone is not introspection, and nothing is asked', async () => {
    const { data, sent } = await world.ask('{ __typename }', NO_INTROSPECTION)
    expect(data).toEqual({ __typename: 'Query' })
    expect(sent).toEqual([])
  })

  test('the name of a withheld person’s type is open', async () => {
    const { data } = await world.ask('{ search(q: "x") { kind: __typename } }', { scopes: [] })
    expect(data).toEqual({ search: [{ kind: 'Person' }, { kind: 'Company' }, { kind: 'Person' }] })
  })
})

/** A subgraph that keeps a field and a type from clients. */
const hidden = createWorld({
  ...peopleGraph,
  subgraphs: [
    ...peopleGraph.subgraphs,
    {
      name: 'fraud',
      sdl: `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@inaccessible"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
type Person @key(fields: "id") @dataSubject(key: "id") {
  id: ID!
  fraudScore: Int @inaccessible
  suspicion: Suspicion @inaccessible
}
type Suspicion @inaccessible { level: Int }`,
      resolvers: { Person: { __resolveReference: (reference: object) => reference, fraudScore: () => 5 } },
    },
  ],
})

describe('A12: what is kept from clients', () => {
  const messages = (query: string) =>
    validate(hidden.gateway.apiSchema, parse(query)).map(({ message }) => message)

  test('cannot be asked for', () => {
    expect(messages('{ person(id: "bo") { fraudScore } }').join()).toMatch(
      /^Cannot query field "fraudScore" on type "Person"\./,
    )
  })

  test('is not suggested for a name that is nearly right', () => {
    expect(messages('{ person(id: "bo") { fraudScor } }').join()).not.toContain('fraudScore')
    expect(messages('{ search(q: "x") { ... on Suspicio { level } } }').join()).not.toContain('Suspicion')
    expect(messages('{ person(id: "bo") { _assent_email } }').join()).not.toMatch(/_entities|_service|join__/)
  })

  for (const [how, query] of Object.entries(spellings))
    test(`is not in the schema asked ${how}`, async () => {
      const { data } = await hidden.ask(query)
      expect(JSON.stringify(data)).not.toContain('fraud')
    })

  test('is not in the schema as a whole', async () => {
    const { data } = await hidden.ask(getIntrospectionQuery())
    expect(JSON.stringify(data)).not.toMatch(/fraud|Suspicion/i)
  })
})
