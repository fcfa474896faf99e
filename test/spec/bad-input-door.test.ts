import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { GraphQLError } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayRequest, GatewayResult } from '../../gateway/request.ts'
import type { HttpDoor } from '../../gateway/door/http-door.ts'
import { AssentError } from '../../gateway/errors.ts'
import { JsonText } from '../../gateway/json-text.ts'
import { DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'
import { openTestDoor } from '../support/open-test-door.ts'

const CUSTOMERS = new JsonText('{"customers":[]}')
const reported: unknown[] = []
const executed: GatewayRequest[] = []
let execute: (request: GatewayRequest) => Promise<GatewayResult>
let door: HttpDoor

const openDoor = (profile: 'development' | 'production'): Promise<HttpDoor> =>
  openTestDoor({
    profile,
    execute: (request) => {
      executed.push(request)
      return execute(request)
    },
    report: (details) => void reported.push(details),
    limits: { ...DEFAULT_LIMITS, tokens: 300, depth: 6, aliases: 5, rootFields: 8, selections: 60 },
    http: { maxBodyBytes: 5000, maxHeaderBytes: 4000, loopbackOnly: true },
  })

beforeAll(async () => void (door = await openDoor('development')))
afterAll(() => door.close())
beforeEach(() => {
  reported.length = 0
  executed.length = 0
  execute = async () => ({ data: CUSTOMERS })
})

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly error: { message: string; extensions: Record<string, unknown> } | undefined
}

const post = async (body: unknown, headers: Record<string, string> = {}, url = door.url): Promise<Answer> => {
  const sent =
    typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body)
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: sent,
  })
  return read(answer)
}

const read = async (answer: Response): Promise<Answer> => {
  const text = await answer.text()
  const json = answer.headers.get('content-type')?.includes('json')
    ? (JSON.parse(text) as { errors?: Answer['error'][] })
    : {}
  return { status: answer.status, headers: answer.headers, text, error: json.errors?.[0] }
}

const told = ({ status, error }: Answer): string =>
  `${status} ${String(error?.extensions['code'])} ${String(error?.extensions['place'])}`

const expectCoded = (answer: Answer, expected: string): void => {
  expect(told(answer)).toBe(expected)
  expect(answer.error?.extensions['remedy']).toEqual(expect.any(String))
  expect(answer.text).not.toMatch(/ada@example\.org|stacktrace|node_modules|\.ts:/)
  expect(executed).toEqual([])
}

