import { describe, expect, test } from 'vitest'
import { AssentError } from '../../gateway/errors.ts'
import type { SubgraphResponse } from '../../gateway/ports.ts'
import { canariesIn } from '../support/canaries.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { type Asked, createWorld, type ReceivedRequest } from '../support/world.ts'
import { errorLines } from './permission-table/row.ts'

type Tamper = (request: ReceivedRequest, response: SubgraphResponse) => SubgraphResponse

const NEIGHBOURS = {
  contacts: [{ __typename: 'Person' }, { __typename: 'Company' }, { __typename: 'Person' }],
}
const THREE = '{ people(ids: ["ada", "bo", "cyd"]) { name email } contacts { __typename } }'

const ask = (tamper: Tamper, query = THREE): Promise<Asked> =>
  createWorld({ ...peopleGraph, tamper }).ask(query)

/** Changes what one subgraph answers to lookups; the list is Ada and Cyd, who gave. */
const entities =
  (change: (list: Record<string, unknown>[]) => unknown): Tamper =>
  ({ document }, response) => {
    if (!document.includes('_entities')) return response
    const { _e0: list } = response.data as { _e0: Record<string, unknown>[] }
    return { ...response, data: { _e0: change(list) } }
  }

/** What reached the client, or went on to another subgraph. */
const shown = ({ data, errors, extensions, sent }: Asked): string[] =>
  canariesIn({
    data,
    extensions,
    errors: (errors ?? []).map((error) => ({ ...error.toJSON(), stack: error.stack })),
    sent: sent.map(({ document, variables, grant }) => ({ document, variables, grant })),
  })

const without = (object: Record<string, unknown>, key: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))

const NOTHING = {
  people: [
    { name: 'Ada', email: null },
    { name: 'Bo', email: null },
    { name: 'Cyd', email: null },
  ],
  ...NEIGHBOURS,
}

describe('entities other than those that were asked for', () => {
  const cases: Readonly<Record<string, (list: Record<string, unknown>[]) => unknown>> = {
    'in another order': (list) => list.toReversed(),
    'one too many': (list) => [...list, { __typename: 'Person', id: 'bo', email: canary('bo', 'email') }],
    'one too few': (list) => list.slice(0, 1),
    'none at all': () => [],
    'another person’s': ([, cyd]) => [{ __typename: 'Person', id: 'bo', email: canary('bo', 'email') }, cyd],
    'one person for all': ([ada]) => [ada, ada],
    'of another type': (list) => list.map((one) => ({ ...one, __typename: 'Company' })),
    'of a type that is no text': (list) =>
      list.map((one) => ({ ...one, __typename: { toString: 'Person' } })),
    'of no type': (list) => list.map((one) => without(one, '__typename')),
    'of a type every object inherits': (list) => list.map((one) => ({ ...one, __typename: '__proto__' })),
    'without a key': (list) => list.map((one) => without(one, 'id')),
    'with a key that only prints alike': (list) => list.map((one) => ({ ...one, id: [one['id']] })),
    'with the key of nobody': (list) => list.map((one) => ({ ...one, id: 'anonymous' })),
    'as lists': (list) => list.map((one) => [one]),
    'as texts': (list) => list.map((one) => JSON.stringify(one)),
    'as an object': (list) => Object.fromEntries(list.entries()),
    'as a text': () => canary('ada', 'email'),
  }

  for (const [title, change] of Object.entries(cases))
    test(`${title}: refused whole, at every place, and the rest is served`, async () => {
      const asked = await ask(entities(change))
      expect(asked.data).toEqual(NOTHING)
      expect(errorLines(asked)).toEqual([
        'SUBGRAPH_ENTITY_MISMATCH people.0.email',
        'SUBGRAPH_ENTITY_MISMATCH people.2.email',
      ])
      expect(asked.withheld).toEqual(['Person.email people.@.email REFUSED 1'])
      expect(shown(asked)).toEqual([])
    })

  test('null stands for a person who is not there', async () => {
    const asked = await ask(entities(([, cyd]) => [null, cyd]))
    expect(asked.data).toEqual({
      people: [
        { name: 'Ada', email: null },
        { name: 'Bo', email: null },
        { name: 'Cyd', email: canary('cyd', 'email') },
      ],
      ...NEIGHBOURS,
    })
    expect(asked.errors).toBeUndefined()
  })

  test('a default for nobody that is somebody’s is refused', async () => {
    const tamper: Tamper = ({ subgraph }, response) =>
      subgraph === 'insights'
        ? { ...response, data: { _e0: [{ __typename: 'Person', id: 'ada', hint: canary('ada', 'hint') }] } }
        : response
    const asked = await ask(tamper, '{ person(id: "bo") { name hint } }')
    expect(asked.data).toEqual({ person: { name: 'Bo', hint: null } })
    expect(errorLines(asked)).toEqual(['SUBGRAPH_ENTITY_MISMATCH person.hint'])
    expect(shown(asked)).toEqual([])
  })

  test('one bad partition leaves the other alone', async () => {
    const tamper: Tamper = ({ subgraph }, response) =>
      subgraph === 'insights'
        ? { ...response, data: { ...(response.data as object), _e1: [{ __typename: 'Person', id: 'bo' }] } }
        : response
    const asked = await ask(tamper, '{ people(ids: ["ada", "bo"]) { hint } }')
    expect(asked.data).toEqual({ people: [{ hint: canary('ada', 'hint') }, { hint: null }] })
    expect(errorLines(asked)).toEqual(['SUBGRAPH_ENTITY_MISMATCH people.1.hint'])
  })
})

