import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { GatewayRequest, GatewayResult } from '../../gateway/request.ts'
import type { HttpDoor, HttpDoorOptions } from '../../gateway/door/http-door.ts'
import type { AssentError } from '../../gateway/errors.ts'
import { JsonText } from '../../gateway/json-text.ts'
import { openTestDoor } from '../support/open-test-door.ts'

let door: HttpDoor
afterEach(() => door.close())

const open = async (
  execute: (request: GatewayRequest) => Promise<GatewayResult>,
  http: Partial<HttpDoorOptions> = {},
): Promise<void> => void (door = await openTestDoor({ execute, http: { drainMs: 0, ...http } }))

const QUERY = JSON.stringify({ query: '{ customers { pid } }' })
const JSON_BODY = { 'content-type': 'application/json' }

const never = new Promise<never>(() => undefined)

describe('A request lives', () => {
  it('until its time is over: it is answered without, and what runs for it is told', async () => {
    const told: string[] = []
    await open(
      ({ lifetime }) => {
        lifetime.onOver(({ code }) => told.push(code))
        return never
      },
      { requestTimeoutMs: 20 },
    )
    const response = await fetch(`${door.url}/graphql`, { method: 'POST', headers: JSON_BODY, body: QUERY })
    const { errors } = (await response.json()) as { errors: { extensions: object }[] }
    expect([response.status, errors[0]?.extensions]).toMatchObject([
      504,
      { code: 'REQUEST_TIMEOUT', place: 'request.timeoutMs' },
    ])
    expect(told).toEqual(['REQUEST_TIMEOUT'])
  })

  it('with the deadline known to everybody who waits for others', async () => {
    let left = Number.NaN
    await open(
      async ({ lifetime }) => {
        left = lifetime.deadline - performance.now()
        return { data: new JsonText('{}') }
      },
      { requestTimeoutMs: 5000 },
    )
    await fetch(`${door.url}/graphql`, { method: 'POST', headers: JSON_BODY, body: QUERY })
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThanOrEqual(5000)
  })

  it('until the client leaves', async () => {
    let leave = (): void => undefined
    const cause = new Promise<AssentError>((resolve) => {
      void open(({ lifetime }) => {
        lifetime.onOver(resolve)
        leave()
        return never
      }).then(() => {
        const request = httpRequest(`${door.url}/graphql`, { method: 'POST', headers: JSON_BODY })
        request.on('error', () => undefined)
        leave = () => void request.destroy()
        request.end(QUERY)
      })
    })
    expect((await cause).code).toBe('CLIENT_GONE')
  })

  it('no longer than its answer: nobody is told that it is over', async () => {
    const told: string[] = []
    await open(async ({ lifetime }) => {
      lifetime.onOver(({ code }) => told.push(code))
      return { data: new JsonText('{}') }
    })
    await (await fetch(`${door.url}/graphql`, { method: 'POST', headers: JSON_BODY, body: QUERY })).text()
    await door.close()
    expect(told).toEqual([])
  })

  it('and an answer that comes too late goes nowhere', async () => {
    let finish: (result: GatewayResult) => void = () => undefined
    await open(() => new Promise((resolve) => (finish = resolve)), { requestTimeoutMs: 20 })
    const response = await fetch(`${door.url}/graphql`, { method: 'POST', headers: JSON_BODY, body: QUERY })
    finish({ data: new JsonText('{"customers":[]}') })
    expect(await response.text()).not.toContain('customers')
  })
})

