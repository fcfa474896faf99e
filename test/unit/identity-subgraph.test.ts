import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { beforeEach, describe, expect, test } from 'vitest'
import { normalizeConsent } from '../../directives/link.ts'
import { importRecords } from '../../subgraphs/identity/import-records.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { type CustomerRecord, type IdentityStore, recordKey } from '../../subgraphs/identity/store.ts'
import { createIdentitySubgraph } from '../../subgraphs/identity/subgraph.ts'
import type { Vault } from '../../subgraphs/identity/vault/vault.ts'
import { openTestVault } from '../support/open-test-vault.ts'

const pseudonymizer = createPseudonymizer({
  keys: [{ version: 1, secret: 'a secret for tests, thirty-two bytes or more' }],
  current: 1,
})
const record = (
  givenName: string,
  familyName: string,
  rest: Partial<CustomerRecord> = {},
): CustomerRecord => ({
  source: 'crm',
  recordId: givenName,
  givenName,
  familyName,
  region: 'DE',
  devices: [],
  ...rest,
})
const ada = record('ada', 'lind', { email: 'ada@example.org', householdId: 'h1', company: 'Acme' })
const bo = record('Bo', 'Berg', { email: 'us@example.org', householdId: 'h1' })
const cyd = record('Cyd', 'Carr', { email: 'us@example.org' })
const dee = record('Dee', '')

let store: IdentityStore
let vault: Pick<Vault, 'open' | 'erase'>
/** The questions put to the store, in order: the method and how much it asks for. */
let asked: string[]
let pid: (of: CustomerRecord) => string

beforeEach(async () => {
  const memory = createMemoryIdentityStore()
  const opened = await openTestVault()
  const { owners } = await importRecords([ada, bo, cyd, dee], { store: memory, vault: opened, pseudonymizer })
  pid = (of) => owners.get(recordKey(of)) ?? ''
  asked = []
  vault = {
    ...opened,
    open(names) {
      asked.push(`open ${names.length}`)
      return opened.open(names)
    },
  }
  store = new Proxy(memory, {
    get:
      (target, method: keyof IdentityStore) =>
      (argument: never, ...rest: never[]) => {
        asked.push(`${method} ${Array.isArray(argument) ? (argument as unknown[]).length : argument}`)
        return (target[method] as (...all: never[]) => unknown)(argument, ...rest)
      },
  })
})

async function ask(
  source: string,
  { actor = null as string | null, purpose = 'personalization', client = 'shop', variables = {} } = {},
) {
  const subgraph = createIdentitySubgraph({ store, vault, pseudonymizer })
  const schema = buildSubgraphSchema([
    { typeDefs: normalizeConsent(parse(subgraph.sdl)), resolvers: subgraph.resolvers as never },
  ])
  const contextValue = {
    grant: { actor, purpose, client, request: 'r-1' },
    loaders: subgraph.loaders?.(),
    clock: () => 0,
  }
  const { data, errors } = await graphql({ schema, source, contextValue, variableValues: variables })
  return JSON.parse(JSON.stringify({ data, ...(errors === undefined ? {} : { errors }) }))
}

test('each client knows a person by a pid of its own, and the two cannot be put together', async () => {
  const source = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { partnerPid } } }`
  const of = entities(pid(ada), pid(bo), 'anonymous')
  const [shop, again, desk] = await Promise.all(
    ['shop', 'shop', 'desk'].map(async (client) => (await ask(source, { ...of, client })).data._entities),
  )
  const known = [...shop, ...desk].flatMap(
    ({ partnerPid }: { partnerPid: string | null }) => partnerPid ?? [],
  )
  expect(known).toHaveLength(4)
  expect(known.every((one) => /^x1_[\w-]{43}$/.test(one))).toBe(true)
  expect(new Set(known).size).toBe(4)
  expect(again).toEqual(shop)
  expect(shop[2]).toEqual({ partnerPid: null })
})

const ENTITIES = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { pid displayName email } } }`
const entities = (...pids: string[]) => ({
  variables: { of: pids.map((one) => ({ __typename: 'Customer', pid: one })) },
})

