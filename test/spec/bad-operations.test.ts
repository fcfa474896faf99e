import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { canariesIn } from '../support/canaries.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { callerWith, createWorld, NO_TRANSPORT } from '../support/world.ts'

const world = createWorld(peopleGraph)

/** As the door hands it over: parsed; what validation would refuse is refused before. */
const execute = (text: string, variables: Record<string, unknown> = {}, operationName?: string) =>
  world.gateway.execute({
    document: parse(text),
    variables,
    caller: callerWith({ scopes: world.vocabularyScopes }),
    requestId: 'request-1',
    ...NO_TRANSPORT,
    ...(operationName === undefined ? {} : { operationName }),
  })

const refusal = async (asking: Promise<unknown>) => {
  const error = await asking.then(
    () => expect.fail('it was answered'),
    (cause: unknown) => cause as { code: string; message: string; extensions: Record<string, unknown> },
  )
  return error
}

describe('which operation', () => {
  const two = 'query A { person(id: "bo") { name } } query B { person(id: "ada") { name } }'

  test('of two operations one must be named', async () => {
    expect((await refusal(execute(two))).code).toBe('OPERATION_NAME_MISSING')
  })

  test('the named one is run', async () => {
    expect((await execute(two, {}, 'B')).data?.toJSON()).toEqual({ person: { name: 'Ada' } })
  })

  for (const name of ['C', '', '__proto__'])
    test(`there is none named ${JSON.stringify(name)}`, async () => {
      expect((await refusal(execute(two, {}, name))).code).toBe('OPERATION_RESOLUTION_FAILURE')
    })
})

describe('keys the gateway keeps for itself', () => {
  for (const key of ['_assent_subject_id', '_assent_as_name', '_internal_qp_alias_0'])
    test(`${key} is refused as an alias`, async () => {
      const error = await refusal(execute(`{ person(id: "bo") { ${key}: name } }`))
      expect(error.code).toBe('RESPONSE_KEY_RESERVED')
    })

  test('another field as __typename is refused: it would say what somebody is', async () => {
    const error = await refusal(execute('{ person(id: "bo") { __typename: name email } }'))
    expect(error.code).toBe('RESPONSE_KEY_RESERVED')
  })

  test('also deep in a fragment', async () => {
    const error = await refusal(
      execute('{ contacts { ...F } } fragment F on Person { household { _assent_Person_id: name } }'),
    )
    expect(error.code).toBe('RESPONSE_KEY_RESERVED')
  })

  test('an alias that starts with an underscore is anybody’s', async () => {
    const { data } = await execute('{ _e0: person(id: "ada") { _entities: email _e1: name } }')
    expect(data?.toJSON()).toEqual({ _e0: { _entities: canary('ada', 'email'), _e1: 'Ada' } })
  })
})

describe('variables', () => {
  const QUERY = 'query ($ids: [ID!]!, $on: Boolean!) { people(ids: $ids) { name email @include(if: $on) } }'

  for (const [title, variables, place] of [
    ['missing', { on: true }, '$ids'],
    ['null where it may not be', { ids: null, on: true }, '$ids'],
    ['of another type', { ids: [{ secret: canary('ada', 'ssn') }], on: true }, '$ids'],
    ['a text where a truth value should be', { ids: ['ada'], on: canary('ada', 'email') }, '$on'],
    ['two of them', { ids: [[]], on: 'yes' }, '$ids, $on'],
  ] as const)
    test(`${title}: refused by name, the value is not repeated`, async () => {
      const error = await refusal(execute(QUERY, variables))
      expect(error.code).toBe('BAD_USER_INPUT')
      expect(error.extensions['place']).toBe(place)
      expect(canariesIn([error.message, error.extensions])).toEqual([])
    })

  test('named after what every object inherits is a variable', async () => {
    const { data } = await execute(
      'query ($hasOwnProperty: ID!, $constructor: Boolean!) { person(id: $hasOwnProperty) { email @include(if: $constructor) } }',
      { hasOwnProperty: 'ada', constructor: true },
    )
    expect(data?.toJSON()).toEqual({ person: { email: canary('ada', 'email') } })
  })

  test('named after what every object inherits from is refused, used or not', async () => {
    const variables = JSON.parse('{ "__proto__": { "polluted": "yes" } }') as Record<string, unknown>
    for (const use of ['$__proto__', '"ada"']) {
      const error = await refusal(
        execute(`query ($__proto__: ID!) { person(id: ${use}) { name } }`, variables),
      )
      expect(error.code).toBe('RESPONSE_KEY_RESERVED')
    }
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
  })

  test('that inherit their value have none', async () => {
    const error = await refusal(execute('query ($toString: ID!) { person(id: $toString) { name } }', {}))
    expect(error.code).toBe('BAD_USER_INPUT')
  })

  test('a default stands in', async () => {
    const { data } = await execute(
      'query ($id: ID! = "bo", $on: Boolean = false) { person(id: $id) { name email @include(if: $on) } }',
    )
    expect(data?.toJSON()).toEqual({ person: { name: 'Bo' } })
  })
})

describe('documents that are too much', () => {
  test('doubling fragments are counted, not expanded', async () => {
    const levels = Array.from(
      { length: 40 },
      (_, n) => `fragment F${n} on Person { ...F${n + 1} ...F${n + 1} }`,
    )
    const text = `{ person(id: "bo") { ...F0 } } ${levels.join(' ')} fragment F40 on Person { name }`
    const error = await refusal(execute(text))
    expect(error.code).toBe('OPERATION_TOO_LARGE')
  })

  test('a fragment that leads to itself ends', async () => {
    const error = await refusal(
      execute('{ person(id: "bo") { ...F } } fragment F on Person { name household { ...F } }'),
    )
    expect(error.code).toBe('OPERATION_TOO_LARGE')
  })

  test('a subscription of a graph that has none', async () => {
    const error = await refusal(execute('subscription { person(id: "bo") { name } }'))
    expect(error.code).toBe('OPERATION_UNSUPPORTED')
  })

  test('twenty levels of people are twenty levels of decisions', async () => {
    const deep = Array.from({ length: 20 }).reduce<string>(
      (inner) => `bestFriend { name email ${inner} }`,
      '',
    )
    const asked = await world.ask(`{ person(id: "ada") { ${deep} } }`)
    expect(asked.withheld.length).toBe(10)
    expect(canariesIn(asked)).toEqual(['ada:email'])
    expect(asked.consentCalls).toEqual([['ada', 'bo']])
  })
})
