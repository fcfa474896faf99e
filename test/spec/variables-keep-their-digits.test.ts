import { WebSocket } from 'ws'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPeopleDoor, type PeopleDoor } from '../support/open-people-door.ts'

let door: PeopleDoor
/** The variables of each request to a subgraph, as they were written. */
const sent: string[] = []

beforeEach(async () => {
  sent.length = 0
  door = await openPeopleDoor({
    world: {
      around: (subgraphs) => ({
        send: (request) => {
          sent.push(request.variables)
          return subgraphs.send(request)
        },
      }),
    },
  })
})
afterEach(() => door.close())

const PERSON = JSON.stringify('query ($id: ID!) { person(id: $id) { name } }')

const post = async (body: string): Promise<string> => {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${door.url}/graphql`, { method: 'POST', headers, body })).text()
}

const overWebSocket = async (payload: string): Promise<void> => {
  const socket = new WebSocket(`${door.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send('{"type":"connection_init"}')
  const complete = new Promise<void>((resolve) =>
    socket.on('message', (data: Buffer) => void (data.toString().includes('complete') && resolve())),
  )
  socket.send(`{"id":"1","type":"subscribe","payload":${payload}}`)
  await complete
  socket.terminate()
}

/** One more than a double can tell from its neighbour. */
const ID = '9007199254740993'
const VARIABLES = `{"id":${ID}}`

describe('An identifier that is a number no double holds reaches the subgraph digit by digit', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['in a body', () => post(`{"query":${PERSON},"variables":${VARIABLES}}`)],
    ['in a batch', () => post(`[{"query":${PERSON},"variables":${VARIABLES}}]`)],
    [
      'in a url',
      () => {
        const search = new URLSearchParams({ query: JSON.parse(PERSON) as string, variables: VARIABLES })
        return fetch(`${door.url}/graphql?${search.toString()}`, {
          headers: { 'apollo-require-preflight': '1' },
        })
      },
    ],
    ['over WebSocket', () => overWebSocket(`{"query":${PERSON},"variables":${VARIABLES}}`)],
  ])('%s', async (_, ask) => {
    await ask()
    expect(sent).toEqual([VARIABLES])
  })

  test('within a list', async () => {
    const query = JSON.stringify('query ($ids: [ID!]!) { people(ids: $ids) { name } }')
    await post(`{"query":${query},"variables":{"ids":["ada",${ID}]}}`)
    expect(sent).toEqual([`{"ids":["ada",${ID}]}`])
  })

  test('and the others of a batch are not touched', async () => {
    await post(
      `[{"query":${PERSON},"variables":{"id":7}},{"query":${PERSON}},{"query":${PERSON},"variables":${VARIABLES}}]`,
    )
    expect(sent.toSorted()).toEqual(['{"id":7}', VARIABLES])
  })
})

describe('What is held to a type is held to it as before', () => {
  test.each([
    ['a number for a text', 'query ($v: String!) { search(q: $v) { __typename } }', ID],
    [
      'a number beyond the range for a whole number, as a page size, too,',
      'query ($v: Int!) { person(id: "ada") { note(last: $v) } }',
      ID,
    ],
    ['infinity', 'query ($v: ID!) { person(id: $v) { name } }', '1e400'],
    [
      'a fraction for an identifier',
      'query ($v: ID!) { person(id: $v) { name } }',
      '1.00000000000000000001e-3',
    ],
  ])('%s is refused', async (_, query, value) => {
    const text = await post(`{"query":${JSON.stringify(query)},"variables":{"v":${value}}}`)
    expect(text).toMatch(/"code":"(BAD_USER_INPUT|OPERATION_TOO_COSTLY)"/)
    expect(sent).toEqual([])
  })

  test('a text that looks like one of our marks is no number', async () => {
    await post(String.raw`{"query":${PERSON},"variables":{"id":"\u0000n:5"}}`)
    expect(sent).toEqual(['{"id":"\ufffdn:5"}'])
  })

  test('parameters that are numbers are still none', async () => {
    expect(await post(`{"query":${ID},"variables":${VARIABLES}}`)).toContain('PARAMETERS_INVALID')
    expect(await post(`{"query":${PERSON},"variables":${ID}}`)).toContain('PARAMETERS_INVALID')
  })
})
