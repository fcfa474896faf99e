import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { meros } from 'meros/browser'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openPeopleDoor, type PeopleDoor } from '../support/open-people-door.ts'
import { canary } from '../support/people-graph.ts'

const QUERY = '{ person(id: "ada") { name ... @defer(label: "contact") { email } } }'
const FIRST = { data: { person: { name: 'Ada' } }, hasNext: true }
const LAST = {
  incremental: [{ data: { email: canary('ada', 'email') }, label: 'contact', path: ['person'] }],
  hasNext: false,
}

let door: PeopleDoor
beforeEach(async () => {
  door = await openPeopleDoor()
})
afterEach(() => door.close())

const post = (accept: string, query = QUERY): Promise<Response> =>
  fetch(`${door.url}/graphql`, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })

const all = async (results: AsyncIterable<unknown>): Promise<unknown[]> => {
  const found: unknown[] = []
  for await (const result of results) found.push(result)
  return found
}

describe('deferred parts are told', () => {
  test.each(['multipart/mixed;deferSpec=20220824,application/json', 'multipart/mixed'])(
    'over multipart, to a client that accepts %s',
    async (accept) => {
      const parts = await meros<unknown>(await post(accept))
      if (parts instanceof Response) throw new Error('not in parts')
      expect((await all(parts)).map((part) => (part as { body: unknown }).body)).toEqual([FIRST, LAST])
    },
  )

  test('over server-sent events', async () => {
    const client = createSseClient({ url: `${door.url}/graphql`, retryAttempts: 0 })
    expect(await all(client.iterate({ query: QUERY }))).toEqual([FIRST, LAST])
    client.dispose()
  })

  test('over WebSocket', async () => {
    const url = `${door.url.replace('http', 'ws')}/graphql`
    const client = createWsClient({ url, webSocketImpl: WebSocket, retryAttempts: 0 })
    expect(await all(client.iterate({ query: QUERY }))).toEqual([FIRST, LAST])
    await client.dispose()
  })

  test('all at once to a client that reads no parts', async () => {
    const response = await post('application/json')
    expect(await response.json()).toEqual({
      data: { person: { name: 'Ada', email: canary('ada', 'email') } },
    })
  })

  test('and an answer that defers nothing comes whole', async () => {
    const response = await post(
      'multipart/mixed;deferSpec=20220824,application/json',
      '{ person(id: "ada") { name } }',
    )
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toEqual({ data: { person: { name: 'Ada' } } })
  })

  test('but not to a client that only reads events of subscriptions in parts', async () => {
    const response = await post('multipart/mixed;subscriptionSpec=1.0,application/json')
    expect(await response.json()).toEqual({
      data: { person: { name: 'Ada', email: canary('ada', 'email') } },
    })
  })
})

describe('what is no deferral is refused', () => {
  const codeOf = async (query: string): Promise<unknown> => {
    const response = await post('application/json', query)
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] }
    return errors[0]?.extensions.code
  }

  test('`@stream` is', async () => {
    expect(await codeOf('{ people(ids: []) @stream { name } }')).toBe('OPERATION_UNSUPPORTED')
  })

  test('a label that is a variable is, where the parts would be told', async () => {
    const query = 'query ($l: String) { person(id: "ada") { ... @defer(label: $l) { name } } }'
    const response = await post('multipart/mixed, application/json', query)
    expect(await response.text()).toContain('GRAPHQL_VALIDATION_FAILED')
  })

  test('a deferred part of an event is', async () => {
    const response = await post('text/event-stream', 'subscription { arrived { ... @defer { name } } }')
    expect(await response.text()).toContain('GRAPHQL_VALIDATION_FAILED')
  })
})