describe('answers nobody asked for', () => {
  test('what is sent unasked is not kept, shown or sent on', async () => {
    const secrets = { email: canary('bo', 'email'), ssn: canary('bo', 'ssn'), hint: canary('bo', 'hint') }
    const tamper: Tamper = ({ document, subgraph }, response) => {
      if (subgraph === 'insights') throw new AssentError('SUBGRAPH_UNREACHABLE', subgraph)
      return document.includes('_entities')
        ? response
        : { ...response, data: { person: { __typename: 'Person', id: 'bo', name: 'Bo', ...secrets } } }
    }
    const asked = await ask(tamper, '{ person(id: "bo") { name email ssn hint churn } }')
    expect(asked.data).toEqual({ person: { name: 'Bo', email: null, ssn: null, hint: null, churn: null } })
    expect(shown(asked)).toEqual([])
    expect(errorLines(asked)).toEqual(['SUBGRAPH_UNREACHABLE person.hint'])
  })

  test('a second subgraph cannot say who somebody is', async () => {
    const tamper: Tamper = ({ subgraph }, response) =>
      subgraph === 'insights'
        ? { ...response, data: { _e0: [{ score: 2, id: 'ada', __typename: 'Person' }] } }
        : response
    const asked = await ask(tamper, '{ person(id: "bo") { id score email } }')
    expect(asked.data).toEqual({ person: { id: 'bo', score: null, email: null } })
    expect(errorLines(asked)).toEqual(['SUBGRAPH_ENTITY_MISMATCH person.score'])
    expect(asked.consentCalls).toEqual([['bo']])
    expect(shown(asked)).toEqual([])
  })

  test('a body with the keys every object inherits changes no object', async () => {
    const evil =
      '{ "__proto__": { "polluted": "yes" }, "constructor": { "prototype": { "polluted": "yes" } } }'
    const tamper: Tamper = (_, response) => ({ ...response, data: poison(response.data, evil) })
    const asked = await ask(tamper)
    expect((asked.data as { people: unknown[] }).people).toHaveLength(3)
    expect(({} as { polluted?: string }).polluted).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(JSON.stringify(asked.data)).not.toContain('polluted')
  })
})

const poison = (value: unknown, evil: string): unknown => {
  if (Array.isArray(value)) return value.map((one) => poison(one, evil))
  if (typeof value !== 'object' || value === null) return value
  const poisoned = JSON.parse(evil) as Record<string, unknown>
  for (const [key, one] of Object.entries(value)) poisoned[key] = poison(one, evil)
  return poisoned
}

