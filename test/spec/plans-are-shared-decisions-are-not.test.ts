import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { ConsentContext } from '../../gateway/ports.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { callerWith, createWorld, NO_TRANSPORT, statesOf } from '../support/world.ts'

const QUERY =
  'query ($on: Boolean = true) { people(ids: ["ada", "bo"]) { name email @include(if: $on) vector } }'

describe('one document, many callers', () => {
  test('cold and warm the answer is the same, and so is what is sent', async () => {
    const world = createWorld(peopleGraph)
    const document = parse(QUERY)
    const cold = await world.ask(document)
    const warm = await world.ask(document)
    // Whether it may leave is a question of its own to each.
    expect({ ...warm, mayLeave: null }).toEqual({ ...cold, mayLeave: null })
    expect(cold.sent.length).toBeGreaterThan(0)
  })

  test('a caller with fewer scopes is not answered with another’s plan', async () => {
    const world = createWorld(peopleGraph)
    const document = parse(QUERY)
    const emails = async (scopes: readonly string[]) => {
      const { data } = await world.ask(document, { scopes })
      return (data as { people: { email: unknown; vector: unknown }[] }).people.map(({ email, vector }) => [
        email,
        vector,
      ])
    }
    const ADA_BOTH = [canary('ada', 'email'), canary('ada', 'vector')]
    expect(await emails(['contact', 'profiling'])).toEqual([ADA_BOTH, [null, null]])
    expect(await emails(['contact'])).toEqual([
      [canary('ada', 'email'), null],
      [null, null],
    ])
    expect(await emails([])).toEqual([
      [null, null],
      [null, null],
    ])
    expect(await emails(['profiling'])).toEqual([
      [null, canary('ada', 'vector')],
      [null, null],
    ])
    expect(await emails(['profiling', 'contact'])).toEqual([ADA_BOTH, [null, null]])
  })

  test('in whatever order callers come, each is sent for as if they were the first', async () => {
    const document = parse(QUERY)
    const scopeSets = [[], ['contact', 'profiling'], ['profiling'], [], ['contact']]
    const shared = createWorld(peopleGraph)
    for (const scopes of scopeSets) {
      const warm = await shared.ask(document, { scopes })
      const cold = await createWorld(peopleGraph).ask(QUERY, { scopes })
      expect([warm.data, sentLines(warm.sent)]).toEqual([cold.data, sentLines(cold.sent)])
    }
  })

  test('scopes that print alike are not the same scopes', async () => {
    const world = createWorld(peopleGraph)
    const document = parse('{ person(id: "ada") { email } }')
    await world.ask(document, { scopes: ['contact'] })
    const asked = await world.ask(document, { scopes: ['contact,profiling'] })
    expect(asked.data).toEqual({ person: { email: null } })
  })

  test('a variable that switches a field is read anew each time', async () => {
    const world = createWorld(peopleGraph)
    const document = parse(QUERY)
    const on = await world.ask(document, { variables: { on: true } })
    const off = await world.ask(document, { variables: { on: false } })
    const again = await world.ask(document)
    expect(JSON.stringify(off.data)).not.toContain('email')
    expect(sentLines(off.sent).join()).not.toContain('email')
    expect(again.data).toEqual(on.data)
  })

  test('two operations of one document are two plans', async () => {
    const world = createWorld(peopleGraph)
    const document = parse('query A { person(id: "ada") { email } } query B { person(id: "bo") { name } }')
    const a = await world.ask(document, { operationName: 'A' })
    const b = await world.ask(document, { operationName: 'B' })
    expect([a.data, b.data]).toEqual([
      { person: { email: canary('ada', 'email') } },
      { person: { name: 'Bo' } },
    ])
  })

  test('consent that changed since the plan was made is what counts', async () => {
    let given = true
    const world = createWorld({
      ...peopleGraph,
      consent: {
        load: async (subjects) => statesOf({ ada: { contact: given ? 'given' : 'withdrawn' } }, subjects),
      },
    })
    const document = parse('{ person(id: "ada") { email } }')
    expect((await world.ask(document)).data).toEqual({ person: { email: canary('ada', 'email') } })
    given = false
    const after = await world.ask(document)
    expect(after.data).toEqual({ person: { email: null } })
    expect(sentLines(after.sent)).toEqual(['people: person{id}'])
  })
})

/** A23: the answer of one must never be the answer of another (CVE-2026-23735). */
test('A23: two hundred requests at once, of callers that may and may not, each get their own', async () => {
  const { gateway } = createWorld(peopleGraph)
  const document = parse('query ($id: ID!) { person(id: $id) { id email vector } }')
  const people = ['ada', 'bo', 'cyd', 'dee']
  const scopeSets = [['contact', 'profiling'], ['contact'], []]
  const expected = (id: string, scopes: readonly string[]) => ({
    person: {
      id,
      email: scopes.includes('contact') && ['ada', 'cyd'].includes(id) ? canary(id, 'email') : null,
      vector: scopes.includes('profiling') && id === 'ada' ? canary(id, 'vector') : null,
    },
  })
  const asked = Array.from({ length: 200 }, (_, n) => ({
    id: people[n % 4] ?? '',
    scopes: scopeSets[n % 3] ?? [],
  }))
  const answers = await Promise.all(
    asked.map(({ id, scopes }, n) =>
      gateway.execute({
        document,
        variables: { id },
        caller: callerWith({ scopes }),
        requestId: `request-${n}`,
        ...NO_TRANSPORT,
      }),
    ),
  )
  expect(answers.map(({ data }) => data?.toJSON())).toEqual(
    asked.map(({ id, scopes }) => expected(id, scopes)),
  )
})

test('where the answer will be used is told to those who know what was consented to', async () => {
  const contexts: ConsentContext[] = []
  const world = createWorld({
    ...peopleGraph,
    consent: {
      load: async (subjects, context) => {
        contexts.push(context)
        return statesOf(peopleGraph.consents, subjects)
      },
    },
  })
  const context = { region: 'EU', channel: 'web' }
  await world.gateway.execute({
    document: parse('{ person(id: "ada") { email } }'),
    variables: {},
    caller: { ...callerWith({ scopes: ['contact'] }), context },
    requestId: 'request-1',
    ...NO_TRANSPORT,
  })
  expect(contexts).toEqual([context])
})