describe('entities', () => {
  test('each answered for itself, in the order asked, unknown ones as null', async () => {
    const { data } = await ask(ENTITIES, entities(pid(bo), 'p1_nobody', pid(ada), pid(bo), pid(dee)))
    const boAnswer = { pid: pid(bo), displayName: 'Bo B.', email: 'us@example.org' }
    expect(data._entities).toEqual([
      boAnswer,
      null,
      { pid: pid(ada), displayName: 'Ada L.', email: 'ada@example.org' },
      boAnswer,
      { pid: pid(dee), displayName: 'Dee', email: null },
    ])
  })

  test('many people cost one question of each kind', async () => {
    await ask(ENTITIES, entities(pid(ada), pid(bo), pid(cyd), pid(dee)))
    expect(asked).toEqual(['records 4', 'open 4'])
  })

  test('an address nobody asked for is not read', async () => {
    await ask(ENTITIES.replace('displayName email', 'region'), entities(pid(ada), pid(bo)))
    expect(asked).toEqual(['records 2'])
  })

  test('the reserved key is nobody: it has a key, no values, and no question is asked about it', async () => {
    const all = `{ pid displayName region email phone identifiers { token } devices { id } accounts { id } household { id } }`
    const { data } = await ask(ENTITIES.replace('{ pid displayName email }', all), entities('anonymous'))
    const { pid: key, ...values } = data._entities[0]
    expect(key).toBe('anonymous')
    expect(new Set(Object.values(values))).toEqual(new Set([null]))
    expect(asked).toEqual([])
  })

  test('what is no pid at all is nobody, and never reaches the store', async () => {
    const { data, errors } = await ask(ENTITIES, entities('\u0000', "' or 1=1", 'x'.repeat(500), ''))
    expect({ data, errors }).toEqual({ data: { _entities: [null, null, null, null] }, errors: undefined })
    expect(asked).toEqual([])
  })

  test('a known person has empty lists where there is nothing', async () => {
    const { data } = await ask(
      ENTITIES.replace('email', 'devices { id } accounts { name stage } identifiers { kind source }'),
      entities(pid(ada), pid(dee)),
    )
    expect(data._entities).toMatchObject([
      {
        devices: [],
        accounts: [{ name: 'Acme', stage: null }],
        identifiers: [{ kind: 'EMAIL', source: 'crm' }],
      },
      { devices: [], accounts: [], identifiers: [] },
    ])
  })

  test('a household lists its members, each a person of their own', async () => {
    const { data } = await ask(
      ENTITIES.replace('email', 'household { id members { pid displayName } }'),
      entities(pid(ada), pid(cyd)),
    )
    expect(data._entities[0].household.members).toEqual([
      { pid: pid(ada), displayName: 'Ada L.' },
      { pid: pid(bo), displayName: 'Bo B.' },
    ])
    expect(data._entities[1].household).toBeNull()
  })
})

describe('queries', () => {
  test('me is the person the grant speaks for', async () => {
    expect((await ask('{ me { pid } }', { actor: pid(bo) })).data).toEqual({ me: { pid: pid(bo) } })
    expect((await ask('{ me { pid } }', { actor: 'p1_nobody' })).data).toEqual({ me: null })
    expect((await ask('{ me { pid } }')).data).toEqual({ me: null })
  })

  test('customer by pid; the reserved key and strangers are null', async () => {
    const query = (key: string) =>
      ask('query ($key: ID!) { customer(pid: $key) { displayName } }', { variables: { key } })
    expect((await query(pid(cyd))).data).toEqual({ customer: { displayName: 'Cyd C.' } })
    expect((await query('anonymous')).data).toEqual({ customer: null })
    expect((await query('p1_nobody')).data).toEqual({ customer: null })
  })

  test('customers, page by page', async () => {
    const query =
      'query ($after: String) { customers(first: 3, after: $after) { nodes { displayName } pageInfo { hasNextPage endCursor } totalCount } }'
    const one = (await ask(query)).data.customers
    expect(one).toMatchObject({
      nodes: [{ displayName: 'Ada L.' }, { displayName: 'Bo B.' }, { displayName: 'Cyd C.' }],
      totalCount: 4,
    })
    expect(one.pageInfo.hasNextPage).toBe(true)
    const two = (await ask(query, { variables: { after: one.pageInfo.endCursor } })).data.customers
    expect(two).toMatchObject({ nodes: [{ displayName: 'Dee' }], pageInfo: { hasNextPage: false } })
    const three = (await ask(query, { variables: { after: two.pageInfo.endCursor } })).data.customers
    expect(three).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false, endCursor: null } })
  })

  test.each([
    ['customers(first: -1)', 'Query.customers(first:), 0 to 500'],
    ['customers(first: 501)', 'Query.customers(first:), 0 to 500'],
    ['customers(after: "SECRET")', 'Query.customers(after:), a cursor of this list'],
  ])('%s is refused, and nothing is read', async (field, place) => {
    const { errors } = await ask(`{ ${field} { totalCount } }`)
    expect(errors).toMatchObject([
      {
        message: `A variable or argument does not fit, or is missing (${place}).`,
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ])
    expect(asked).toEqual([])
  })

  test('resolveIdentity finds the one holder; a shared or unknown identifier names nobody', async () => {
    const query = (kind: string, value: string) =>
      ask(
        'query ($kind: IdentifierKind!, $value: String!) { resolveIdentity(kind: $kind, value: $value) { pid } }',
        { purpose: 'customer_service', variables: { kind, value } },
      )
    expect((await query('EMAIL', ' ADA@Example.org ')).data).toEqual({ resolveIdentity: { pid: pid(ada) } })
    expect((await query('EMAIL', 'us@example.org')).data).toEqual({ resolveIdentity: null })
    expect((await query('EMAIL', 'stranger@example.org')).data).toEqual({ resolveIdentity: null })
    expect((await query('LOYALTY', 'ada@example.org')).data).toEqual({ resolveIdentity: null })
    expect((await query('PHONE', 'not a number')).data).toEqual({ resolveIdentity: null })
  })

  test('resolveIdentity tells nobody but the service desk whether an e-mail is known', async () => {
    const { data, errors } = await ask('{ resolveIdentity(kind: EMAIL, value: "ada@example.org") { pid } }')
    expect(data).toEqual({ resolveIdentity: null })
    expect(errors).toMatchObject([{ extensions: { code: 'PURPOSE_NOT_ALLOWED' } }])
    expect(asked).toEqual([])
  })
})