describe('the door serves', () => {
  it('an operation with its caller, once, and no cache may keep the answer', async () => {
    const answer = await post({
      query: 'query A($n: Int) { customers(first: $n) { pid } }',
      variables: { n: 1 },
    })
    expect(JSON.parse(answer.text)).toEqual({ data: { customers: [] } })
    expect(answer.headers.get('cache-control')).toBe('private, no-store')
    expect(executed).toMatchObject([
      {
        variables: { n: 1 },
        caller: { client: 'explorer' },
        requestId: answer.headers.get('x-request-id'),
      },
    ])
  })

  it('a query by GET that no other site can cause', async () => {
    const url = `${door.url}/graphql?query=${encodeURIComponent('{ customers { pid } }')}`
    expect((await fetch(url, { headers: { 'apollo-require-preflight': '1' } })).status).toBe(200)
    expect(told(await read(await fetch(url)))).toBe('400 REQUEST_FORGEABLE headers')
    const mutation = `${door.url}/graphql?query=${encodeURIComponent('mutation { touch }')}`
    expect((await fetch(mutation, { headers: { 'apollo-require-preflight': '1' } })).status).toBe(405)
  })

  it('its health, and GraphiQL that fetches nothing from elsewhere', async () => {
    expect((await fetch(`${door.url}/health/live`)).status).toBe(200)
    expect((await fetch(`${door.url}/health/ready`)).status).toBe(200)
    const page = await read(await fetch(door.url))
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    const files = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, file]) => file ?? '')
      .filter((file) => !file.startsWith('data:'))
    expect(files.length).toBeGreaterThan(4)
    for (const file of files) {
      expect(file).toMatch(/^\/graphiql\//)
      expect((await fetch(`${door.url}${file}`)).status).toBe(200)
    }
  })

  it('an answer with an error inside as 200, and one that is an error alone with its status', async () => {
    execute = async () => ({
      data: CUSTOMERS,
      errors: [new AssentError('SUBGRAPH_TIMEOUT', 'features', { path: ['customers'] })],
    })
    expect(told(await post({ query: '{ customers { pid } }' }))).toBe('200 SUBGRAPH_TIMEOUT features')
    execute = async () => ({ errors: [new AssentError('DECISION_LOG_UNWRITABLE', 'decisionLog.file')] })
    expect(told(await post({ query: '{ customers { pid } }' }))).toBe(
      '503 DECISION_LOG_UNWRITABLE decisionLog.file',
    )
    execute = () => Promise.reject(new AssentError('PLAN_UNFENCED', 'Customer.email'))
    expect(told(await post({ query: '{ customers { pid } }' }))).toBe('500 PLAN_UNFENCED Customer.email')
  })

  it('an unexpected failure as INTERNAL with the request id, and tells the log neither value nor message', async () => {
    execute = () => Promise.reject(new TypeError('ada@example.org is not iterable'))
    const answer = await post({ query: '{ customers { pid } }' })
    expect(told(answer)).toBe(`500 INTERNAL correlation id ${answer.headers.get('x-request-id')}`)
    expect(answer.text + JSON.stringify(reported)).not.toContain('ada@example.org')
    expect(reported).toMatchObject([{ correlation: answer.headers.get('x-request-id'), name: 'TypeError' }])
  })

  it('errors of the gateway that carry no code as INTERNAL', async () => {
    execute = async () => ({ data: null, errors: [new GraphQLError('ada@example.org')] })
    const answer = await post({ query: '{ customers { pid } }' })
    expect(told(answer)).toMatch(/^200 INTERNAL /)
    expect(answer.text).not.toContain('ada@example.org')
  })
})

