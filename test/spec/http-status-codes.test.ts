import { GraphQLError } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HttpDoor } from '../../gateway/door/http-door.ts'
import { AssentError } from '../../gateway/errors.ts'
import { JsonText } from '../../gateway/json-text.ts'
import { DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'
import { openTestDoor } from '../support/open-test-door.ts'

const doors = new Map<string, HttpDoor>()

/** Answers as the operation is named. */
const answers = new Map<string, () => object>([
  ['Whole', () => ({ data: new JsonText('{"customers":[]}') })],
  ['Partial', () => ({ data: new JsonText('{"customer":null}'), errors: [new GraphQLError('Away.')] })],
  ['Empty', () => ({ data: null, errors: [new GraphQLError('Away.')] })],
  ['Coerced', () => ({ errors: [new AssentError('BAD_USER_INPUT', '$n')] })],
  ['Busy', () => ({ errors: [new AssentError('PLANNER_BUSY', 'planner')] })],
  ['Refused', () => ({ data: null, errors: [], http: { status: 403 } })],
])

const open = (statusCodes: 'standard' | 'draft-2026'): Promise<HttpDoor> =>
  openTestDoor({
    execute: async ({ operationName = '' }) => answers.get(operationName)?.() ?? {},
    limits: { ...DEFAULT_LIMITS, tokens: 50, depth: 5, rootFields: 5 },
    http: { statusCodes, maxBodyBytes: 2000 },
  })

beforeAll(async () => {
  doors.set('standard', await open('standard')).set('draft-2026', await open('draft-2026'))
})
afterAll(() => Promise.all([...doors.values()].map((door) => door.close())))

interface Sent {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body: string
}

const named = (operationName: string, query = `query ${operationName} { customers { pid } }`): Sent => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ query, operationName }),
})

const body = (text: string): Sent => ({ ...named('Whole'), body: text })

/** Two media types a row: what `application/json` is answered with, and `application/graphql-response+json`. */
type Statuses = readonly [json: number, response: number]

const situations: readonly (readonly [string, Sent, standard: Statuses, draft: Statuses])[] = [
  ['data', named('Whole'), [200, 200], [200, 200]],
  ['data with errors', named('Partial'), [200, 200], [200, 294]],
  ['no data left, with errors', named('Empty'), [200, 200], [200, 294]],
  ['a body that is not JSON', body('{"query":'), [400, 400], [400, 400]],
  ['no body', body(''), [400, 400], [400, 400]],
  ['a misspelt parameter', body('{"qeury":"{__typename}"}'), [400, 400], [422, 422]],
  ['variables in a list', body('{"query":"{__typename}","variables":[7]}'), [400, 400], [422, 422]],
  ['a document that does not parse', body('{"query":"{"}'), [200, 400], [400, 400]],
  ['a document that does not fit', body('{"query":"{ nothing }"}'), [200, 400], [422, 422]],
  ['no such operation', named('Other', 'query A { customers { pid } }'), [200, 400], [422, 422]],
  ['which operation?', body('{"query":"query A {__typename} query B {__typename}"}'), [200, 400], [422, 422]],
  ['a variable that does not fit', named('Coerced'), [200, 400], [422, 422]],
  [
    'a document over the limits',
    body(`{"query":"{ ${'customers{pid} '.repeat(6)} }"}`),
    [400, 400],
    [422, 422],
  ],
  ['too much at once', named('Busy'), [503, 503], [503, 503]],
  ['an answer the contract refuses', named('Refused'), [403, 403], [403, 403]],
  ['a caller nobody knows', withHeader('x-assent-client', 'nobody'), [403, 403], [403, 403]],
  ['another content type', withHeader('content-type', 'text/plain'), [415, 415], [415, 415]],
  ['another charset', withHeader('content-type', 'application/json;charset=utf-16'), [415, 415], [415, 415]],
  ['another content encoding', withHeader('content-encoding', 'zstd'), [415, 415], [415, 415]],
  ['a body over the limit', body(' '.repeat(3000)), [413, 413], [413, 413]],
  ['another method', { ...named('Whole'), method: 'PUT' }, [405, 405], [405, 405]],
]

function withHeader(name: string, value: string): Sent {
  const request = named('Whole')
  return { ...request, headers: { ...request.headers, [name]: value } }
}

const TYPES = ['application/json', 'application/graphql-response+json'] as const

const rows = situations.flatMap(([situation, init, standard, draft]) =>
  TYPES.flatMap((accept, at) => [
    { situation, init, accept, mode: 'standard', status: standard[at] },
    { situation, init, accept, mode: 'draft-2026', status: draft[at] },
  ]),
)

