import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { enforceGrants } from '../../directives/enforce.ts'
import type { Grant, LookupGrant } from '../../directives/grant.ts'
import { normalizeConsent } from '../../directives/link.ts'

const SDL = `
  extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@shareable"])
    @link(url: "https://assent.example/consent/v1.0", import: [{ name: "@requiresScope", as: "@needs" }, "@dataSubject"])

  type Query { people: [Person!]! contacts: [Contactable!]! }
  interface Contactable { email: String @needs(scope: "contact") }

  type Person implements Contactable @key(fields: "pid") @dataSubject(key: "pid") {
    pid: ID!
    name: String
    email: String @needs(scope: "contact")
    trait: String @needs(scope: ["profiling", "analytics"])
    risk: String @needs(scope: [["profiling", "analytics"]])
    tips: [String!] @needs(scope: "recs", otherwise: ANONYMOUS)
    address: Address
    ssn: Ssn
    friends: [Person!]!
    employer: Company
    ward: Ward
  }
  type Ward @dataSubject(key: "pid") { pid: ID! email: String @needs(scope: "contact") }
  type Address { city: String street: String @needs(scope: "contact") }
  scalar Ssn @needs(scope: "identity")
  type Company implements Contactable @key(fields: "id") { id: ID! email: String }
  type Secret @key(fields: "pid") @dataSubject(key: "pid") @needs(scope: "vault") { pid: ID! word: String }
  type Claim @key(fields: "no") @dataSubject(key: "holder { pid }") @needs(scope: "vault") { no: ID! holder: Holder }
  type Holder { pid: ID! iban: String }
`

const ran: string[] = []
const field = (name: string, value: unknown) => () => {
  ran.push(name)
  return value
}
const named = (pid: string): object => ({ __typename: 'Person', pid })
const schema = enforceGrants(
  buildSubgraphSchema({
    typeDefs: normalizeConsent(parse(SDL)),
    resolvers: {
      Query: {
        people: () => [named('ada')],
        contacts: () => [named('ada'), { __typename: 'Company', id: 'c' }],
      },
      Contactable: { __resolveType: (it: { __typename: string }) => it.__typename },
      Person: {
        __resolveReference: ({ pid }: { pid: string }) => named(pid),
        name: field('name', 'n'),
        email: field('email', 'e'),
        trait: field('trait', 't'),
        risk: field('risk', 'r'),
        tips: field('tips', ['tip']),
        address: () => ({ city: 'c' }),
        ssn: field('ssn', '1'),
        friends: () => [named('bo')],
        employer: () => ({ id: 'c' }),
        ward: () => ({ pid: 'cyd', email: 'w' }),
      },
      Address: { street: field('street', 's') },
      Company: { __resolveReference: (it: object) => it, email: field('company email', 'c@example.org') },
      Secret: { __resolveReference: (it: object) => it, word: field('word', 'w') },
      Claim: { __resolveReference: (it: object) => it, holder: () => ({ pid: 'ada' }) },
      Holder: { iban: field('iban', 'i') },
    },
  }),
  (context) => (context as { grant: Grant | null }).grant,
)

const grantOf = (lookups: Record<string, LookupGrant>): Grant => ({
  subgraph: 's',
  client: 'c',
  purpose: 'p',
  request: 'r',
  actor: null,
  lookups,
})

const ask = async (
  source: string,
  lookups: Record<string, LookupGrant> | null,
  people: readonly object[] = [named('ada')],
) => {
  ran.length = 0
  const result = await graphql({
    schema,
    source,
    variableValues: { people },
    contextValue: { grant: lookups === null ? null : grantOf(lookups) },
  })
  const errors = (result.errors ?? []).map((error) => [error.path?.join('.'), error.extensions['code']])
  return { data: JSON.parse(JSON.stringify(result.data ?? null)) as unknown, errors, ran: [...ran] }
}
const entities = (selection: string, alias = '_entities') =>
  `query ($people: [_Any!]!) { ${alias === '_entities' ? '' : `${alias}: `}_entities(representations: $people) { ... on Person { ${selection} } } }`