describe('A client that does not read', () => {
  const LARGE = new JsonText(JSON.stringify({ text: 'x'.repeat(16 * 1_048_576) }))
  const HEAD = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${QUERY.length}\r\n`
  const ASKED = `${HEAD}\r\n${QUERY}`

  /** A connection on which so much is written and nothing read or closed; resolves when the door has closed it. */
  const closedUnread = async (text: string): Promise<void> => {
    const accepted = new Promise<Socket>((resolve) => {
      const take = (message: unknown): void => {
        unsubscribe('net.server.socket', take)
        resolve((message as { socket: Socket }).socket)
      }
      subscribe('net.server.socket', take)
    })
    const { port } = new URL(door.url)
    const client = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true })
    client.on('error', () => undefined).write(text)
    client.pause()
    const served = await accepted
    await new Promise((resolve) => served.once('close', resolve))
    client.destroy()
  }

  it('is taken for gone after the time, with its answer', async () => {
    await open(async () => ({ data: LARGE }), { writeTimeoutMs: 10 })
    await closedUnread(ASKED)
  })

  it('is taken for gone, too, when it has asked for several answers at once', async () => {
    await open(async () => ({ data: LARGE }), { writeTimeoutMs: 10 })
    await closedUnread(`${ASKED}${ASKED}`)
  })

  it('nor closes its side of a connection that was refused is not waited for', async () => {
    await open(async () => ({ data: LARGE }))
    const begun = performance.now()
    await closedUnread('this is no HTTP\r\n\r\n')
    expect(performance.now() - begun).toBeLessThan(10_000)
  })

  it('but one that reads slowly has its whole answer', async () => {
    await open(async () => ({ data: LARGE }), { writeTimeoutMs: 200 })
    const { port } = new URL(door.url)
    const socket = connect(Number(port), '127.0.0.1', () =>
      socket.write(`${HEAD}connection: close\r\n\r\n${QUERY}`),
    )
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
      socket.pause()
      setTimeout(() => socket.resume(), 1)
    })
    await new Promise((resolve) => socket.once('close', resolve))
    expect(bytes).toBeGreaterThan(LARGE.text.length)
  })

  it('and one that has read has all the time it needs for its next request', async () => {
    const slow = (): Promise<GatewayResult> =>
      new Promise((resolve) => setTimeout(() => resolve({ data: new JsonText('"second"') }), 900))
    let asked = 0
    await open(async () => ((asked += 1) === 1 ? { data: LARGE } : slow()), { writeTimeoutMs: 40 })
    const { port } = new URL(door.url)
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(ASKED))
    const second = new Promise<boolean>((resolve) => {
      let bytes = 0
      socket.on('data', (chunk) => {
        const before = bytes
        bytes += chunk.length
        if (before <= LARGE.text.length && bytes > LARGE.text.length) socket.write(ASKED)
        if (chunk.includes('second')) resolve(true)
      })
      socket.on('close', () => resolve(false))
    })
    expect(await second).toBe(true)
    socket.destroy()
  })
})

describe('The headers of a request', () => {
  it('are handed on by name, and names of objects name nothing', async () => {
    const seen: (string | undefined)[] = []
    await open(async ({ incoming }) => {
      const names = ['x-one', 'x-twice', 'constructor', '__proto__', 'toString', 'hasOwnProperty', 'x-none']
      seen.push(...names.map(incoming))
      return { data: new JsonText('{}') }
    })
    const { port } = new URL(door.url)
    const head = [
      'POST /graphql HTTP/1.1',
      'host: localhost',
      'content-type: application/json',
      `content-length: ${QUERY.length}`,
      'connection: close',
      'x-one: 1',
      'x-twice: a',
      'x-twice: b',
      '__proto__: c',
    ]
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(`${head.join('\r\n')}\r\n\r\n${QUERY}`),
      )
      socket.on('close', () => resolve()).resume()
    })
    expect(seen).toEqual(['1', 'a, b', undefined, undefined, undefined, undefined, undefined])
  })

  it('that come twice are not chosen from', async () => {
    await open(async () => ({ data: new JsonText('{}') }))
    const code = await new Promise((resolve, reject) => {
      const headers = [
        'host',
        'localhost',
        'content-type',
        'application/json',
        'authorization',
        'Bearer a',
        'authorization',
        'Bearer b',
      ]
      const request = httpRequest(`${door.url}/graphql`, { method: 'POST', headers }, (answer) => {
        let text = ''
        answer.on('data', (chunk) => (text += String(chunk)))
        answer.on('end', () => resolve(/"code":"(\w+)"/.exec(text)?.[1]))
      })
      request.on('error', reject).end(QUERY)
    })
    expect(code).toBe('CALLER_UNAUTHENTICATED')
  })

  it.each([
    ['that are too many', 101, 431],
    ['that are just enough', 99, 200],
  ])('%s', async (_, count, status) => {
    await open(async () => ({ data: new JsonText('{}') }))
    const { port } = new URL(door.url)
    const fixed = ['host: localhost', 'content-type: application/json', `content-length: ${QUERY.length}`]
    const lines = [...fixed, ...Array.from({ length: count - fixed.length }, (__, n) => `x-${n}: 1`)]
    const text = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.end(`POST /graphql HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${QUERY}`),
      )
      let got = ''
      socket.on('data', (chunk) => (got += String(chunk))).on('close', () => resolve(got))
    })
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    if (status === 431) expect(text).toMatch(/"code":"HEADERS_TOO_LARGE","place":"limits\.headers"/)
  })
})

describe('A door that closes', () => {
  it('does not wait longer than it may', async () => {
    let running = (): void => undefined
    const reached = new Promise<void>((resolve) => (running = resolve))
    await open(() => {
      running()
      return never
    })
    const answer = fetch(`${door.url}/graphql`, { method: 'POST', headers: JSON_BODY, body: QUERY })
    const cut = expect(answer).rejects.toThrow('fetch failed')
    await reached
    await door.close()
    await cut
  })
})
