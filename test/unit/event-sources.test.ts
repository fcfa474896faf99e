import { describe, expect, test } from 'vitest'
import { eventSources } from '../../gateway/event-sources.ts'

const NATS = { url: 'nats://bus.example:4222', stream: 'SHOP', subject: 'shop.events.>' }

describe('A source of events that publishes to NATS', () => {
  test('names the server, the stream and the subject', () => {
    expect(eventSources([{ name: 'shop', nats: { ...NATS, token: 'of the bus' } }])).toEqual([
      { name: 'shop', token: null, secrets: [], nats: { ...NATS, token: 'of the bus' } },
    ])
    expect(eventSources([{ name: 'shop', nats: NATS }])[0]?.nats?.token).toBeNull()
  })

  test.each([
    [{ ...NATS, url: 'https://bus.example' }, 'nats://'],
    [{ ...NATS, url: 'nats://me:secret@bus.example' }, 'token'],
    [{ ...NATS, stream: 'SHOP.*' }, 'stream'],
    [{ ...NATS, subject: 'shop..events' }, 'subject'],
    [{ ...NATS, subject: undefined }, 'subject'],
    [{ ...NATS, durable: 'mine' }, 'knows only'],
    ['nats://bus.example', 'no map'],
  ])('is told what cannot be meant (%#)', (nats, word) => {
    expect(() => eventSources([{ name: 'shop', nats }])).toThrow(word)
  })
})
