import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { type Deliverer, startDeliverer } from '../../subgraphs/consent/outbox/deliverer.ts'
import { createMemoryOutbox } from '../../subgraphs/consent/outbox/memory-outbox.ts'
import { createNatsSender } from '../../subgraphs/consent/outbox/nats-sender.ts'
import type { Sender } from '../../subgraphs/delivery/sender.ts'
import { consentLog } from '../support/consent-log.ts'
import { freePort } from '../support/services/child-service.ts'
import { type NatsPlace, startNats } from '../support/services/nats.ts'
import { VirtualTime } from '../support/virtual-time.ts'

const PROGRAM = process.env['TEST_NATS_SERVER'] ?? ''
const NOON = Date.UTC(2026, 4, 1, 12)
const SECOND = 1_000

describe.skipIf(PROGRAM === '')('NATS JetStream', () => {
  let place: NatsPlace
  let stopNats: () => Promise<void>
  let time: VirtualTime
  let store: ReturnType<typeof createMemoryConsentStore>
  let outbox: ReturnType<typeof createMemoryOutbox>
  let said: ReturnType<typeof consentLog>
  const senders = new Set<Sender>()
  const running = new Set<Deliverer>()

  beforeEach(async () => {
    place = {
      port: await freePort(),
      token: 'the token of the bus',
      store: mkdtempSync(join(tmpdir(), 'assent-nats-store-')),
    }
    stopNats = async () => {}
    time = new VirtualTime(NOON)
    store = createMemoryConsentStore(time.clock)
    outbox = createMemoryOutbox(time.clock)
    said = consentLog(store, time.clock)
  })
  afterEach(async () => {
    for (const deliverer of running) await deliverer.stop()
    for (const sender of senders) await sender.close()
    running.clear()
    senders.clear()
    await stopNats()
    rmSync(place.store, { recursive: true, force: true })
  })

  const start = async (): Promise<void> => {
    stopNats = await startNats(PROGRAM, place)
  }
  const url = (): string => `nats://127.0.0.1:${place.port}`
  const senderTo = (token: string): Sender => {
    const sender = createNatsSender({ url: url(), token, stream: 'ASSENT_CONSENT', timeoutMs: 5_000 })
    senders.add(sender)
    return sender
  }

  /** A replica that publishes; `lose`: after which sends it is taken for dead, before it could record anything. */
  const deliver = async ({
    holder = 'replica-1',
    sender = senderTo(place.token),
  } = {}): Promise<Deliverer> => {
    const terms = { name: 'bus', kind: 'nats', scopes: null, url: url(), slaMs: 300_000 } as const
    await outbox.configure([{ ...terms, start: '0' }])
    const deliverer = startDeliverer({
      terms,
      sender,
      store,
      outbox,
      holder,
      retry: { attempts: 16, firstMs: SECOND, longestMs: 60 * SECOND },
      concurrency: 8,
      leaseMs: 30 * SECOND,
      pollMs: SECOND,
      clock: time.clock,
      random: () => 1,
      pause: time.pause,
      log: () => {},
    })
    running.add(deliverer)
    await time.idle()
    return deliverer
  }

  /** Everything the stream holds, in its order. */
  const stored = async () => {
    const connection = await connect({ servers: url(), token: place.token })
    try {
      const { state } = await (await jetstreamManager(connection)).streams.info('ASSENT_CONSENT')
      if (state.messages === 0) return []
      const consumer = await jetstream(connection).consumers.get('ASSENT_CONSENT')
      const messages = []
      for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 5_000 }))
        messages.push({
          subject: message.subject,
          id: message.headers?.get('Nats-Msg-Id'),
          event: message.json<{ subject: string; status: string | null; blocked: string | null }>(),
        })
      return messages
    } finally {
      await connection.close()
    }
  }
  const ids = async () => (await stored()).map(({ id }) => Number(id)).toSorted((a, b) => a - b)
  const position = async () => (await outbox.consumers())[0]?.position

  test('is published each change under its scope, with the revision as message id', async () => {
    await start()
    await said('ada', 'analytics', 'withdrawn')
    await store.mark('bo', 'erased', NOON)
    await deliver()
    expect(await stored()).toMatchObject([
      { subject: 'assent.consent.change.analytics', id: '1', event: { subject: 'ada', status: 'withdrawn' } },
      { subject: 'assent.consent.person', id: '2', event: { subject: 'bo', blocked: 'erased' } },
    ])
    expect(await position()).toBe('2')
  })

  test('stores once what is published again by a replica that took over before anything was recorded', async () => {
    await start()
    await said('ada', 'analytics', 'withdrawn')
    const real = senderTo(place.token)
    // The first replica dies between the publication and its record: what it would have recorded is refused.
    const dying: Sender = {
      ...real,
      async send(event, key) {
        await real.send(event, key)
        time.now += 31 * SECOND
        await outbox.take({ consumer: 'bus', holder: 'replica-2', ms: 30 * SECOND })
        return { isTaken: true }
      },
    }
    const first = await deliver({ sender: dying })
    expect(await position()).toBe('0')
    await first.stop()
    running.clear()
    await deliver({ holder: 'replica-2' })
    expect(await position()).toBe('1')
    expect((await outbox.deliveries('1'))[0]).toMatchObject({ state: 'acknowledged', attempts: 2 })
    expect(await stored()).toMatchObject([{ id: '1' }])
  })

  test('that is away at the start gets everything once it is there', async () => {
    await said('ada', 'analytics', 'given')
    await said('bo', 'analytics', 'given')
    await deliver()
    expect((await outbox.deliveries('1'))[0]).toMatchObject({ state: 'pending', reason: 'UNREACHABLE' })
    await said('ada', 'analytics', 'withdrawn')
    await start()
    await time.pass(2 * SECOND)
    expect(await position()).toBe('3')
    expect(await ids()).toEqual([1, 2, 3])
  })

  test('that goes away half-way loses nothing, repeats nothing, and is caught up', async () => {
    await start()
    for (const person of ['ada', 'bo', 'cyd']) await said(person, 'analytics', 'given')
    await deliver()
    expect(await position()).toBe('3')
    await stopNats()
    for (const person of ['ada', 'bo', 'cyd']) await said(person, 'analytics', 'withdrawn')
    await time.pass(3 * SECOND)
    expect(await position()).toBe('3')
    await start()
    await time.pass(120 * SECOND)
    expect(await position()).toBe('6')
    expect(await ids()).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('that does not know the token takes nothing', async () => {
    await start()
    await said('ada', 'analytics', 'given')
    await deliver({ sender: senderTo('another token') })
    expect((await outbox.deliveries('1'))[0]).toMatchObject({ state: 'pending', reason: 'UNREACHABLE' })
  })

  test('whose stream somebody has made with limits of their own keeps them', async () => {
    await start()
    const connection = await connect({ servers: url(), token: place.token })
    const { streams } = await jetstreamManager(connection)
    await streams.add({ name: 'ASSENT_CONSENT', subjects: ['assent.consent.>'], max_msgs: 1 })
    await said('ada', 'analytics', 'given')
    await said('ada', 'analytics', 'withdrawn')
    await deliver()
    expect((await streams.info('ASSENT_CONSENT')).config.max_msgs).toBe(1)
    expect((await stored()).map(({ id }) => id)).toEqual(['2'])
    await connection.close()
  })
})
