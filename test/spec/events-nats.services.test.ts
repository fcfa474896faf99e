import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createIntake } from '../../subgraphs/events/entrance/intake.ts'
import { startNatsEntrance } from '../../subgraphs/events/entrance/nats-entrance.ts'
import { type EventWorld, eventWorld, line, sent } from '../support/events/event-flow.ts'
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
  beforeEach(async () => {
    place = {
      port: await freePort(),
      token: 'the token of the bus',
      store: mkdtempSync(join(tmpdir(), 'assent-nats-store-')),
      maxPayload: 6 * MiB,
    }
    stopNats = await startNats(PROGRAM, place)
    world = eventWorld()
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
      log: () => {},
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
  /** What the consumer has not acknowledged, and what it was not given yet. */
  const open = async () => {
    const connection = await connect({ servers: url(), token: place.token })
    try {
      const info = await (await jetstreamManager(connection)).consumers.info('SHOP', 'assent-events-shop')
      return info.num_ack_pending + info.num_pending
    } finally {
      await connection.close()
    }
  }
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
