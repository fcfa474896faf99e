import { afterEach, describe, expect, test } from 'vitest'
import { AssentError } from '../../gateway/errors.ts'
import { openPeopleDoor, type PeopleDoor } from '../support/open-people-door.ts'
import { canary } from '../support/people-graph.ts'
import { type Asking, type OperationReader, readOver, type Transport } from '../support/read-events.ts'

let door: PeopleDoor
const readers: OperationReader[] = []

afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.leave()))
  await door.close()
})

const read = (transport: Transport, query: string, asking: Partial<Asking> = {}): OperationReader => {
  const reader = readOver(transport, door.url, { query, ...asking })
  readers.push(reader)
  return reader
}

/** The code of the error that ends an operation; `answered` when it is answered instead. */
const codeOf = async (reader: OperationReader): Promise<unknown> => {
  const told: unknown = await reader.next().catch((cause: unknown) => cause)
  const { errors = told } = (told ?? {}) as { errors?: unknown }
  const [first] = Array.isArray(errors) ? (errors as { extensions: { code: string } }[]) : []
  return first?.extensions.code ?? 'answered'
}

const ARRIVED = 'subscription { arrived { name email } }'
const email = canary('ada', 'email')

describe.each(['sse', 'multipart', 'ws'] as const)('a client subscribes over %s', (transport) => {
  test('and reads each event, answered for the moment it is read, until there are no more', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED)
    const first = reader.next()
    await door.events.subscribed()
    door.events.channel().emit(['ada'])
    expect(await first).toEqual({ data: { arrived: { name: 'Ada', email } } })

    door.events.consents['ada'] = { contact: 'withdrawn' }
    door.events.channel().emit(['ada'])
    expect(await reader.next()).toMatchObject({
      data: { arrived: { name: 'Ada', email: null } },
      extensions: { consent: { withheld: [{ coordinate: 'Person.email', reason: 'WITHDRAWN' }] } },
    })

    door.events.channel().finish()
    expect(await reader.next()).toBeNull()
  })

  test('a query is answered, too', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, 'query ($id: ID!) { person(id: $id) { name } }', {
      variables: { id: 'ada' },
    })
    expect(await reader.next()).toEqual({ data: { person: { name: 'Ada' } } })
    expect(await reader.next()).toBeNull()
  })

  test('a client that leaves ends the subscription in the subgraph at once', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED)
    const first = reader.next()
    await door.events.subscribed()
    door.events.channel().emit(['ada'])
    await first
    await reader.leave()
    await door.events.channel().left
  })

  test('a subgraph that breaks off is told with its code', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED)
    const first = reader.next()
    await door.events.subscribed()
    door.events.channel().emit(['ada'])
    await first
    door.events.channel().fail(new AssentError('SUBGRAPH_STREAM_BROKEN', 'people'))
    expect(await codeOf(reader)).toBe('SUBGRAPH_STREAM_BROKEN')
  })

  test('a gateway that stops says so, and stops', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED)
    const code = codeOf(reader)
    await door.events.subscribed()
    const closed = door.close()
    expect(await code).toBe('GATEWAY_STOPPING')
    await closed
  })

  test('a token that runs out ends the stream with its code', async () => {
    door = await openPeopleDoor({ expiresAt: Date.now() + 300, world: { clock: () => Date.now() } })
    const reader = read(transport, ARRIVED)
    expect(await codeOf(reader)).toBe('TOKEN_EXPIRED')
  })

  test('a caller who is nobody is refused', async () => {
    door = await openPeopleDoor()
    const reader = read(transport, ARRIVED, { headers: { authorization: 'nobody' } })
    expect(await codeOf(reader)).toBe('TOKEN_INVALID')
  })

  test('a document that does not fit is refused in the words of any other request', async () => {
    door = await openPeopleDoor()
    expect(await codeOf(read(transport, 'subscription { arrived { shoeSize } }'))).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect(await codeOf(read(transport, 'subscription { arrived'))).toBe('GRAPHQL_PARSE_FAILED')
    expect(await codeOf(read(transport, 'subscription { arrived { name } count }'))).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect(
      await codeOf(
        read(transport, 'subscription ($no: Boolean!) { arrived @include(if: $no) { name } }', {
          variables: { no: false },
        }),
      ),
    ).toBe('GRAPHQL_VALIDATION_FAILED')
  })
})
