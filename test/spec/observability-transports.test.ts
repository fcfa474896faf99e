import { WebSocket } from 'ws'
import { afterEach, describe, expect, test } from 'vitest'
import type { AccessLine } from '../../gateway/observe/access-log.ts'
import { createObserver } from '../../gateway/observe/create-observer.ts'
import type { Meter } from '../../gateway/observe/meter.ts'
import type { TraceSpan, Tracing } from '../../gateway/observe/tracing.ts'
import { openPeopleDoor, type PeopleDoor } from '../support/open-people-door.ts'
import { type OperationReader, readOver, type Transport } from '../support/read-events.ts'

interface Spanned {
  readonly name: string
  readonly parent: string | undefined
  readonly id: string
  ended: boolean
}

/** All that is told of requests, and when the next access line is written. */
const listening = () => {
  const lines: AccessLine[] = []
  const counts = new Map<string, number>()
  const spans: Spanned[] = []
  let told: () => void = () => undefined
  const meter = {
    add: (key, labels, by = 1) => {
      const series = `${key} ${Object.values(labels).join(' ')}`.trim()
      counts.set(series, (counts.get(series) ?? 0) + by)
    },
    observe: (key) => void counts.set(key, (counts.get(key) ?? 0) + 1),
  } satisfies Meter
  const spanOf = (name: string, parent: string | undefined): TraceSpan => {
    const span: Spanned = { name, parent, id: `${spans.length}`, ended: false }
    spans.push(span)
    return {
      begin: (child) => spanOf(child, span.id),
      set: () => undefined,
      end: () => void (span.ended = true),
      traceparent: span.id,
    }
  }
  const tracing: Tracing = { begin: (parent) => spanOf('request', parent), close: async () => undefined }
  const observer = createObserver({
    meter,
    tracing,
    accessLog: (line) => {
      lines.push(line)
      told()
    },
    serverTiming: false,
    traceDocuments: false,
    operationNames: 'all',
  })
  const lineCount = async (count: number): Promise<AccessLine[]> => {
    while (lines.length < count) await new Promise<void>((resolve) => (told = resolve))
    return lines
  }
  return { observer, lineCount, counts, spans }
}

let door: PeopleDoor
let heard: ReturnType<typeof listening>
const readers: OperationReader[] = []

afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.leave()))
  await door.close()
})

const open = async (): Promise<void> => {
  heard = listening()
  door = await openPeopleDoor({ http: { observer: heard.observer, mostStreamsPerConnection: 1 } })
}

const read = (transport: Transport, query: string): OperationReader => {
  const reader = readOver(transport, door.url, { query })
  readers.push(reader)
  return reader
}

const post = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${door.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })

const PEOPLE = 'query People { people(ids: ["ada", "bo"]) { email } }'

/** What one POST of the query above is told with; the status says by which way it came. */
const AS_ONE = {
  type: 'query',
  operation: 'People',
  outcome: 'ok',
  subgraphRequests: 2,
  consentSubjects: 2,
  withheld: 1,
  errors: [],
}

describe('One operation is told in the same way', () => {
  test('as a POST by itself', async () => {
    await open()
    await (await post({ query: PEOPLE })).text()
    expect(await heard.lineCount(1)).toMatchObject([{ ...AS_ONE, status: 200 }])
  })

  test.each([
    ['ws', 101],
    ['sse', 200],
    ['multipart', 200],
  ] as const)('over %s', async (transport, status) => {
    await open()
    const reader = read(transport, PEOPLE)
    while ((await reader.next()) !== null);
    expect(await heard.lineCount(1)).toMatchObject([{ ...AS_ONE, status }])
    expect(heard.counts).toEqual(
      new Map([
        ...heard.counts,
        ['requests ok explorer People', 1],
        ['withheld Person.email REFUSED', 1],
        ['requestSeconds', 1],
        ['plans made', 1],
      ]),
    )
    const names = heard.spans.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['request', 'read', 'plan', 'fetch', 'project', 'write']))
    expect(heard.spans.filter(({ ended }) => !ended)).toEqual([])
  })

  test('as one of a batch, each with its own line, and the batch with none', async () => {
    await open()
    const response = await post([{ query: PEOPLE }, { query: '{ nothing }' }, 'no operation'], {
      traceparent: 'the client',
    })
    await response.text()
    const id = response.headers.get('x-request-id')
    expect(await heard.lineCount(3)).toMatchObject([
      { ...AS_ONE, request: `${id}:0`, status: 200 },
      { request: `${id}:1`, operation: 'other', outcome: 'refused', errors: ['GRAPHQL_VALIDATION_FAILED'] },
      { request: `${id}:2`, type: null, outcome: 'refused', errors: ['PARAMETERS_INVALID'] },
    ])
    expect(heard.counts.get('requests ok explorer People')).toBe(1)
    const [whole, ...members] = heard.spans.filter(({ name }) => name === 'request')
    expect(whole?.parent).toBe('the client')
    expect(members.map(({ parent }) => parent)).toEqual([whole?.id, whole?.id, whole?.id])
    expect(heard.spans.filter(({ ended }) => !ended)).toEqual([])
  })
})

