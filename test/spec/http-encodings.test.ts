import { request as httpRequest } from 'node:http'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GatewayRequest } from '../../gateway/request.ts'
import type { HttpDoor } from '../../gateway/door/http-door.ts'
import { JsonText } from '../../gateway/json-text.ts'
import { openTestDoor } from '../support/open-test-door.ts'

const LIMIT = 20_000
const executed: GatewayRequest[] = []
let door: HttpDoor

beforeAll(async () => {
  door = await openTestDoor({
    execute: async (request) => {
      executed.push(request)
      return { data: new JsonText('{"customers":[]}') }
    },
    http: { maxBodyBytes: LIMIT },
  })
})
afterAll(() => door.close())
beforeEach(() => void (executed.length = 0))

const post = async (body: Buffer, encoding: string, announced?: 'unannounced'): Promise<string> => {
  const bytes = new Uint8Array(body)
  const response = await fetch(`${door.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': encoding },
    ...(announced === undefined ? { body: bytes } : { body: new Blob([bytes]).stream(), duplex: 'half' }),
  })
  const { errors } = (await response.json()) as { errors?: { extensions: Record<string, string> }[] }
  return `${response.status} ${errors?.[0]?.extensions['code'] ?? 'answered'}`
}

const QUERY = Buffer.from(JSON.stringify({ query: '{ customers { pid } }' }))
const ENCODERS = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['GZIP', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
] as const

describe('A compressed body', () => {
  it.each(ENCODERS)('in %s is unfolded', async (encoding, encode) => {
    expect(await post(encode(QUERY), encoding)).toBe('200 answered')
    expect(executed).toHaveLength(1)
  })

  it.each(ENCODERS)(
    'in %s that unfolds to more than the limit is refused while it does',
    async (encoding, encode) => {
      const bomb = encode(Buffer.alloc(10 * 1_048_576, ' '))
      expect(bomb.length).toBeLessThan(LIMIT)
      const before = process.memoryUsage().external
      expect(await post(bomb, encoding)).toBe('413 REQUEST_TOO_LARGE')
      expect(process.memoryUsage().external - before).toBeLessThan(2 * 1_048_576)
      expect(executed).toEqual([])
    },
  )

  it('is held to the limit as it arrives, too, whatever it unfolds to', async () => {
    // Empty members unfold to nothing, however many there are.
    const empty = gzipSync(Buffer.alloc(0))
    const members = Buffer.concat(Array.from({ length: LIMIT / empty.length + 1 }, () => empty))
    expect(await post(members, 'gzip')).toBe('413 REQUEST_TOO_LARGE')
    expect(await post(members, 'gzip', 'unannounced')).toBe('413 REQUEST_TOO_LARGE')
    expect(await post(gzipSync(QUERY), 'gzip', 'unannounced')).toBe('200 answered')
  })

  it('inside another one is refused', async () => {
    expect(await post(gzipSync(gzipSync(QUERY)), 'gzip, gzip')).toBe('415 CONTENT_ENCODING_UNSUPPORTED')
    expect(await post(gzipSync(gzipSync(QUERY)), 'gzip')).toBe('400 BAD_REQUEST')
  })

  it('that is cut off, or is something else, is refused', async () => {
    expect(await post(gzipSync(QUERY).subarray(0, 20), 'gzip')).toBe('400 BAD_REQUEST')
    expect(await post(QUERY, 'gzip')).toBe('400 BAD_REQUEST')
    expect(await post(QUERY, 'br')).toBe('400 BAD_REQUEST')
    expect(await post(gzipSync(QUERY), 'identity')).toBe('400 BAD_REQUEST')
  })

  it('that stops midway with its client holds nothing up', async () => {
    const request = httpRequest(`${door.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': 1000 },
    })
    request.on('error', () => undefined)
    await new Promise<void>((sent) => request.write(gzipSync(QUERY).subarray(0, 10), () => sent()))
    request.destroy()
    expect(await post(gzipSync(QUERY), 'gzip')).toBe('200 answered')
  })
})

describe('A body that is too large', () => {
  it('is refused with an answer that arrives, and the connection does not stay', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 5 }, async () => post(Buffer.alloc(4 * LIMIT, ' '), 'identity')),
    )
    expect(statuses).toEqual(Array.from({ length: 5 }, () => '413 REQUEST_TOO_LARGE'))
  })
})
