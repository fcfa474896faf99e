import { describe, expect, test } from 'vitest'
import { createGateway } from '../../gateway/gateway.ts'
import { canariesIn } from '../support/canaries.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { callerWith, createWorld, NO_TRANSPORT, NOW, statesOf } from '../support/world.ts'
import { parse } from 'graphql'

const world = createWorld(peopleGraph)

describe('a decision record says who asked, for what, about whom, decided how, by which receipt', () => {
  test('one record a person and subgraph', async () => {
    const { records } = await world.ask('{ people(ids: ["ada", "cyd"]) { email churn score } }')
    const header = {
      at: new Date(NOW).toISOString(),
      request: 'request-1',
      client: 'explorer',
      purpose: 'personalization',
      supergraph: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      revision: '1',
    }
    expect(records).toEqual([
      {
        ...header,
        subject: 'ada',
        subgraph: 'people',
        granted: { 'Person.email': ['receipt-ada-contact'] },
        denied: {},
      },
      {
        ...header,
        subject: 'cyd',
        subgraph: 'people',
        granted: { 'Person.email': ['receipt-cyd-contact'] },
        denied: {},
      },
      {
        ...header,
        subject: 'ada',
        subgraph: 'insights',
        granted: { 'Person.churn': ['receipt-ada-contact', 'receipt-ada-profiling'] },
        denied: {},
      },
      {
        ...header,
        subject: 'cyd',
        subgraph: 'insights',
        granted: {},
        denied: { 'Person.churn': 'WITHDRAWN' },
      },
    ])
  })

  test('no record carries a value', async () => {
    const { records } = await world.ask(
      '{ people(ids: ["ada", "bo", "cyd"]) { name email ssn churn address { street } channels { value } } }',
    )
    expect(records.length).toBeGreaterThan(0)
    expect(canariesIn(records)).toEqual([])
    expect(JSON.stringify(records)).not.toContain('Ada')
  })

  test('a person met in several places is recorded once a subgraph', async () => {
    const { records } = await world.ask(
      '{ person(id: "cyd") { email household { email } } contacts { email } }',
    )
    expect(records.map(({ subject, subgraph }) => `${subject} ${subgraph}`).toSorted()).toEqual([
      'ada people',
      'bo people',
      'cyd people',
    ])
  })

  test('a purpose the caller declared is the purpose that is recorded', async () => {
    const { records } = await world.ask('{ person(id: "ada") { email } }', { purpose: 'customer_service' })
    expect(records.map(({ purpose }) => purpose)).toEqual(['customer_service'])
  })

  test('what is open leaves no record', async () => {
    const { records } = await world.ask('{ people(ids: ["ada"]) { name score } shops { sku } }')
    expect(records).toEqual([])
  })

  test('whose data it is could not be known: that is recorded, too', async () => {
    const nobody = createWorld({
      ...peopleGraph,
      tamper: (_, response) => ({ ...response, data: { person: { __typename: 'Person', id: null } } }),
    })
    const { records } = await nobody.ask('{ person(id: "ada") { email } }')
    expect(records).toEqual([
      expect.objectContaining({
        subject: '(unknown)',
        granted: {},
        denied: { 'Person.email': 'UNKNOWN_SUBJECT' },
      }),
    ])
  })
})

test('what cannot be recorded is not answered', async () => {
  const gateway = createGateway({
    supergraph: world.supergraph,
    subgraphs: { send: async () => ({ data: { person: { __typename: 'Person', id: 'bo' } }, errors: [] }) },
    consent: { load: async (subjects) => statesOf(peopleGraph.consents, subjects) },
    decisionLog: { write: () => Promise.reject(new Error('disk full of canary:ada:email')) },
    clock: () => NOW,
    log: { error: () => undefined },
  })
  const asking = gateway.execute({
    document: parse('{ person(id: "bo") { email } }'),
    variables: {},
    caller: callerWith({ scopes: ['contact'] }),
    requestId: 'request-1',
    ...NO_TRANSPORT,
  })
  await expect(asking).rejects.toMatchObject({
    code: 'DECISION_LOG_UNWRITABLE',
    message: expect.not.stringContaining('canary') as string,
  })
})

test('what is decided last is on record while the subgraph still works', async () => {
  let keep = (): void => undefined
  const kept = new Promise<void>((resolve) => {
    keep = resolve
  })
  const ada = { __typename: 'Person', id: 'ada' }
  const gateway = createGateway({
    supergraph: world.supergraph,
    subgraphs: {
      send: async ({ document }) => {
        if (!document.includes('_entities')) return { data: { person: ada }, errors: [] }
        // Answers nothing before the record is there.
        await kept
        return { data: { _e0: [{ ...ada, email: 'ada@example' }] }, errors: [] }
      },
    },
    consent: { load: async (subjects) => statesOf(peopleGraph.consents, subjects) },
    decisionLog: { write: async () => keep() },
    clock: () => NOW,
    log: { error: () => undefined },
  })
  const { data } = await gateway.execute({
    document: parse('{ person(id: "ada") { email } }'),
    variables: {},
    caller: callerWith({ scopes: ['contact'] }),
    requestId: 'request-1',
    ...NO_TRANSPORT,
  })
  expect(data?.toJSON()).toEqual({ person: { email: 'ada@example' } })
})