describe('the door refuses', () => {
  it.each([
    ['no JSON', '{"query": "ada@example.org', '400 BAD_REQUEST body'],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), '400 BAD_REQUEST body'],
    ['an empty body', '', '400 BAD_REQUEST body'],
    ['null', 'null', '400 PARAMETERS_INVALID body'],
    ['an empty list', [], '400 PARAMETERS_INVALID body'],
    [
      'a list of too many',
      Array.from({ length: 11 }, () => ({ query: '{ __typename }' })),
      '400 BATCH_TOO_LARGE http.batch',
    ],
    ['no query', { variables: {} }, '400 PARAMETERS_INVALID query'],
    ['a query that is a number', { query: 7 }, '400 PARAMETERS_INVALID query'],
    [
      'variables that are a text',
      { query: '{ customers { pid } }', variables: '{"a":"ada@example.org"}' },
      '400 PARAMETERS_INVALID variables',
    ],
    [
      'variables that are a list',
      { query: '{ customers { pid } }', variables: ['ada@example.org'] },
      '400 PARAMETERS_INVALID variables',
    ],
    [
      'a persisted query',
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } },
      '404 PERSISTED_QUERY_NOT_FOUND extensions.persistedQuery',
    ],
    [
      'a document that does not parse',
      { query: '{ customer(pid: "ada@example.org" "x") { pid } }' },
      '400 GRAPHQL_PARSE_FAILED document 1:35',
    ],
    [
      'a document of several lines that does not parse',
      { query: '{\n  customers {\n    pid %\n  }\n}' },
      '400 GRAPHQL_PARSE_FAILED document 3:9',
    ],
    ['a document that ends too early', { query: '{ customers {' }, '400 GRAPHQL_PARSE_FAILED document 1:14'],
    ['an unknown field', { query: '{ customers { emial } }' }, '400 GRAPHQL_VALIDATION_FAILED document 1:15'],
    [
      'a literal of another type',
      { query: '{ customer(pid: "a", rank: "ada@example.org") { pid } }' },
      '400 GRAPHQL_VALIDATION_FAILED document 1:28',
    ],
    [
      'an unknown operation',
      { query: 'query A { customers { pid } }', operationName: 'B' },
      '400 OPERATION_RESOLUTION_FAILURE operationName',
    ],
    [
      'two operations without a name',
      { query: 'query A { customers { pid } } query B { customers { pid } }' },
      '400 OPERATION_NAME_MISSING operationName',
    ],
    [
      'a document without operation',
      { query: 'fragment F on Customer { pid }' },
      '400 OPERATION_RESOLUTION_FAILURE operationName',
    ],
    [
      'a subscription',
      { query: 'subscription { customers { pid } }' },
      '400 STREAM_UNSUPPORTED subscription',
    ],
    [
      '@stream',
      { query: '{ customers { pid friends @stream { pid } } }' },
      '400 OPERATION_UNSUPPORTED @stream',
    ],
    [
      'too many tokens',
      { query: `{ customers { ${'pid '.repeat(300)} } }` },
      '400 OPERATION_TOO_LARGE limits.tokens',
    ],
    [
      'too deep a question',
      { query: `{ customers ${'{ friends '.repeat(7)} { pid ${'} '.repeat(8)} }` },
      '400 OPERATION_TOO_LARGE limits.depth',
    ],
    [
      'too many aliases',
      { query: `{ customers { ${[1, 2, 3, 4, 5, 6].map((n) => `a${n}: pid`).join(' ')} } }` },
      '400 OPERATION_TOO_LARGE limits.aliases',
    ],
    [
      'too many root fields',
      { query: `{ ${'customers { pid } '.repeat(9)} }` },
      '400 OPERATION_TOO_LARGE limits.rootFields',
    ],
    [
      'fragments that unfold to too much',
      {
        query: `{ customers { ...A } } fragment A on Customer { friends { ...B ...B ...B } } fragment B on Customer { friends { ...C ...C ...C } } fragment C on Customer { pid email friends { pid email } friends { pid } }`,
      },
      '400 OPERATION_TOO_LARGE limits.selections',
    ],
  ])('%s', async (_, body, expected) => expectCoded(await post(body), expected))

  it('fragments that spread themselves', async () => {
    const query = '{ customers { ...A } } fragment A on Customer { friends { ...A } }'
    expectCoded(await post({ query }), '400 GRAPHQL_VALIDATION_FAILED document 1:59')
  })

  it('another type or coding of the body', async () => {
    const body = { query: '{ customers { pid } }' }
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'application/jsonp',
    ]) {
      expectCoded(await post(body, { 'content-type': type }), '415 CONTENT_TYPE_UNSUPPORTED content-type')
    }
    for (const encoding of ['gzip, gzip', 'br, identity', 'compress', 'zstd']) {
      const refused = await post(body, { 'content-encoding': encoding })
      expectCoded(refused, '415 CONTENT_ENCODING_UNSUPPORTED content-encoding')
    }
    expectCoded(await post(body, { 'content-encoding': 'gzip' }), '400 BAD_REQUEST body')
  })

  it('a body that is too large, announced or not', async () => {
    expectCoded(
      await post({ query: `{ customers { pid } } #${'x'.repeat(6000)}` }),
      '413 REQUEST_TOO_LARGE limits.bodyBytes',
    )
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(
        `${door.url}/graphql`,
        { method: 'POST', headers: { 'content-type': 'application/json' } },
        (response) => resolve(response.statusCode),
      )
      request.on('error', reject)
      request.write('x'.repeat(6000))
    })
    expect(status).toBe(413)
  })

  it('headers that are too large, and what is not HTTP', async () => {
    const raw = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        let got = ''
        const socket = connect(Number(new URL(door.url).port), '127.0.0.1', () => socket.write(text))
        socket.on('data', (chunk) => (got += String(chunk)))
        socket.on('end', () => resolve(got))
        socket.on('error', reject)
      })
    expect(await raw(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'a'.repeat(5000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 [^]*HEADERS_TOO_LARGE/,
    )
    const line = 'POST /graphql HTTP/1.1\r\n'
    expect(await raw(`${line}connection: close\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 [^]*HEADER_INVALID/)
    expect(
      await raw(`${line}host: localhost\r\nexpect: cake\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 415 [^]*CONTENT_TYPE_UNSUPPORTED/)
    const twice = 'content-length: 1\r\ncontent-length: 2\r\n'
    expect(await raw(`${line}host: localhost\r\n${twice}\r\n`)).toMatch(/^HTTP\/1\.1 400 [^]*BAD_REQUEST/)
    expect(await raw('ada@example.org\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*BAD_REQUEST/)
  })

  it('other paths, methods and host names', async () => {
    expect(told(await read(await fetch(`${door.url}/nothing`)))).toBe('404 ROUTE_UNKNOWN path')
    expect(told(await read(await fetch(`${door.url}/graphiql/../../package.json`)))).toBe(
      '404 ROUTE_UNKNOWN path',
    )
    expect(told(await read(await fetch(`${door.url}/graphql`, { method: 'DELETE' })))).toBe(
      '405 METHOD_NOT_ALLOWED method',
    )
    const rebound = await new Promise((resolve) => {
      const headers = { host: 'rebound.example' }
      httpRequest(`${door.url}/health/live`, { headers }, (response) => {
        response.setEncoding('utf8').once('data', (text) => resolve(`${response.statusCode} ${String(text)}`))
      }).end()
    })
    expect(rebound).toMatch(/^400 .*HEADER_INVALID/)
  })

  it('a caller it does not know, before it looks at the document', async () => {
    expectCoded(
      await post({ query: '{ nonsense' }, { 'x-assent-client': 'nobody' }),
      '403 CLIENT_UNKNOWN client',
    )
    expectCoded(
      await post({ query: '{ nonsense' }, { 'assent-purpose': 'fun' }),
      '400 PURPOSE_UNKNOWN assent-purpose',
    )
  })

  it('introspection by a client whose contract does not allow it, also through a fragment', async () => {
    expect((await post({ query: '{ __schema { queryType { name } } }' })).status).toBe(200)
    executed.length = 0
    const headers = { 'x-assent-client': 'storefront' }
    for (const query of [
      '{ __schema { queryType { name } } }',
      '{ ...F } fragment F on Query { ... on Query { __type(name: "Query") { name } } }',
    ]) {
      expectCoded(await post({ query }, headers), '400 INTROSPECTION_DISABLED __schema, __type')
    }
    expect((await post({ query: '{ customers { __typename } }' }, headers)).status).toBe(200)
  })
})

describe('a production door', () => {
  it('serves no page, no unproven caller, no development header and no suggestions', async () => {
    const production = await openDoor('production')
    try {
      expect(told(await read(await fetch(production.url)))).toBe('404 ROUTE_UNKNOWN path')
      expectCoded(
        await post({ query: '{ customers { pid } }' }, {}, production.url),
        '401 CALLER_UNAUTHENTICATED authorization',
      )
      expectCoded(
        await post({ query: '{ customers { pid } }' }, { 'x-assent-show': 'sent' }, production.url),
        '400 DEVELOPMENT_HEADER_REFUSED x-assent-show',
      )
      expectCoded(
        await post({ query: '{ customers { pid } }' }, { authorization: 'Bearer a.b.c' }, production.url),
        '401 TOKEN_INVALID settings `jwt`',
      )
    } finally {
      await production.close()
    }
  })

  it('that closes lets running requests end', async () => {
    const closing = await openDoor('development')
    let finish = (): void => undefined
    const started = new Promise<void>((resolve) => {
      execute = () => {
        resolve()
        return new Promise((done) => (finish = () => done({ data: CUSTOMERS })))
      }
    })
    const answer = post({ query: '{ customers { pid } }' }, {}, closing.url)
    await started
    const closed = closing.close()
    finish()
    expect((await answer).status).toBe(200)
    await closed
    await expect(fetch(closing.url)).rejects.toThrow()
  })
})
