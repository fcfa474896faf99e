import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'
import { canariesIn, leaked } from '../support/canaries.ts'
import { openTestDoor } from '../support/open-test-door.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { refusal } from '../support/refusal.ts'
import { type Consents, createWorld, statesOf } from '../support/world.ts'

const EMAILS = parse('{ people(ids: ["ada", "bo"]) { email } }')

describe('what one was answered, another is not', () => {
  test('a client with every scope warms everything; one with none reads nothing, and nothing is fetched for it', async () => {
    const world = createWorld(peopleGraph)
    expect(canariesIn((await world.ask(EMAILS)).data)).toEqual(['ada:email'])
    const nobody = await world.ask(EMAILS, { scopes: [] })
    expect(leaked(nobody, [])).toEqual([])
    expect(nobody.sent.map(({ document }) => document).join()).not.toContain('email')
    expect(canariesIn((await world.ask(EMAILS)).data)).toEqual(['ada:email'])
  })

  test('consent that was withdrawn in between is withdrawn in the very next request', async () => {
    const consents: Consents = { ada: { contact: 'given' } }
    const world = createWorld({
      ...peopleGraph,
      consent: { load: async (subjects) => statesOf(consents, subjects) },
    })
    expect(canariesIn((await world.ask(EMAILS)).data)).toEqual(['ada:email'])
    consents['ada'] = { contact: 'withdrawn' }
    const after = await world.ask(EMAILS)
    expect(leaked(after, [])).toEqual([])
    expect(after.withheld).toContain('Person.email people.@.email WITHDRAWN 1')
  })
})

describe('requests that are alike and under way together', () => {
  test('of clients with different scopes and purposes are each decided and sent for themselves', async () => {
    const world = createWorld(peopleGraph)
    const request = (scopes: readonly string[], purpose: string) => ({ scopes, purpose })
    const callers = Array.from({ length: 40 }, (_, n) =>
      request(n % 2 === 0 ? ['contact'] : [], n % 3 === 0 ? 'marketing' : 'personalization'),
    )
    const answers = await Promise.all(callers.map((caller) => world.ask(EMAILS, caller)))
    for (const [index, { data }] of answers.entries())
      expect(canariesIn(data)).toEqual(callers[index]?.scopes.length === 1 ? ['ada:email'] : [])
  })

  test('of the same text with different variables ask the subgraph for their own', async () => {
    const world = createWorld(peopleGraph)
    const document = parse('query ($id: ID!) { person(id: $id) { name email } }')
    const [ada, cyd] = await Promise.all(
      ['ada', 'cyd'].map((id) => world.ask(document, { variables: { id } })),
    )
    expect(ada?.data).toEqual({ person: { name: 'Ada', email: canary('ada', 'email') } })
    expect(cyd?.data).toEqual({ person: { name: 'Cyd', email: canary('cyd', 'email') } })
  })
})

describe('a plan that is kept changes no verdict', () => {
  const world = createWorld({ ...peopleGraph, limits: DEFAULT_LIMITS })

  test('@include is read anew with each request', async () => {
    const document = parse('query ($on: Boolean!) { person(id: "ada") { name email @include(if: $on) } }')
    for (const on of [false, true, false, true]) {
      const { data, sent } = await world.ask(document, { variables: { on } })
      expect(data).toEqual({ person: on ? { name: 'Ada', email: canary('ada', 'email') } : { name: 'Ada' } })
      expect(sent.length).toBe(on ? 2 : 1)
    }
  })

  test('of two operations in one document each keeps its own', async () => {
    const document = parse('query A { person(id: "ada") { name } } query B { person(id: "bo") { name } }')
    for (const [operationName, name] of [
      ['A', 'Ada'],
      ['B', 'Bo'],
      ['A', 'Ada'],
    ] as const)
      expect((await world.ask(document, { operationName })).data).toEqual({ person: { name } })
  })

  test('every limit is looked at cold and warm', async () => {
    const document = parse(
      'query ($ids: [ID!]!) { people(ids: $ids) { a: name b: name household { household { name } } } }',
    )
    const ask = (limits: object, ids = ['ada']) =>
      world.ask(document, { variables: { ids }, contract: { limits } })
    for (const limits of [
      { depth: 3 },
      { aliases: 1 },
      { selections: 5 },
      { rootFields: 0 },
      { cost: 100 },
      { listItems: 0 },
      { variables: 0 },
    ]) {
      const cold = await refusal(ask(limits))
      expect((await ask({})).errors).toBeUndefined()
      const warm = await refusal(ask(limits))
      expect(warm.message).toBe(cold.message)
    }
  })
})

test('no cache on the way may keep an answer, whatever was withheld from it', async () => {
  const door = await openTestDoor({ execute: async () => ({ data: null }) })
  try {
    const init = { headers: { 'graphql-require-preflight': '1' } }
    const answer = await fetch(
      `${door.url}/graphql?query=${encodeURIComponent('{ customers { pid } }')}`,
      init,
    )
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(answer.headers.get('etag')).toBeNull()
  } finally {
    await door.close()
  }
})