describe('A batch that is refused as a whole', () => {
  test('is told as one request', async () => {
    await open()
    await (await post([])).text()
    expect(await heard.lineCount(1)).toMatchObject([
      { outcome: 'refused', status: 400, errors: ['PARAMETERS_INVALID'] },
    ])
  })
})

describe.each(['ws', 'sse', 'multipart'] as const)('A subscription over %s', (transport) => {
  test('is told once, with what all its events came to', async () => {
    await open()
    const reader = read(transport, 'subscription Arrivals { arrived { name email } }')
    const first = reader.next()
    await door.events.subscribed()
    for (const id of ['ada', 'bo', 'bo']) door.events.channel().emit([id])
    await first
    await reader.next()
    await reader.next()
    door.events.channel().finish()
    while ((await reader.next()) !== null);
    expect(await heard.lineCount(1)).toMatchObject([
      { type: 'subscription', operation: 'Arrivals', outcome: 'ok', withheld: 2, consentSubjects: 3 },
    ])
    expect(heard.counts.get('withheld Person.email REFUSED')).toBe(2)
    expect(heard.counts.has('phaseSeconds')).toBe(false)
    expect(heard.spans.filter(({ ended }) => !ended)).toEqual([])
  })

  test('that a client leaves is told as aborted', async () => {
    await open()
    const reader = read(transport, 'subscription Arrivals { arrived { name } }')
    const first = reader.next()
    await door.events.subscribed()
    door.events.channel().emit(['ada'])
    await first
    await reader.leave()
    expect(await heard.lineCount(1)).toMatchObject([{ operation: 'Arrivals', outcome: 'aborted' }])
  })

  test('that ends with an error is told with its code', async () => {
    await open()
    const reader = read(transport, 'subscription Arrivals { arrived { name } }')
    const first = reader.next()
    await door.events.subscribed()
    door.events.channel().emit(['ada'])
    await first
    const next = reader.next().catch(() => null)
    door.events.channel().fail(new Error('away'))
    await next
    const [line] = await heard.lineCount(1)
    expect(line?.errors).toHaveLength(1)
  })
})

describe('An answer in parts', () => {
  test('is told once, with what was withheld from each', async () => {
    await open()
    const query = 'query Late { person(id: "bo") { name ... @defer { email } } }'
    await (await post({ query }, { accept: 'multipart/mixed' })).text()
    expect(await heard.lineCount(1)).toMatchObject([
      { ...AS_ONE, operation: 'Late', subgraphRequests: 1, consentSubjects: 1 },
    ])
    expect(heard.counts.get('plans made')).toBe(1)
  })
})

describe('An operation that a WebSocket has no room for', () => {
  test('is told with its code', async () => {
    await open()
    const socket = new WebSocket(`${door.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send('{"type":"connection_init"}')
    const subscribe = { type: 'subscribe', payload: { query: 'subscription { count }' } }
    for (const id of ['1', '2']) socket.send(JSON.stringify({ ...subscribe, id }))
    expect(await heard.lineCount(1)).toMatchObject([{ outcome: 'failed', errors: ['STREAMS_EXHAUSTED'] }])
    socket.terminate()
    await heard.lineCount(2)
  })
})
