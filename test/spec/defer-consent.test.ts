import { describe, expect, test } from 'vitest'
import { peopleGraph, canary } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld, type WorldOptions } from '../support/world.ts'

const email = (person: string): string => canary(person, 'email')

const ada = (): WorldOptions => ({ ...peopleGraph, consents: structuredClone(peopleGraph.consents) })

const told = (increments: readonly { path: readonly unknown[]; label?: string; data?: unknown }[]) =>
  increments.map(({ path, label, data }) => ({ at: path.join('.'), ...(label && { label }), data }))

describe('what is deferred is fetched, judged and told after the rest', () => {
  test('a protected field waits, and is asked for only then', async () => {
    const world = createWorld(ada())
    const { first, rest } = await world.askInParts(
      '{ person(id: "ada") { name ... @defer(label: "contact") { email } } }',
    )
    expect(first.data).toEqual({ person: { name: 'Ada' } })
    expect(sentLines(first.sent)).toEqual(['people: person{name id}'])
    expect(first.consentCalls).toEqual([])

    const later = await rest?.()
    expect(told(later?.increments ?? [])).toEqual([
      { at: 'person', label: 'contact', data: { email: email('ada') } },
    ])
    expect(sentLines(later?.sent ?? [])).toEqual(['people: _entities(Person ada){id email}'])
    expect(later?.records).toMatchObject([
      { subject: 'ada', granted: { 'Person.email': ['receipt-ada-contact'] } },
    ])
  })

  test('each part decides about what it asks, and its record says no more', async () => {
    const world = createWorld(ada())
    const { first, rest } = await world.askInParts('{ person(id: "ada") { email ... @defer { phone } } }')
    const decided = (records: readonly { granted: object; denied: object }[] = []) =>
      records.map(({ granted, denied }) => [...Object.keys(granted), ...Object.keys(denied)])
    expect(decided(first.records)).toEqual([['Person.email']])
    expect(decided((await rest?.())?.records)).toEqual([['Person.phone']])
  })

  test('a withdrawal between the parts withholds the deferred one', async () => {
    const options = ada()
    const world = createWorld(options)
    const { first, rest } = await world.askInParts('{ person(id: "ada") { email ... @defer { phone } } }')
    expect(first.data).toEqual({ person: { email: email('ada') } })
    ;(options.consents as Record<string, object>)['ada'] = { contact: 'withdrawn' }
    const later = await rest?.()
    expect(later?.increments).toMatchObject([
      { path: ['person'], data: null, errors: [{ extensions: { code: 'WITHHELD', reason: 'WITHDRAWN' } }] },
    ])
    expect(sentLines(later?.sent ?? [])).toEqual([])
  })

  test('so it is for a value that the first part has shown already', async () => {
    const options = ada()
    const world = createWorld(options)
    const { first, rest } = await world.askInParts(
      '{ person(id: "ada") { email ... @defer { name email } } }',
    )
    expect(first.data).toEqual({ person: { email: email('ada') } })
    ;(options.consents as Record<string, object>)['ada'] = { contact: 'withdrawn' }
    const later = await rest?.()
    expect(later?.increments).toMatchObject([
      {
        path: ['person'],
        data: { name: 'Ada', email: null },
        extensions: { consent: { withheld: [{ coordinate: 'Person.email', reason: 'WITHDRAWN' }] } },
      },
    ])
  })

  test('each person of a list is told about in a part of their own', async () => {
    const { first, rest } = await createWorld(ada()).askInParts(
      '{ people(ids: ["ada", "bo", "cyd"]) { id ... @defer { email } } }',
    )
    expect(first.data).toEqual({ people: [{ id: 'ada' }, { id: 'bo' }, { id: 'cyd' }] })
    const later = await rest?.()
    expect(told(later?.increments ?? [])).toEqual([
      { at: 'people.0', data: { email: email('ada') } },
      { at: 'people.1', data: { email: null } },
      { at: 'people.2', data: { email: email('cyd') } },
    ])
    expect(later?.consentCalls).toEqual([['ada', 'bo', 'cyd']])
    expect(sentLines(later?.sent ?? [])).toEqual(['people: _entities(Person ada, cyd){id email}'])
  })

  test('the input of a deferred field waits with it', async () => {
    const { first, rest } = await createWorld(ada()).askInParts(
      '{ person(id: "ada") { name ... @defer { churn } } }',
    )
    expect(sentLines(first.sent)).toEqual(['people: person{name id}'])
    const later = await rest?.()
    expect(told(later?.increments ?? [])).toEqual([
      { at: 'person', data: { churn: `${canary('ada', 'churn')} from ${email('ada')}` } },
    ])
  })

  test('people reached through a deferred field are judged as themselves', async () => {
    const { first, rest } = await createWorld(ada()).askInParts(
      '{ person(id: "ada") { name ... @defer { neighbours { name email } } } }',
    )
    expect(first.data).toEqual({ person: { name: 'Ada' } })
    const later = await rest?.()
    expect(told(later?.increments ?? [])).toEqual([
      {
        at: 'person',
        data: {
          neighbours: [
            { name: 'Bo', email: null },
            { name: 'Cyd', email: email('cyd') },
          ],
        },
      },
    ])
  })

  test('another subgraph is asked only for the deferred part', async () => {
    const { first, rest } = await createWorld(ada()).askInParts(
      '{ person(id: "ada") { name ... @defer { score } } }',
    )
    expect(first.data).toEqual({ person: { name: 'Ada' } })
    expect(sentLines(first.sent)).toEqual(['people: person{name id}'])
    const later = await rest?.()
    expect(told(later?.increments ?? [])).toEqual([{ at: 'person', data: { score: 3 } }])
    expect(sentLines(later?.sent ?? [])).toHaveLength(1)
  })

  test('a part deferred inside another is a part of its own, told after it', async () => {
    const { rest } = await createWorld(ada()).askInParts(
      `{ person(id: "ada") { name ... @defer(label: "outer") { bestFriend { name ... @defer(label: "inner") { email } } } } }`,
    )
    expect(told((await rest?.())?.increments ?? [])).toEqual([
      { at: 'person', label: 'outer', data: { bestFriend: { name: 'Bo' } } },
      { at: 'person.bestFriend', label: 'inner', data: { email: null } },
    ])
  })

  test('what does not apply, or is nobody, is told nothing about', async () => {
    const { first, rest } = await createWorld(ada()).askInParts(
      `{ maybePeople(ids: ["ada", "nobody"]) { id ... @defer { name } }
         search(q: "") { __typename ... on Company { id ... @defer(label: "firm") { email } } } }`,
    )
    expect(first.data).toEqual({
      maybePeople: [{ id: 'ada' }, null],
      search: [{ __typename: 'Person' }, { __typename: 'Company', id: 'acme' }, { __typename: 'Person' }],
    })
    expect(told((await rest?.())?.increments ?? [])).toEqual([
      { at: 'maybePeople.0', data: { name: 'Ada' } },
      { at: 'search.1', label: 'firm', data: { email: 'office@acme.example' } },
    ])
  })

  test('an `if` that is not true defers nothing', async () => {
    const world = createWorld(ada())
    await expect(
      world.askInParts(
        'query ($later: Boolean!) { person(id: "ada") { name ... @defer(if: $later) { email } } }',
        {
          variables: { later: false },
        },
      ),
    ).rejects.toThrow('nothing is deferred')
    const { rest } = await world.askInParts(
      'query ($later: Boolean!) { person(id: "ada") { name ... @defer(if: $later) { email } } }',
      { variables: { later: true } },
    )
    expect((await rest?.())?.increments).toHaveLength(1)
  })

  test('who reads no parts is answered at once', async () => {
    const asked = await createWorld(ada()).ask('{ person(id: "ada") { name ... @defer { email } } }')
    expect(asked.data).toEqual({ person: { name: 'Ada', email: email('ada') } })
    expect(asked.sent.some(({ document }) => document.includes('@defer'))).toBe(false)
  })

  test('a failing subgraph fails the part that needs it', async () => {
    const { first, rest } = await createWorld({
      ...ada(),
      tamper: (request, response) => {
        if (request.subgraph === 'insights') throw new Error('down')
        return response
      },
    }).askInParts('{ person(id: "ada") { name ... @defer { score } } }')
    expect(first.errors).toBeUndefined()
    expect((await rest?.())?.increments).toMatchObject([
      { path: ['person'], data: { score: null }, errors: [{ path: ['person', 'score'] }] },
    ])
  })

  test('after a mutation, what is deferred is asked of the same answer, and the mutation is not repeated', async () => {
    const { first, rest } = await createWorld(ada()).askInParts(
      'mutation { rename(id: "ada", name: "Adah") { name ... @defer { email } } }',
    )
    expect(first.data).toEqual({ rename: { name: 'Adah' } })
    const later = await rest?.()
    expect(told(later?.increments ?? [])).toEqual([{ at: 'rename', data: { email: email('ada') } }])
    expect(sentLines(later?.sent ?? [])).toEqual(['people: _entities(Person ada){id email}'])
  })
})