describe('The status of an answer', () => {
  it.each(rows)('$mode, $accept, $situation: $status', async ({ init, accept, mode, status }) => {
    const url = `${doors.get(mode)?.url}/graphql`
    const response = await fetch(url, { ...init, headers: { ...init.headers, accept } })
    const { data, errors } = (await response.json()) as { data?: unknown; errors?: object[] }
    expect(response.status).toBe(status)
    // The draft tells failures as a GraphQL response even to those who asked for JSON: they may trust it then.
    const told = mode === 'draft-2026' && !response.ok ? 'application/graphql-response+json' : accept
    expect(response.headers.get('content-type')).toBe(`${told}; charset=utf-8`)
    if (data !== undefined) return
    expect(errors?.[0]).toMatchObject({
      message: expect.any(String),
      extensions: { code: expect.any(String), place: expect.any(String), remedy: expect.any(String) },
    })
  })
})

describe('The media type of an answer', () => {
  it.each([
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['application/*', 'application/json'],
    ['application/json', 'application/json'],
    ['application/json; charset=utf-8', 'application/json'],
    ['APPLICATION/JSON', 'application/json'],
    ['application/graphql-response+json', 'application/graphql-response+json'],
    ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json'],
    ['application/json;q=0.9, application/graphql-response+json', 'application/graphql-response+json'],
    ['application/json, application/graphql-response+json', 'application/json'],
    ['application/graphql-response+json, application/json', 'application/graphql-response+json'],
    ['application/graphql-response+json;q=0.5, */*', 'application/json'],
    ['application/json;q=0, */*', 'application/graphql-response+json'],
    ['text/html, */*;q=0.1', 'application/json'],
  ])('%s: %s', async (accept, type) => {
    const init = named('Whole')
    const headers = { ...init.headers, accept }
    const response = await fetch(`${doors.get('standard')?.url}/graphql`, { ...init, headers })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`])
  })

  it.each([
    'text/html',
    'image/*',
    'application/json;q=0',
    'application/json; charset=utf-16',
    'multipart/*',
    'application/json;q=1.5',
  ])('%s is answered 406, and nothing is executed', async (accept) => {
    const init = named('Whole')
    const response = await fetch(`${doors.get('standard')?.url}/graphql`, {
      ...init,
      headers: { ...init.headers, accept },
    })
    const { errors } = (await response.json()) as { errors: { extensions: object }[] }
    expect(response.status).toBe(406)
    expect(errors[0]?.extensions).toMatchObject({ code: 'NOT_ACCEPTABLE', place: 'accept' })
  })
})

describe('Methods', () => {
  const url = (search = ''): string => `${doors.get('standard')?.url}/graphql${search}`
  const preflight = { 'graphql-require-preflight': '1' }

  it('GET and HEAD execute a query, and HEAD sends no body', async () => {
    const search = `?query=${encodeURIComponent('query Whole { customers { pid } }')}&operationName=Whole`
    const [get, head] = await Promise.all([
      fetch(url(search), { headers: preflight }),
      fetch(url(search), { headers: preflight, method: 'HEAD' }),
    ])
    expect(await get.text()).toBe('{"data":{"customers":[]}}')
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '25', ''])
  })

  it('GET does not execute a mutation', async () => {
    const response = await fetch(url(`?query=${encodeURIComponent('mutation { touch }')}`), {
      headers: preflight,
    })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
  })

  it('GET with a content type of its own is refused, whatever headers it has', async () => {
    for (const type of ['text/plain', 'message/rfc822', 'multipart/form-data', 'application/jsonp']) {
      const headers = { ...preflight, 'content-type': type }
      const response = await fetch(url('?query={__typename}'), { headers })
      expect(response.status).toBe(415)
    }
  })

  it('GET with a parameter twice, or with one that is not what it must be, is refused', async () => {
    for (const search of [
      '?query={__typename}&query={customers{pid}}',
      '?query={__typename}&variables=7',
      '?query={__typename}&variables=%7B',
      '?query={__typename}&extensions=[]',
      '?query=',
    ]) {
      const response = await fetch(url(search), { headers: preflight })
      const { errors } = (await response.json()) as { errors: { extensions: object }[] }
      expect(errors[0]?.extensions).toMatchObject({ code: 'PARAMETERS_INVALID' })
    }
  })

  it('OPTIONS tells what is allowed', async () => {
    const response = await fetch(url(), { method: 'OPTIONS' })
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS'])
    expect((await fetch(url(), { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS')
  })
})
