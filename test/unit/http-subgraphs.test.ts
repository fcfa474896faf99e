import { createServer } from 'node:http'
import type { IncomingHttpHeaders, RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UNENDING } from '../../gateway/lifetime.ts'
import { createGrantSigner } from '../../gateway/adapters/grant-signer.ts'
import { createHttpSubgraphs } from '../../gateway/adapters/http-subgraphs.ts'
import type { HttpSubgraphs } from '../../gateway/adapters/http-subgraphs.ts'
import { NO_HEADER_RULES } from '../../gateway/header-rules.ts'

const grant = {
  subgraph: 'features',
  client: 'shop',
  purpose: 'analytics',
  request: 'r1',
  actor: null,
  lookups: {},
}
const request = {
  subgraph: 'features',
  kind: 'query' as const,
  document: '{ a }',
  documentJson: '"{ a }"',
  variables: '{"x":1}',
  grant,
  lifetime: UNENDING,
  incoming: () => undefined,
}

let server: Server
let subgraphs: HttpSubgraphs
let answer: RequestListener
const received: { headers: IncomingHttpHeaders; body: string; url: string | undefined }[] = []

beforeEach(async () => {
  received.length = 0
  server = createServer((incoming, response) => {
    let body = ''
    incoming.on('data', (chunk) => (body += String(chunk)))
    incoming.on('end', () => {
      received.push({ headers: incoming.headers, body, url: incoming.url })
      answer(incoming, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  subgraphs = createHttpSubgraphs({
    urls: new Map([
      ['features', `http://127.0.0.1:${port}/graphql`],
      ['gone', 'http://127.0.0.1:1/graphql'],
    ]),
    sign: createGrantSigner({ secret: 'x'.repeat(32), clock: () => 0, seconds: 30 }),
    timeoutMs: 700,
    maxResponseBytes: 2000,
    connections: 2,
    concurrency: 2,
    queue: 10,
    dedupe: true,
    headers: NO_HEADER_RULES,
    deadlineHeader: null,
    retries: 0,
    retryPercent: 20,
    circuit: { errorPercent: 50, volume: 0, openMs: 1000 },
  })
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await subgraphs.close()
})

const reply =
  (
    body: string | Buffer,
    status = 200,
    headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' },
  ): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(body)

const failure = (): Promise<unknown> =>
  subgraphs.send(request).then(
    () => 'answered',
    (problem: Error & { code: string }) => `${problem.code}: ${problem.message}`,
  )

describe('a subgraph over HTTP', () => {
  it('gets document, variables and signed grant', async () => {
    answer = reply('{"data":{"a":1}}')
    expect(await subgraphs.send(request)).toEqual({ data: { a: 1 }, errors: [] })
    expect(JSON.parse(received[0]?.body ?? '')).toEqual({
      query: '{ a }',
      variables: { x: 1 },
      extensions: { assent: grant },
    })
    expect(received[0]?.headers).toMatchObject({
      'content-digest': expect.any(String),
      signature: expect.any(String),
      'x-request-id': 'r1',
    })
  })

  it('may answer errors beside or instead of data, with any status', async () => {
    answer = reply('{"data":null,"errors":[{"message":"m","path":["a",0]}]}', 500)
    expect(await subgraphs.send(request)).toEqual({ data: null, errors: [{ message: 'm', path: ['a', 0] }] })
  })

  it.each([
    ['HTML', '<html>ada@example.org</html>', { 'content-type': 'text/html' }],
    ['HTML that claims to be JSON', '<html>ada@example.org</html>', undefined],
    ['nothing', '', undefined],
    ['cut JSON', '{"data":{"a":"ada@example.org"', undefined],
    ['a list', '["ada@example.org"]', undefined],
    ['null', 'null', undefined],
    ['neither data nor errors', '{"email":"ada@example.org"}', undefined],
    ['data that is a text', '{"data":"ada@example.org"}', undefined],
    ['data that is a list', '{"data":[1]}', undefined],
    ['errors that are no list', '{"data":{},"errors":{"message":"ada@example.org"}}', undefined],
    ['errors without message', '{"errors":[{"text":"ada@example.org"}]}', undefined],
    ['an error with a strange path', '{"errors":[{"message":"m","path":"ada@example.org"}]}', undefined],
    ['null data without errors', '{"data":null}', undefined],
    ['another charset', '{"data":{}}', { 'content-type': 'application/json; charset=latin1' }],
    ['a coded body', '{"data":{}}', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), undefined],
    ['too much', `{"data":{"a":"${'x'.repeat(3000)}"}}`, undefined],
  ])('that answers %s is refused without repeating it', async (_, body, headers) => {
    answer = reply(body, 200, headers)
    expect(await failure()).toBe(
      'SUBGRAPH_RESPONSE_INVALID: A subgraph answered something that is not a GraphQL response (features).',
    )
  })

  it('is never followed elsewhere', async () => {
    answer = reply('', 307, { location: '/elsewhere' })
    expect(await failure()).toMatch(/^SUBGRAPH_RESPONSE_INVALID/)
    expect(received).toHaveLength(1)
  })

  it('that does not answer in time, or not to the end, is given up', async () => {
    answer = () => undefined
    expect(await failure()).toBe('SUBGRAPH_TIMEOUT: A subgraph did not answer in time (features).')
    answer = (_, response) =>
      void response.writeHead(200, { 'content-type': 'application/json' }).write('{"data":')
    expect(await failure()).toMatch(/^SUBGRAPH_TIMEOUT/)
  })

  it('that cannot be reached is named, its address is not', async () => {
    answer = (incoming) => void incoming.socket.destroy()
    expect(await failure()).toBe('SUBGRAPH_UNREACHABLE: A subgraph cannot be reached (features).')
    await expect(subgraphs.send({ ...request, subgraph: 'gone' })).rejects.toThrow(
      'A subgraph cannot be reached (gone).',
    )
    await expect(subgraphs.send({ ...request, subgraph: 'unknown' })).rejects.toThrow(
      'A subgraph cannot be reached (unknown).',
    )
  })
})
