import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createIntake } from '../../subgraphs/events/entrance/intake.ts'
import { startNatsEntrance } from '../../subgraphs/events/entrance/nats-entrance.ts'
import { type EventWorld, eventWorld, line, memoryEngine, sent } from '../support/events/event-flow.ts'
import { freePort } from '../support/services/child-service.ts'
import { type NatsPlace, startNats } from '../support/services/nats.ts'

const PROGRAM = process.env['TEST_NATS_SERVER'] ?? ''
const MiB = 1_048_576
const SOON = { timeout: 30_000, interval: 50 }

describe.skipIf(PROGRAM === '')('Events from a subject of NATS', () => {
  let place: NatsPlace
  let world: EventWorld
  let stopNats: () => Promise<void>
  let stopEntrance = async (): Promise<void> => {}
  let told: string[]
  /** What the store throws for; of everything when it is down. */
  let isSickOf: (eventId: string) => boolean
  beforeEach(async () => {
    told = []
    isSickOf = () => false
    place = {
      port: await freePort(),
      token: 'the token of the bus',
      store: mkdtempSync(join(tmpdir(), 'assent-nats-store-')),
      maxPayload: 6 * MiB,
    }
    stopNats = await startNats(PROGRAM, place)
    world = eventWorld(memoryEngine(), (parts) => ({
      ...parts,
      store: {
        async append(events, now) {
          if (events.some(({ eventId }) => isSickOf(eventId))) throw new Error('the store refuses')
          return parts.store.append(events, now)
        },
      },
    }))
    await world.says('ada', 'analytics', 'rc-ada')
  })
  afterEach(async () => {
    await stopEntrance()
    await stopNats()
    rmSync(place.store, { recursive: true, force: true })
  })

  const url = () => `nats://127.0.0.1:${place.port}`
  const listen = (): void => {
    const { stop } = startNatsEntrance({
      url: url(),
      token: place.token,
      stream: 'SHOP',
      subject: 'shop.events',
      source: 'shop',
      intake: createIntake({ flow: world.flow, mostWaiting: 1_000, together: 50 }),
      flow: world.flow,
      maxDeliveries: 3,
      log: (_said, sentence) => void told.push(sentence),
      pauseMs: 50,
    })
    stopEntrance = stop
  }
  const publish = async (...messages: readonly (readonly [id: string, line: Buffer])[]) => {
    const connection = await connect({ servers: url(), token: place.token })
    try {
      const manager = await jetstreamManager(connection)
      await manager.streams
        .info('SHOP')
        .catch(() => manager.streams.add({ name: 'SHOP', subjects: ['shop.events'] }))
      for (const [msgID, payload] of messages)
        await jetstream(connection).publish('shop.events', payload, { msgID })
    } finally {
      await connection.close()
    }
  }
  const consumer = async () => {
    const connection = await connect({ servers: url(), token: place.token })
    try {
      return await (await jetstreamManager(connection)).consumers.info('SHOP', 'assent-events-shop')
    } finally {
      await connection.close()
    }
  }
  /** What the consumer has not acknowledged, and what it was not given yet. */
  const open = async () => {
    const { num_ack_pending: given, num_pending: left } = await consumer()
    return given + left
  }
  /** How often it was given anything. */
  const deliveries = async () => (await consumer()).delivered.consumer_seq
  const stored = async () => (await world.store.after('0', 100)).map(({ eventId }) => eventId)
  const { eventId: _, ...unnamed } = sent()

  test('are stored or quarantined, and acknowledged then: nothing comes for ever, and nothing is lost', async () => {
    await publish(
      ['m-1', line(unnamed)],
      ['m-2', Buffer.from('{')],
      ['m-3', line(sent({ eventId: 'broken', data: {} }))],
      ['m-4', Buffer.from([0xff])],
      ['m-5', line(sent({ eventId: 'named' }))],
    )
    listen()
    await expect.poll(stored, SOON).toEqual(['m-1', 'named'])
    await expect.poll(open, SOON).toBe(0)
    expect((await world.quarantine.list({ limit: 10 })).map(({ code }) => code).toSorted()).toEqual([
      'EVENT_BREAKS_CONTRACT',
      'EVENT_NOT_UTF8',
      'EVENT_UNREADABLE',
    ])
  })

  test('are not acknowledged while nobody can judge them, and come again', async () => {
    world.time.isCurrent = false
    await publish(['m-1', line(unnamed)])
    listen()
    await expect.poll(open, SOON).toBe(1)
    world.time.isCurrent = true
    await expect.poll(stored, SOON).toEqual(['m-1'])
    await expect.poll(open, SOON).toBe(0)
  })

  const waiting = async () =>
    (await world.quarantine.list({ state: 'waiting', limit: 10 })).map(({ code, envelope, hasPayload }) => [
      code,
      envelope.eventId,
      hasPayload,
    ])

  test('that can never be judged are in quarantine after so many deliveries, and replayed when that is mended', async () => {
    isSickOf = (eventId) => eventId === 'poison'
    await publish(['m-1', line(unnamed)], ['poison', line(unnamed)], ['m-2', line(unnamed)])
    listen()
    await expect.poll(stored, SOON).toEqual(['m-1', 'm-2'])
    await expect.poll(open, SOON).toBe(0)
    expect(await waiting()).toEqual([['EVENT_NOT_JUDGED', 'poison', true]])
    const counted = world.counters.counts().filter(({ outcome }) => outcome === 'EVENT_NOT_JUDGED')
    expect(counted).toEqual([{ type: 'page_view', outcome: 'EVENT_NOT_JUDGED', count: 1 }])
    expect(told.filter((sentence) => sentence.includes('in quarantine'))).toHaveLength(1)
    isSickOf = () => false
    const [entry] = await world.quarantine.list({ limit: 1 })
    expect(await world.flow.replay([entry?.id ?? ''])).toMatchObject([{ outcome: 'stored' }])
    expect(await stored()).toEqual(['m-1', 'm-2', 'poison'])
  })

  test('are not given up while the store is down, however often they are delivered', async () => {
    isSickOf = () => true
    await publish(['m-1', line(unnamed)], ['m-2', line(unnamed)])
    listen()
    await expect.poll(deliveries, SOON).toBeGreaterThan(10)
    expect([await waiting(), await open()]).toEqual([[], 2])
    isSickOf = () => false
    await expect.poll(async () => (await stored()).toSorted(), SOON).toEqual(['m-1', 'm-2'])
    await expect.poll(open, SOON).toBe(0)
    expect(await waiting()).toEqual([])
  })

  test('that are larger than what is fetched at once keep nobody behind them waiting', async () => {
    const large = Buffer.alloc(5 * MiB, ' ')
    await publish(['m-1', line(unnamed)], ['large', large], ['m-2', line(unnamed)])
    listen()
    await expect.poll(stored, SOON).toEqual(['m-1', 'm-2'])
    await expect.poll(open, SOON).toBe(0)
    expect((await world.quarantine.list({ limit: 10 })).map(({ code, bytes }) => [code, bytes])).toEqual([
      ['EVENT_TOO_LARGE', 5 * MiB],
    ])
  })

  test('of which more wait than are fetched at once are all taken, without waiting to be sent again', async () => {
    const blank = Buffer.alloc(MiB, ' ')
    const many = Array.from(
      { length: 9 },
      (_event, at) => [`m-${at}`, Buffer.concat([blank, Buffer.from([at])])] as const,
    )
    await publish(...many, ['last', line(unnamed)])
    listen()
    await expect.poll(stored, SOON).toEqual(['last'])
    await expect.poll(open, SOON).toBe(0)
    expect(await world.quarantine.list({ limit: 20 })).toHaveLength(9)
  })

  test('that come again are stored once, also by a server and a listener that were started anew', async () => {
    await publish(['m-1', line(unnamed)])
    listen()
    await expect.poll(open, SOON).toBe(0)
    await stopEntrance()
    await stopNats()
    stopNats = await startNats(PROGRAM, place)
    await publish(['m-1-again', line({ ...unnamed, eventId: 'm-1' })], ['m-2', line(unnamed)])
    listen()
    await expect.poll(open, SOON).toBe(0)
    expect(await stored()).toEqual(['m-1', 'm-2'])
  })
})