describe('garbage instead of an answer', () => {
  for (const [title, data] of Object.entries({
    'a text': 'canary:ada:email',
    'a number': 5,
    'a list': [{ person: { name: 'canary:ada:name' } }],
    nothing: null,
  }))
    test(`${title} is an error at every root field`, async () => {
      const asked = await ask(() => ({ data, errors: [] }), '{ person(id: "ada") { name } shops { sku } }')
      expect(errorLines(asked)).toEqual([
        'SUBGRAPH_RESPONSE_INVALID person',
        'SUBGRAPH_RESPONSE_INVALID shops',
      ])
      expect(asked.data).toBeNull()
      expect(shown(asked)).toEqual([])
    })

  const shapes: readonly (readonly [string, unknown, unknown, string])[] = [
    ['an object for a text', { name: { secret: canary('ada', 'ssn') } }, { name: null }, 'person.name'],
    ['a list for a text', { name: [canary('ada', 'ssn')] }, { name: null }, 'person.name'],
    ['a text for an object', { address: canary('ada', 'street') }, { address: null }, 'person.address'],
    [
      'a list for an object',
      { address: [{ city: canary('ada', 'city') }] },
      { address: null },
      'person.address',
    ],
    ['a text for a key', { id: { of: canary('ada', 'id') } }, null, 'person.id'],
    ['an object for a list', { household: { id: 'ada' } }, null, 'person.household'],
    ['a text in a list', { household: [canary('ada', 'ssn')] }, null, 'person.household.0'],
  ]
  for (const [title, person, answered, path] of shapes)
    test(`${title} is an error where it stands`, async () => {
      const [field] = Object.keys(person as object)
      const inner = field === 'address' ? ' { city }' : field === 'household' ? ' { name }' : ''
      const asked = await ask(
        () => ({ data: { person }, errors: [] }),
        `{ person(id: "ada") { ${field}${inner} } }`,
      )
      expect(asked.data).toEqual({ person: answered })
      expect(errorLines(asked)).toEqual([`SUBGRAPH_RESPONSE_INVALID ${path}`])
      expect(shown(asked)).toEqual([])
    })

  test('null where it may not be is an error and empties the nearest place that may be null', async () => {
    const asked = await ask(
      () => ({ data: { person: { household: [{ name: 'Bo' }, null] } }, errors: [] }),
      '{ person(id: "ada") { household { name } } }',
    )
    expect(asked.data).toEqual({ person: null })
    expect(errorLines(asked)).toEqual(['NON_NULL person.household.1'])
  })

  test('a type the graph does not have is nobody', async () => {
    const asked = await ask(
      () => ({ data: { contacts: [{ __typename: 'Alien', email: canary('ada', 'email') }] }, errors: [] }),
      '{ contacts { email } }',
    )
    expect(asked.data).toBeNull()
    expect(shown(asked)).toEqual([])
    expect(sentLines(asked.sent)).toHaveLength(1)
  })

  for (const [title, typename] of [
    ['says no type', {}],
    ['says the interface’s name', { __typename: 'Contactable' }],
    ['says a type that is not behind the interface', { __typename: 'Shop' }],
    ['says a list of types', { __typename: ['Company'] }],
  ] as const)
    test(`what ${title} where people may be is nobody, and shows nothing`, async () => {
      const asked = await ask(
        (_, response) => ({
          ...response,
          data: { contacts: [{ ...typename, email: canary('bo', 'email'), _assent_Person_id: 'bo' }] },
        }),
        '{ contacts { email } }',
      )
      expect(shown(asked)).toEqual([])
      expect([null, JSON.stringify({ contacts: [{ email: null }] })]).toContain(
        asked.data === null ? null : JSON.stringify(asked.data),
      )
    })

  test('a key that is no text is nobody’s, and nothing protected is asked', async () => {
    for (const id of [{ id: 'ada' }, ['ada'], true, '', 1.5, null]) {
      const asked = await ask(
        (_, response) => ({ ...response, data: { person: { __typename: 'Person', name: 'Ada', id } } }),
        '{ person(id: "ada") { name email } }',
      )
      expect(asked.data).toEqual({ person: { name: 'Ada', email: null } })
      expect(asked.withheld).toEqual(['Person.email person.email UNKNOWN_SUBJECT 1'])
      expect(asked.consentCalls).toEqual([])
      expect(sentLines(asked.sent)).toEqual(['people: person{name id}'])
    }
  })

  test('the key of nobody on a real person is nobody’s', async () => {
    const asked = await ask(
      (_, response) => ({
        ...response,
        data: { person: { __typename: 'Person', name: 'Ada', id: 'anonymous' } },
      }),
      '{ person(id: "ada") { name email } }',
    )
    expect(asked.data).toEqual({ person: { name: 'Ada', email: null } })
    expect(asked.withheld).toEqual(['Person.email person.email UNKNOWN_SUBJECT 1'])
  })
})

