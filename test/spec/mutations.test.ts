import { describe, expect, test } from 'vitest'
import type { ConsentStatus } from '../../gateway/ports.ts'
import { leaked } from '../support/canaries.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { checkNoLeak } from '../support/property/check-no-leak.ts'
import { createPropertyWorld } from '../support/property/property-world.ts'
import { richGraph } from '../support/property/rich-graph.ts'
import { createWorld, statesOf } from '../support/world.ts'

/** A network in which every mutation takes Ada's consent to contact away, or gives it. */
const changing = (before: ConsentStatus, after: ConsentStatus) => {
  let now = before
  return createWorld({
    ...peopleGraph,
    consent: { load: async (subjects) => statesOf({ ada: { contact: now } }, subjects) },
    tamper: (request, response) => {
      if (request.document.startsWith('mutation')) now = after
      return response
    },
  })
}

describe('a mutation may change consent, so what follows it asks anew', () => {
  const TWICE = `mutation {
    first: rename(id: "ada", name: "Adah") { email }
    second: rename(id: "ada", name: "Ada") { email }
  }`

  test('what was given before and withdrawn by it is withheld after it', async () => {
    const asked = await changing('given', 'withdrawn').ask(
      'mutation { rename(id: "ada", name: "Adah") { name email } }',
    )
    expect(asked.data).toEqual({ rename: { name: 'Adah', email: null } })
    expect(asked.withheld).toEqual(['Person.email rename.email WITHDRAWN 1'])
    expect(leaked(asked, [])).toEqual([])
  })

  test('what was refused before and given by it is shown after it', async () => {
    const asked = await changing('refused', 'given').ask(
      'mutation { rename(id: "ada", name: "Adah") { email } }',
    )
    expect(asked.data).toEqual({ rename: { email: canary('ada', 'email') } })
  })

  test('each of two mutations is followed by a question of its own', async () => {
    let loads = 0
    const world = createWorld({
      ...peopleGraph,
      consent: {
        load: async (subjects) => {
          loads += 1
          return statesOf({ ada: { contact: loads === 1 ? 'given' : 'withdrawn' } }, subjects)
        },
      },
    })
    const asked = await world.ask(TWICE)
    expect(asked.data).toEqual({ first: { email: canary('ada', 'email') }, second: { email: null } })
    expect(asked.consentCalls).toEqual([['ada'], ['ada']])
    expect(sentLines(asked.sent)).toEqual([
      'people: mutation first:rename{id}',
      'people: _entities(Person ada){id email}',
      'people: mutation second:rename{id}',
    ])
  })
})

describe('who is asked about beside a mutation of another subgraph', () => {
  const LINKS = `extend schema
    @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
    @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
    type Person @key(fields: "id") @dataSubject(key: "id") { id: ID!`
  const subgraphs = [
    {
      name: 'shop',
      sdl: `${LINKS} } type Query { open: Boolean } type Mutation { reorder: Person }`,
      resolvers: { Mutation: { reorder: () => ({ id: 'ada' }) } },
    },
    {
      name: 'people',
      sdl: `${LINKS} email: String @requiresScope(scope: "contact") } type Mutation { leave: Boolean }`,
      resolvers: {
        Mutation: { leave: () => true },
        Person: {
          __resolveReference: ({ id }: { readonly id: string }) => ({ id, email: canary(id, 'email') }),
        },
      },
    },
  ]
  const changed = (after: ConsentStatus) => {
    let now: ConsentStatus = 'given'
    return createWorld({
      subgraphs,
      scopes: ['contact'],
      consents: {},
      consent: {
        load: async (subjects) => {
          const status = now
          await new Promise((resolve) => setImmediate(resolve))
          return statesOf({ ada: { contact: status } }, subjects)
        },
      },
      tamper: (request, response) => {
        if (request.document.includes('leave')) now = after
        return response
      },
    })
  }

  test('is asked about after it: a yes that stands is heard, though what was known is forgotten', async () => {
    const { data, sent } = await changed('given').ask('mutation { reorder { email } leave }')
    expect(data).toEqual({ reorder: { email: canary('ada', 'email') }, leave: true })
    expect(sentLines(sent)).toEqual([
      'shop: mutation reorder{id}',
      'people: mutation leave',
      'people: _entities(Person ada){id email}',
    ])
  })

  test('is decided by what they say, in whatever moment the mutation is done', async () => {
    const consents = { bo: { identity: 'given', profiling: 'given' } } as const
    const query = `mutation {
      reorder(no: "o2") { lines { product { boughtBy { passport } } note } }
      befriend(first: "acme", second: "o1") { __typename }
    }`
    const scopes = ['identity', 'profiling', 'crm_contact']
    const one = { operation: { query, variables: {} }, situation: { scopes, consents }, guarded: false }
    expect(await checkNoLeak(createPropertyWorld(richGraph), one)).toEqual([])
  })

  test('is withheld where it took their yes away', async () => {
    const asked = await changed('withdrawn').ask('mutation { reorder { email } leave }')
    expect(asked.data).toEqual({ reorder: { email: null }, leave: true })
    expect(leaked(asked, [])).toEqual([])
  })
})

describe('a mutation runs once, in its order', () => {
  test('also where its operation has a budget: it is neither stopped halfway nor asked again for nobody', async () => {
    const sent: string[] = []
    const { ask } = createWorld({
      ...peopleGraph,
      timer: (_, run) => {
        run()
        return () => undefined
      },
      answering: ({ document }) => void sent.push(document),
    })
    const asked = await ask('mutation { rename(id: "ada", name: "Adah") { name } }', { budgetMs: 1 })
    expect(asked.data).toEqual({ rename: { name: 'Adah' } })
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toHaveLength(1)
  })

  test('what is protected in its answer is read by a query, not by running it again', async () => {
    const { sent } = await createWorld(peopleGraph).ask(
      'mutation { rename(id: "ada", name: "Adah") { name email ssn household { email } } }',
    )
    expect(sent.filter(({ document }) => document.startsWith('mutation'))).toHaveLength(1)
    expect(sentLines(sent)).toEqual([
      'people: mutation rename{name household{id} id}',
      'people: _entities(Person cyd){id email} + _entities(Person ada){id email ssn}',
    ])
  })

  test('mutations that show nothing protected travel together', async () => {
    const { data, sent } = await createWorld(peopleGraph).ask(
      'mutation { a: rename(id: "ada", name: "A") { name } b: rename(id: "bo", name: "B") { name } }',
    )
    expect(data).toEqual({ a: { name: 'A' }, b: { name: 'B' } })
    expect(sentLines(sent)).toEqual([
      'people: mutation a:rename{... Person{name}} + b:rename{... Person{name}}',
    ])
  })

  test('a mutation whose answer is withheld has still run, and says so with nulls', async () => {
    const { data, withheld } = await createWorld(peopleGraph).ask(
      'mutation { rename(id: "bo", name: "Beau") { phone } invite(id: "bo") { note guest { name } } }',
    )
    expect(data).toEqual({ rename: null, invite: { note: 'sent', guest: { name: 'Bo' } } })
    expect(withheld).toEqual(['Person.phone rename.phone REFUSED 1'])
  })
})
