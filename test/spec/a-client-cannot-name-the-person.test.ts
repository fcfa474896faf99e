import { describe, expect, it } from 'vitest'
import { leaked } from '../support/canaries.ts'
import { canary } from '../support/people-graph.ts'
import { createWorld } from '../support/world.ts'
import { byId, crowd, graphOf, PERSON, subgraph } from './permission-table/graph-of.ts'
import { errorLines } from './permission-table/row.ts'

describe('A subject key that takes an argument', () => {
  const device = { sku: 'd1', ownerId: ({ as }: { as?: string }) => as ?? 'bo', place: canary('bo', 'place') }
  const graph = graphOf(
    subgraph(
      'tracking',
      `type Query { devices: [Device!]! }
type Device @key(fields: "sku") @dataSubject(key: "ownerId") { sku: ID! ownerId(as: ID): ID place: String @requiresScope(scope: "contact") }`,
      { Query: { devices: () => [device] }, Device: { __resolveReference: () => device } },
    ),
  )

  it.each([
    '{ devices { ownerId(as: "ada") place } }',
    '{ devices { ownerId(as: "ada") ... { place } sku } }',
  ])('%s is decided by whose the device is, not by what the client says', async (query) => {
    const asked = await createWorld(graph).ask(query)
    expect(asked.data).toMatchObject({ devices: [{ ownerId: 'ada', place: null }] })
    expect(asked.withheld).toEqual(['Device.place devices.@.place REFUSED 1'])
    expect(leaked(asked, [])).toEqual([])
  })
})

describe('An input below a field the client asks with arguments of its own', () => {
  const home = { city: ({ n }: { n?: number }) => `city ${n ?? 0}` }
  const HOME = 'type Home @shareable { city(n: Int): String }'
  const graph = graphOf(
    subgraph(
      'people',
      `type Query { me: Person people: [Person!]! }\n${PERSON} { id: ID! home: Home }\n${HOME}`,
      {
        Query: { me: () => ({ id: 'ada' }), people: crowd },
        Person: { __resolveReference: byId, home: () => home },
      },
    ),
    subgraph(
      'scores',
      `type Person @key(fields: "id") { id: ID! home: Home @external score: String @requires(fields: "home { city }") }\n${HOME}`,
      {
        Person: {
          __resolveReference: (sent: object) => sent,
          score: (sent: { home: { city: string } }) => `from ${sent.home.city}`,
        },
      },
    ),
  )

  it.each(['{ me { home { city(n: 1) } score } }', '{ me { score home { city(n: 1) } } }'])(
    '%s keeps the two values apart, and the process up',
    async (query) => {
      const { data } = await createWorld(graph).ask(query)
      expect(data).toEqual({ me: { home: { city: 'city 1' }, score: 'from city 0' } })
    },
  )
})

describe('A rule on a whole type', () => {
  it('spares the way to a composite subject key, not what stands beside it', async () => {
    const graph = graphOf(
      subgraph(
        'orders',
        `type Query { orders: [Order!]! }
type Order @key(fields: "oid") @dataSubject(key: "owner { pid }") @requiresScope(scope: "contact") { oid: ID! owner: Owner total: Int }
type Owner { pid: ID! iban: String }`,
        {
          Query: {
            orders: () => [{ oid: 'o1', owner: { pid: 'bo', iban: canary('bo', 'iban') }, total: 1 }],
          },
          Order: { __resolveReference: () => null },
        },
      ),
    )
    const asked = await createWorld(graph).ask('{ orders { owner { pid iban } total } }')
    expect(asked.data).toEqual({ orders: [{ owner: { pid: 'bo', iban: null }, total: null }] })
    expect(leaked(asked, [])).toEqual([])
  })

  it('does so along the whole way, also where an interface of the type has the rule', async () => {
    const graph = graphOf(
      subgraph(
        'claims',
        `type Query { claims: [Claim!]! }
interface Filed @requiresScope(scope: "contact") { no: ID! }
type Claim implements Filed @key(fields: "no") @dataSubject(key: "holder { account { pid } }") { no: ID! holder: Holder }
type Holder { account: Account name: String }
type Account { pid: ID! iban: String }`,
        {
          Query: {
            claims: () => [
              {
                no: 'c1',
                holder: {
                  name: canary('bo', 'name'),
                  account: { pid: 'bo', iban: canary('bo', 'iban') },
                },
              },
            ],
          },
          Claim: { __resolveReference: () => null },
        },
      ),
    )
    const world = createWorld(graph)
    for (const query of [
      '{ claims { holder { name } } }',
      '{ claims { holder { account { pid iban } } } }',
    ]) {
      const asked = await world.ask(query)
      expect(asked.withheld).toEqual([expect.stringMatching(/ REFUSED 1$/)])
      expect(leaked(asked, [])).toEqual([])
    }
  })

  it('on an interface binds all that its people are, not only what the interface names', async () => {
    const graph = graphOf(
      subgraph(
        'people',
        `type Query { people: [Person!]! }
interface Private @requiresScope(scope: "contact") { id: ID! }
type Person implements Private @key(fields: "id") @dataSubject(key: "id") { id: ID! diary: String }`,
        {
          Query: { people: crowd },
          Person: { __resolveReference: byId, diary: ({ id }: { id: string }) => canary(id, 'diary') },
        },
      ),
    )
    const asked = await createWorld(graph).ask('{ people { id diary } }')
    expect(asked.data).toMatchObject({
      people: [{ diary: canary('ada', 'diary') }, { id: 'bo', diary: null }, {}],
    })
    expect(leaked(asked, ['ada:diary', 'cyd:diary'])).toEqual([])
  })
})

describe('An object of an abstract place', () => {
  const graph = graphOf(
    subgraph(
      'people',
      `type Query { contacts: [Contact] }
interface Contact { email: String @requiresScope(scope: "contact") }
${PERSON.replace('type Person', 'type Person implements Contact')} { id: ID! email: String @requiresScope(scope: "contact") }`,
      {
        Query: { contacts: () => [{ __typename: 'Person', id: 'ada' }] },
        Person: { __resolveReference: byId, email: () => 'x' },
      },
    ),
  )
  it.each([[{}], [{ __typename: 'Contact' }], [{ __typename: ['Person'] }]])(
    'that says of itself %j is an error, not an empty object',
    async (said) => {
      const world = createWorld({
        ...graph,
        tamper: (_request, response) => ({ ...response, data: { contacts: [said] } }),
      })
      const asked = await world.ask('{ contacts { email } }')
      expect(asked.data).toEqual({ contacts: [null] })
      expect(errorLines(asked)).toEqual(['SUBGRAPH_RESPONSE_INVALID contacts.0'])
    },
  )
})
