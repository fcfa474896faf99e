import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { AssentError } from '../../gateway/errors.ts'
import { createLifetime } from '../../gateway/lifetime.ts'
import { peopleEvents } from '../support/people-events.ts'
import { canary } from '../support/people-graph.ts'
import { createWorld, type Subscribed } from '../support/world.ts'

const codeOf = async (stream: Subscribed): Promise<string> => {
  try {
    const answer = await stream.next()
    return answer === null ? 'ended' : 'answered'
  } catch (problem) {
    return problem instanceof AssentError ? problem.code : 'not coded'
  }
}

const ARRIVED = 'subscription { arrived { name email } }'
const LIMITS = { mostStreams: 10, mostWaitingEvents: 2, maxLifetimeSeconds: 60 }

describe('a subscription lasts as long as both sides want it', () => {
  test('it ends when the subgraph has no more events, after the last one', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe(ARRIVED)
    events.channel().emit(['ada'])
    events.channel().finish()
    expect(await codeOf(stream)).toBe('answered')
    expect(await codeOf(stream)).toBe('ended')
  })

  test('a client that leaves ends the stream in the subgraph at once, without an event', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe(ARRIVED)
    events.channel().emit(['ada'])
    await stream.next()
    const waiting = codeOf(stream)
    await stream.stop()
    await events.channel().left
    expect(await waiting).toBe('CLIENT_GONE')
  })

  test('so does a client whose connection is gone', async () => {
    const events = peopleEvents()
    const lifetime = createLifetime()
    const stream = await createWorld(events).subscribe(ARRIVED, { lifetime })
    events.channel().emit(['ada'])
    await stream.next()
    lifetime.end(new AssentError('CLIENT_GONE', 'connection'))
    await events.channel().left
  })

  test('a subgraph that breaks off is told to the client, after the events before it', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe(ARRIVED)
    events.channel().emit(['ada'])
    events.channel().fail(new AssentError('SUBGRAPH_UNREACHABLE', 'people'))
    expect(await codeOf(stream)).toBe('answered')
    expect(await codeOf(stream)).toBe('SUBGRAPH_UNREACHABLE')
    expect(await codeOf(stream)).not.toBe('answered')
  })

  test('it counts once as a use of what is deprecated, however many events it lives for', async () => {
    const events = peopleEvents()
    const [people, ...others] = events.subgraphs
    const sdl = String(people?.sdl).replace('count: Int!', 'count: Int! @deprecated(reason: "ask changed")')
    const uses: string[] = []
    const world = createWorld({
      ...events,
      subgraphs: people === undefined ? others : [{ ...people, sdl }, ...others],
      onDeprecated: (client, coordinates) => uses.push(...coordinates.map((one) => `${client} ${one}`)),
    })
    const stream = await world.subscribe('subscription { count }')
    for (const ids of [['ada'], ['ada', 'bo']]) {
      events.channel().emit(ids)
      expect(await codeOf(stream)).toBe('answered')
    }
    expect(uses).toEqual(['explorer Subscription.count'])
  })

  test('a gateway that stops ends its streams with a code', async () => {
    const events = peopleEvents()
    const world = createWorld(events)
    const stream = await world.subscribe(ARRIVED)
    events.channel().emit(['ada'])
    await stream.next()
    world.gateway.close()
    expect(await codeOf(stream)).toBe('GATEWAY_STOPPING')
    await events.channel().left
  })
})

describe('a stream is bounded', () => {
  test('a client that falls behind loses its stream, not the events of others', async () => {
    const events = peopleEvents()
    const world = createWorld({ ...events, streamLimits: LIMITS })
    const slow = await world.subscribe(ARRIVED)
    events.channel().emit(['ada'])
    await slow.next()
    for (const id of ['ada', 'bo', 'cyd']) events.channel().emit([id])
    await events.channel().left
    expect(await codeOf(slow)).toBe('STREAM_TOO_SLOW')
  })

  test('an event that waited is judged when it is read, not when it came', async () => {
    const events = peopleEvents()
    const stream = await createWorld(events).subscribe(ARRIVED)
    events.channel().emit(['ada'])
    events.channel().emit(['ada'])
    await stream.next()
    events.consents['ada'] = { contact: 'withdrawn' }
    expect((await stream.next())?.data).toEqual({ arrived: { name: 'Ada', email: null } })
    await stream.stop()
  })

  test('streams beyond the most are refused, and one that ends makes room', async () => {
    const events = peopleEvents()
    const world = createWorld({ ...events, streamLimits: { ...LIMITS, mostStreams: 1 } })
    const first = await world.subscribe(ARRIVED)
    await expect(world.subscribe(ARRIVED)).rejects.toMatchObject({ code: 'STREAMS_EXHAUSTED' })
    await first.stop()
    await (await world.subscribe(ARRIVED)).stop()
  })
})

describe('a stream does not outlive the token that opened it', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }))
  afterEach(() => void vi.useRealTimers())

  test('it ends when the token runs out, though nothing happens', async () => {
    const events = peopleEvents()
    const world = createWorld({ ...events, clock: () => Date.now(), streamLimits: LIMITS })
    const stream = await world.subscribe(ARRIVED, { expiresAt: Date.now() + 30_000 })
    events.channel().emit(['ada'])
    expect((await stream.next())?.data).toEqual({ arrived: { name: 'Ada', email: canary('ada', 'email') } })
    const waiting = codeOf(stream)
    vi.advanceTimersByTime(29_999)
    vi.advanceTimersByTime(1)
    expect(await waiting).toBe('TOKEN_EXPIRED')
    await events.channel().left
  })

  test('an event that comes before the timer rings, but after the token ran out, is given to nobody', async () => {
    const events = peopleEvents()
    let now = Date.now()
    const world = createWorld({ ...events, clock: () => now })
    const stream = await world.subscribe(ARRIVED, { expiresAt: now + 1000 })
    now += 1000
    events.channel().emit(['ada'])
    expect(await codeOf(stream)).toBe('TOKEN_EXPIRED')
  })

  test('it ends when it has lasted as long as a stream may', async () => {
    const events = peopleEvents()
    const world = createWorld({ ...events, clock: () => Date.now(), streamLimits: LIMITS })
    const stream = await world.subscribe(ARRIVED, { expiresAt: Date.now() + 3_600_000 })
    const waiting = codeOf(stream)
    vi.advanceTimersByTime(60_000)
    expect(await waiting).toBe('STREAM_LIFETIME_OVER')
  })
})

describe('what is no subscription is not subscribed to', () => {
  test('a query is refused', async () => {
    await expect(createWorld(peopleEvents()).subscribe('{ shops { sku } }')).rejects.toMatchObject({
      code: 'OPERATION_UNSUPPORTED',
    })
  })

  test('a subscription that is asked for in one answer is refused', async () => {
    await expect(createWorld(peopleEvents()).ask(ARRIVED)).rejects.toMatchObject({
      code: 'STREAM_UNSUPPORTED',
    })
  })

  test('variables are checked before anything is opened', async () => {
    const world = createWorld(peopleEvents())
    const refused = world.subscribe('subscription ($at: String!) { arrived(at: $at) { name } }')
    await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT' })
  })

  test('a condition on the one field of a subscription is refused: it might have none', async () => {
    const refused = createWorld(peopleEvents()).subscribe(
      'subscription { arrived @include(if: true) { name } }',
    )
    await expect(refused).rejects.toMatchObject({ code: 'GRAPHQL_VALIDATION_FAILED' })
  })
})
