import { describe, expect, test } from 'vitest'
import { canariesIn } from '../support/canaries.ts'
import { openTestDoor } from '../support/open-test-door.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { createWorld } from '../support/world.ts'

/** What bypasses of other gateways led through polymorphism, fragments and spelling is in the permission table. */
describe('A22: side channels', () => {
  const world = createWorld(peopleGraph)
  const quiet = { contract: { disclose: 'coordinate', report: 'none' } } as const

  test('refused, withdrawn, never asked and out of the caller’s reach look alike to a client that is told nothing', async () => {
    const answers = await Promise.all(
      [{ id: 'bo' }, { id: 'dee' }, { id: 'ada', scopes: [] }].map(({ id, ...asked }) =>
        world.ask('query ($id: ID!) { person(id: $id) { ssn } }', { ...quiet, ...asked, variables: { id } }),
      ),
    )
    const told = answers.map(({ data, errors, extensions }) => JSON.stringify({ data, errors, extensions }))
    expect(new Set(told)).toEqual(new Set(['{"data":{"person":{"ssn":null}}}']))
  })

  test('a value in a subgraph’s error stays inside', async () => {
    const graph = createWorld({
      ...peopleGraph,
      tamper: (_, { data }) => ({
        data,
        errors: [{ message: 'canary:bo:ssn', path: ['person'], extensions: { value: 'canary:bo:ssn' } }],
      }),
    })
    const { data, errors, extensions } = await graph.ask('{ person(id: "bo") { name } }')
    expect(canariesIn([data, errors, extensions])).toEqual([])
  })
})

describe('A12: no error tells of what the client may not know', () => {
  const post = async (profile: 'development' | 'production', body: object) => {
    const door = await openTestDoor({ profile, execute: async () => ({ data: null }) })
    try {
      const headers = { 'content-type': 'application/json' }
      return await (
        await fetch(`${door.url}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })
      ).text()
    } finally {
      await door.close()
    }
  }

  test('a developer is helped by names of the schema that clients see', async () => {
    expect(await post('development', { query: '{ customers { emial } }' })).toContain('email')
  })

  test('in production a stranger is told nothing of any field, argument, type or limit', async () => {
    for (const query of [
      '{ customers { emial } }',
      '{ customer(pif: 1) { pid } }',
      '{ ... on Custommer { pid } }',
      `{ customers ${'{ friends '.repeat(40)} { pid ${'} '.repeat(41)} }`,
    ]) {
      const told = await post('production', { query })
      expect(told).toContain('CALLER_UNAUTHENTICATED')
      expect(told).not.toMatch(/Did you mean|email|Customer|limits\./)
    }
  })

  test('the schema that suggestions are made from has nothing inaccessible, of composition or of consent', () => {
    const world = createWorld(peopleGraph)
    const names = Object.keys(world.gateway.apiSchema.getTypeMap())
    expect(names.filter((name) => /join|link|consent|_Entity|_Any|_Service/i.test(name))).toEqual([])
  })
})