describe('a subgraph checks the grant itself', () => {
  test('a direct call gives unprotected fields only, and no protected resolver runs', async () => {
    const answer = await ask('{ people { pid name email ssn address { city street } } }', null)
    expect(answer.data).toEqual({
      people: [{ pid: 'ada', name: 'n', email: null, ssn: null, address: { city: 'c', street: null } }],
    })
    expect(answer.errors.toSorted(([a], [b]) => String(a).localeCompare(String(b)))).toEqual([
      ['people.0.address.street', 'GRANT_MISSING'],
      ['people.0.email', 'GRANT_MISSING'],
      ['people.0.ssn', 'GRANT_MISSING'],
    ])
    expect(answer.ran).toEqual(['name'])
  })

  test('a root field cannot be granted, whatever the grant says of its name', async () => {
    const answer = await ask('{ people { email } _entities: people { email } }', {
      people: { scopes: ['contact'] },
      _entities: { scopes: ['contact'] },
    })
    expect(answer.ran).toEqual([])
  })

  test('a granted alias is answered, value types inside included', async () => {
    const answer = await ask(entities('email ssn address { street }', 'a'), {
      a: { scopes: ['contact', 'identity'] },
    })
    expect(answer.errors).toEqual([])
    expect(answer.data).toEqual({ a: [{ email: 'e', ssn: '1', address: { street: 's' } }] })
  })

  test('an alias inside a fragment is the same alias', async () => {
    const answer = await ask(
      'query ($people: [_Any!]!) { ...F } fragment F on Query { ... { a: _entities(representations: $people) { ... on Person { email } } } }',
      { a: { scopes: ['contact'] } },
    )
    expect(answer.ran).toEqual(['email'])
  })

  test('another alias of the same request is not granted by it', async () => {
    const answer = await ask(
      `query ($people: [_Any!]!) {
        a: _entities(representations: $people) { ... on Person { email } }
        b: _entities(representations: $people) { ... on Person { email } }
        __proto__: _entities(representations: $people) { ... on Person { email } }
      }`,
      { a: { scopes: ['contact'] } },
    )
    expect(answer.errors.map(([path]) => path)).toEqual(['b.0.email', '__proto__.0.email'])
    expect(answer.ran).toEqual(['email'])
  })

  test('one group must be granted whole; alternatives are alternatives', async () => {
    expect((await ask(entities('trait risk'), { _entities: { scopes: ['profiling'] } })).ran).toEqual([
      'trait',
    ])
    expect(
      (await ask(entities('trait risk'), { _entities: { scopes: ['profiling', 'analytics'] } })).ran,
    ).toEqual(['trait', 'risk'])
    expect((await ask(entities('trait risk'), { _entities: { scopes: [] } })).ran).toEqual([])
  })

  test('a person inside a person is refused: that person was not asked', async () => {
    const answer = await ask(entities('email friends { pid email }'), { _entities: { scopes: ['contact'] } })
    expect(answer.errors).toEqual([['_entities.0.friends.0.email', 'GRANT_MISSING']])
    expect(answer.ran).toEqual(['email'])
  })

  test('an inner list answered under the name of a granted lookup is not that lookup', async () => {
    const answer = await ask(entities('_entities: friends { email }'), { _entities: { scopes: ['contact'] } })
    expect(answer.errors).toEqual([['_entities.0._entities.0.email', 'GRANT_MISSING']])
    expect(answer.ran).toEqual([])
  })

  test('a person inside who cannot be asked for by key is not answered as the outer one', async () => {
    const answer = await ask(entities('ward { pid email }'), { _entities: { scopes: ['contact'] } })
    expect(answer.data).toEqual({ _entities: [{ ward: { pid: 'cyd', email: null } }] })
  })

  test('a type of nobody that shares an interface with people is not fenced', async () => {
    const answer = await ask('{ contacts { email } }', null)
    expect(answer.errors).toEqual([['contacts.0.email', 'GRANT_MISSING']])
    expect(answer.ran).toEqual(['company email'])
    expect((await ask(entities('employer { email }'), null)).ran).toEqual(['company email'])
  })

  test('a rule on a whole type spares its keys and __typename', async () => {
    const source =
      'query ($people: [_Any!]!) { _entities(representations: $people) { ... on Secret { __typename pid word } } }'
    const answer = await ask(source, null, [{ __typename: 'Secret', pid: 'ada' }])
    expect(answer.data).toEqual({ _entities: [{ __typename: 'Secret', pid: 'ada', word: null }] })
    expect(answer.ran).toEqual([])
  })

  test('and the way to a composite subject key, not what stands beside it', async () => {
    const source =
      'query ($people: [_Any!]!) { _entities(representations: $people) { ... on Claim { holder { pid iban } } } }'
    const claims = [{ __typename: 'Claim', no: 'c1' }]
    const refused = await ask(source, null, claims)
    expect(refused.data).toEqual({ _entities: [{ holder: { pid: 'ada', iban: null } }] })
    expect(refused.ran).toEqual([])
    expect((await ask(source, { _entities: { scopes: ['vault'] } }, claims)).ran).toEqual(['iban'])
  })

  describe('an anonymous lookup', () => {
    const anonymous = { _entities: { scopes: ['recs', 'contact'], anonymous: true } } as const

    test('answers the default for the reserved key', async () => {
      expect((await ask(entities('tips'), anonymous, [named('anonymous')])).ran).toEqual(['tips'])
    })

    test('refuses a real person, also beside the reserved key', async () => {
      const answer = await ask(entities('tips'), anonymous, [named('anonymous'), named('ada')])
      expect(answer.errors).toEqual([['_entities.1.tips', 'GRANT_MISSING']])
    })

    test('refuses fields without a default for nobody', async () => {
      expect((await ask(entities('email ssn'), anonymous, [named('anonymous')])).ran).toEqual([])
    })
  })

  test('the message names the coordinate only', async () => {
    const { errors } = await graphql({
      schema,
      source: '{ people { email } }',
      contextValue: { grant: null },
    })
    expect(errors?.[0]?.message).toBe('Person.email needs a grant that this request does not carry')
  })

  test('a schema that does not link the words is refused', () => {
    const plain = buildSubgraphSchema({ typeDefs: parse('type Query { a: Int }') })
    expect(() => enforceGrants(plain, () => null)).toThrow(/does not link/)
  })
})
