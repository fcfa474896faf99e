import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import type { HttpDoor } from '../../gateway/door/http-door.ts'
import { JsonText } from '../../gateway/json-text.ts'
import { openTestDoor } from '../support/open-test-door.ts'

const SHOP = 'https://shop.example'
const doors = new Map<string, HttpDoor>()
const execute = async (): Promise<object> => ({ data: new JsonText('{}') })
const open = (cors: object): Promise<HttpDoor> => openTestDoor({ execute, http: cors })

beforeAll(async () => {
  const listed = { corsOrigins: [SHOP], corsCredentials: true, corsExposedHeaders: ['x-request-id'] }
  doors.set('listed', await open(listed))
  doors.set('all', await open({ corsOrigins: ['*'] }))
  doors.set('none', await open({}))
})
afterAll(() => Promise.all([...doors.values()].map((door) => door.close())))

const corsOf = ({ headers }: Response): Record<string, string> =>
  Object.fromEntries([...headers].filter(([name]) => /^(access-control|vary)/.test(name)))

const post = (door: string, origin: string, query = '{ __typename }'): Promise<Response> =>
  fetch(`${doors.get(door)?.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ query }),
  })

const preflight = (
  door: string,
  origin: string,
  headers = 'content-type,assent-purpose',
): Promise<Response> =>
  fetch(`${doors.get(door)?.url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': headers,
    },
  })

describe('A page of another origin', () => {
  it('that is listed may read answers, refusals too, and no cache gives them to another', async () => {
    const told = {
      'access-control-allow-origin': SHOP,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-request-id',
      vary: 'Origin',
    }
    expect(corsOf(await post('listed', SHOP))).toEqual(told)
    expect(corsOf(await post('listed', SHOP, '{'))).toEqual(told)
    const tooLarge = await post('listed', SHOP, 'x'.repeat(300_000))
    expect([tooLarge.status, corsOf(tooLarge)]).toEqual([413, told])
  })

  it('that is listed is told what it may send', async () => {
    const response = await preflight('listed', SHOP)
    expect([response.status, corsOf(response)]).toEqual([
      204,
      {
        'access-control-allow-origin': SHOP,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'content-type,assent-purpose',
        'access-control-max-age': '600',
        'access-control-expose-headers': 'x-request-id',
        vary: 'Origin, Access-Control-Request-Headers',
      },
    ])
  })

  it.each([
    'https://shop.example.evil.example',
    'http://shop.example',
    'https://SHOP.example',
    'https://shop.example:8443',
    'null',
    '*',
  ])('%s, which is not listed, is told nothing', async (origin) => {
    expect(corsOf(await post('listed', origin))).toEqual({ vary: 'Origin' })
    const response = await preflight('listed', origin)
    expect([response.status, corsOf(response)]).toEqual([204, { vary: 'Origin' }])
  })

  it('cannot have anything written into the headers of an answer', async () => {
    const response = await preflight('listed', SHOP, 'x-one, <script>')
    expect(response.headers.get('access-control-allow-headers')).toBeNull()
  })

  it('of any origin is served without credentials where all are', async () => {
    expect(corsOf(await post('all', SHOP))).toEqual({ 'access-control-allow-origin': '*' })
    expect(corsOf(await preflight('all', SHOP))).toMatchObject({ 'access-control-allow-origin': '*' })
  })

  it('is told nothing where none is listed', async () => {
    expect(corsOf(await post('none', SHOP))).toEqual({})
    expect(corsOf(await preflight('none', SHOP))).toEqual({})
  })
})

describe('The settings', () => {
  const read = (overrides: object) => readConfig({ env: {}, overrides })

  it('list origins as browsers write them', () => {
    expect(read({ corsOrigins: 'https://a.example, http://localhost:3000' }).corsOrigins).toEqual([
      'https://a.example',
      'http://localhost:3000',
    ])
    expect(read({ corsOrigins: ['*'] }).corsOrigins).toEqual(['*'])
  })

  it.each([
    'https://a.example/',
    'a.example',
    'null',
    'https://*.example',
    'https://a.example,*',
    'https://A.example',
  ])('%s is refused', (corsOrigins) => expect(() => read({ corsOrigins })).toThrow(/cors\.origins/))

  it('do not let every page act with the credentials of its readers', () => {
    expect(() => read({ corsOrigins: '*', corsCredentials: 'true' })).toThrow(/cors\.credentials/)
  })
})
