import { createClient as createSseClient } from 'graphql-sse'
import { afterEach, describe, expect, test } from 'vitest'
import { recordSubgraphs, type RecordingSubgraphs } from '../../gateway/adapters/recording-subgraphs.ts'
import { explaining } from '../../gateway/start/explaining.ts'
import { showingSent } from '../../gateway/start/showing-sent.ts'
import { openPeopleDoor, type PeopleDoor, type PeopleDoorOptions } from '../support/open-people-door.ts'
import { type OperationReader, type Read, readOver, type Transport } from '../support/read-events.ts'

let door: PeopleDoor
const readers: OperationReader[] = []

afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.leave()))
  await door.close()
})

const EXPLAIN = { 'x-assent-explain': 'plan' }
const ARRIVED = 'subscription { arrived { name email } }'
const DEFERRING = '{ person(id: "ada") { name ... @defer { email } } }'

const open = async (options: PeopleDoorOptions = {}): Promise<void> => {
  door = await openPeopleDoor({
    contract: { explain: true },
    within: (gateway) => explaining(gateway, false, gateway),
    ...options,
  })
}

const read = (
  transport: Transport,
  query: string,
  headers: Readonly<Record<string, string>>,
): OperationReader => {
  const reader = readOver(transport, door.url, { query, headers })
  readers.push(reader)
  return reader
}

const events = async (reader: OperationReader, ...ids: string[]): Promise<Read[]> => {
  const first = reader.next()
  await door.events.subscribed()
  for (const id of ids) door.events.channel().emit([id])
  const told = [await first]
  while (told.length < ids.length) told.push(await reader.next())
  return told.map((one) => one ?? {})
}

const extensionsOf = ({ extensions }: Read): Record<string, unknown> =>
  (extensions ?? {}) as Record<string, unknown>

describe.each(['sse', 'multipart', 'ws'] as const)('A client that asks for its plan over %s', (transport) => {
  test('is told the plan with the first event, and with each what the fence did for that one', async () => {
    await open()
    const [ada, bo] = await events(read(transport, ARRIVED, EXPLAIN), 'ada', 'bo')
    const fenced = (word: string): object[] => [
      { lookup: 'L1', objects: 1, people: 1, [word]: [{ coordinate: 'Person.email', count: 1 }] },
    ]
    expect(extensionsOf(ada ?? {})).toMatchObject({
      plan: { kind: 'Sequence' },
      cost: expect.anything() as unknown,
      fence: fenced('granted'),
    })
    expect(extensionsOf(bo ?? {})).not.toHaveProperty('plan')
    expect(extensionsOf(bo ?? {})['fence']).toHaveLength(1)
  })

  test('gets the same data as one that does not', async () => {
    await open()
    const [told] = await events(read(transport, ARRIVED, EXPLAIN), 'bo')
    const [plain] = await events(read(transport, ARRIVED, {}), 'bo')
    expect(told?.['data']).toEqual(plain?.['data'])
    expect(extensionsOf(plain ?? {})).not.toHaveProperty('fence')
  })

  test('is told the plan of a query, too', async () => {
    await open()
    const told = await read(transport, '{ person(id: "ada") { email } }', EXPLAIN).next()
    if (transport !== 'multipart') expect(extensionsOf(told ?? {})).toHaveProperty('plan')
  })

  test('is refused where its contract does not allow it, before anybody is subscribed to', async () => {
    await open({ contract: {} })
    const told: unknown = await read(transport, ARRIVED, EXPLAIN)
      .next()
      .catch((cause: unknown) => cause)
    expect(JSON.stringify(told)).toContain('EXPLAIN_REFUSED')
  })
})

describe('An answer whose parts are deferred', () => {
  test('comes whole with its plan to a client that asks for it', async () => {
    await open()
    const client = createSseClient({ url: `${door.url}/graphql`, headers: EXPLAIN, retryAttempts: 0 })
    const told: unknown[] = []
    for await (const part of client.iterate({ query: DEFERRING })) told.push(part)
    client.dispose()
    expect(told).toEqual([
      {
        data: { person: { name: 'Ada', email: expect.any(String) as string } },
        extensions: {
          cost: expect.anything() as unknown,
          plan: expect.objectContaining({ kind: 'Sequence' }) as unknown,
          fence: [expect.objectContaining({ lookup: 'L1' })],
        },
      },
    ])
  })

  test('is refused its plan where the contract does not allow it', async () => {
    await open({ contract: {} })
    const response = await fetch(`${door.url}/graphql`, {
      method: 'POST',
      headers: { ...EXPLAIN, 'content-type': 'application/json', accept: 'multipart/mixed' },
      body: JSON.stringify({ query: DEFERRING }),
    })
    expect(await response.text()).toContain('EXPLAIN_REFUSED')
  })
})

describe('A developer who asks what was sent', () => {
  const SHOW = { 'x-assent-show': 'sent' }
  let recorder: RecordingSubgraphs

  const openShowing = (): Promise<void> =>
    open({
      world: {
        around: (subgraphs) => (recorder = recordSubgraphs(subgraphs)),
      },
      within: (gateway) => showingSent(gateway, recorder),
    })

  test.each(['sse', 'ws'] as const)(
    'is told over %s with each event what was sent for it',
    async (transport) => {
      await openShowing()
      const told = await events(read(transport, ARRIVED, SHOW), 'ada', 'bo')
      expect(told.map((event) => extensionsOf(event)['sent'])).toEqual([
        [expect.objectContaining({ subgraph: 'people', representations: 1 })],
        // Bo has refused, so nobody was asked.
        [],
      ])
    },
  )

  test('is told of deferred parts with the rest', async () => {
    await openShowing()
    const told = await read('sse', DEFERRING, SHOW).next()
    expect(told).not.toHaveProperty('hasNext')
    expect(extensionsOf(told ?? {})['sent']).toHaveLength(2)
  })
})