describe('errors', () => {
  const said = `Ada’s number is ${canary('ada', 'ssn')}`

  test('a subgraph’s own words stay inside; place and code come out', async () => {
    const tamper: Tamper = ({ document }, response) =>
      document.includes('_entities')
        ? {
            data: {
              _e0: [
                { __typename: 'Person', id: 'ada', email: null },
                (response.data as { _e0: unknown[] })._e0[1],
              ],
            },
            errors: [
              {
                message: said,
                path: ['_e0', 0, 'email'],
                extensions: { code: 'MAILBOX_GONE', detail: said },
              },
            ],
          }
        : response
    const asked = await ask(tamper)
    expect(asked.data).toEqual({
      people: [
        { name: 'Ada', email: null },
        { name: 'Bo', email: null },
        { name: 'Cyd', email: canary('cyd', 'email') },
      ],
      ...NEIGHBOURS,
    })
    expect(errorLines(asked)).toEqual(['SUBGRAPH_ERROR people.0.email'])
    expect(asked.errors?.[0]?.extensions['subgraphCode']).toBe('MAILBOX_GONE')
    expect(shown(asked)).toEqual(['cyd:email'])
  })

  test('a code that is a sentence stays inside, too', async () => {
    const asked = await ask(
      () => ({
        data: { person: null },
        errors: [{ message: said, path: ['person'], extensions: { code: said } }],
      }),
      '{ person(id: "ada") { name } }',
    )
    expect(errorLines(asked)).toEqual(['SUBGRAPH_ERROR person'])
    expect(shown(asked)).toEqual([])
  })

  test.each([
    ['Query.person(id:), 1 to 20', 'BAD_USER_INPUT person'],
    ['Query.nothing(id:), 1 to 20', 'SUBGRAPH_ERROR person'],
    ['Query.person(id:), 1 to ada', 'SUBGRAPH_ERROR person'],
    ['Query.person(id:), 1 to 20 and ada', 'SUBGRAPH_ERROR person'],
    [20, 'SUBGRAPH_ERROR person'],
  ])('bounds of an argument are the caller’s to know, and no other words: %s', async (place, line) => {
    const asked = await ask(
      () => ({
        data: { person: null },
        errors: [{ message: said, path: ['person'], extensions: { code: 'BAD_USER_INPUT', place } }],
      }),
      '{ person(id: "ada") { name } }',
    )
    expect(errorLines(asked)).toEqual([line])
    expect(shown(asked)).toEqual([])
  })

  const paths: readonly unknown[] = [
    undefined,
    [],
    'person',
    [{}],
    [null],
    ['__proto__'],
    ['elsewhere', 5],
    7,
  ]
  for (const path of paths)
    test(`an error at ${JSON.stringify(path) ?? 'no path'} is told without its words`, async () => {
      const asked = await ask(
        () => ({ data: null, errors: [{ message: said, path: path as string[] }] }),
        '{ person(id: "ada") { name } }',
      )
      expect(asked.data).toEqual({ person: null })
      expect((asked.errors ?? []).map(({ extensions }) => extensions['code'])).toContain('SUBGRAPH_ERROR')
      expect(shown(asked)).toEqual([])
    })

  const beyond: readonly [
    told: string,
    query: string,
    path: (string | number)[],
    asked: (string | number)[],
  ][] = [
    [
      'a number on a value that is no list',
      '{ person(id: "ada") { name } }',
      ['person', 'name', 491_701],
      ['person', 'name'],
    ],
    ['a number on an object', '{ person(id: "ada") { name } }', ['person', 491_701, 'name'], ['person']],
    ['a number at the root', '{ person(id: "ada") { name } }', [491_701], []],
    [
      'a number beyond an item',
      '{ maybePeople(ids: ["ada"]) { name } }',
      ['maybePeople', 0, 491_701],
      ['maybePeople', 0],
    ],
    [
      'a number that is no position',
      '{ maybePeople(ids: ["ada"]) { name } }',
      ['maybePeople', 0.491_701],
      ['maybePeople'],
    ],
    [
      'a negative number',
      '{ maybePeople(ids: ["ada"]) { name } }',
      ['maybePeople', -491_701],
      ['maybePeople'],
    ],
    [
      'a name inside a list',
      '{ maybePeople(ids: ["ada"]) { name } }',
      ['maybePeople', 'name'],
      ['maybePeople'],
    ],
    [
      'a name that nobody asked',
      '{ person(id: "ada") { name } }',
      ['person', 'name', 'p491701'],
      ['person', 'name'],
    ],
    [
      'nothing',
      '{ rounds { ... on Person { friend: bestFriend { name } } } }',
      ['rounds', 1, 2, 'friend', 'name'],
      ['rounds', 1, 2, 'friend', 'name'],
    ],
  ]
  test.each(beyond)(
    'of a path with %s beyond what was asked, that is not told',
    async (_, query, path, asked) => {
      const answered = await ask(() => ({ data: null, errors: [{ message: said, path }] }), query)
      expect(answered.errors?.map((error) => error.path)).toEqual([asked])
      expect(JSON.stringify(answered.errors)).not.toContain('491701')
    },
  )

  test('one subgraph out of reach leaves what the others know', async () => {
    const tamper: Tamper = ({ subgraph }, response) => {
      if (subgraph === 'insights') throw new AssentError('SUBGRAPH_TIMEOUT', subgraph)
      return response
    }
    const asked = await ask(tamper, '{ people(ids: ["ada", "bo"]) { name email vector score churn } }')
    expect(asked.data).toEqual({
      people: [
        { name: 'Ada', email: canary('ada', 'email'), vector: null, score: null, churn: null },
        { name: 'Bo', email: null, vector: null, score: null, churn: null },
      ],
    })
    expect(errorLines(asked).toSorted()).toEqual([
      'SUBGRAPH_TIMEOUT people.0.churn',
      'SUBGRAPH_TIMEOUT people.0.score',
      'SUBGRAPH_TIMEOUT people.0.vector',
      'SUBGRAPH_TIMEOUT people.1.score',
    ])
    expect(asked.withheld).toEqual([
      'Person.email people.@.email REFUSED 1',
      'Person.vector people.@.vector REFUSED 1',
      'Person.churn people.@.churn REFUSED 1',
    ])
  })

  test('the input of a field that cannot be fetched is missing, not the person', async () => {
    const tamper: Tamper = ({ document, subgraph }, response) => {
      if (subgraph === 'people' && document.includes('_entities'))
        throw new AssentError('SUBGRAPH_UNREACHABLE', subgraph)
      return response
    }
    const asked = await ask(tamper, '{ person(id: "ada") { name score email } }')
    expect(asked.data).toEqual({ person: { name: 'Ada', score: 3, email: null } })
    expect(errorLines(asked)).toEqual(['SUBGRAPH_UNREACHABLE person.email'])
  })
})
