import { describe, expect, test } from 'vitest'
import { consentChanges } from '../../subgraphs/consent/changes.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import type { StreamEvent } from '../../subgraphs/send-events.ts'
import { firstReceipt, NOON } from '../support/receipts.ts'

describe('Who listens to changes', () => {
  test('hears those after the revision they name, oldest first, then how things stand', async () => {
    const { store, listen } = service()
    await store.append([firstReceipt('ada'), firstReceipt('bo')])
    await store.mark('cyd', 'erased', NOON)
    const next = listen({ after: '1' })
    expect([await next(), await next(), await next()]).toEqual([
      {
        event: 'change',
        id: '2',
        data: {
          revision: '2',
          subject: 'bo',
          scopes: ['analytics'],
          status: 'GIVEN',
          blocked: null,
          at: '2026-05-01T12:00:00.000Z',
        },
      },
      {
        event: 'change',
        id: '3',
        data: {
          revision: '3',
          subject: 'cyd',
          scopes: [],
          status: null,
          blocked: 'ERASED',
          at: '2026-05-01T12:00:00.000Z',
        },
      },
      { event: 'heartbeat', data: { revision: '3' } },
    ])
  })

  test('hears of a write at once, without waiting for the heartbeat', async () => {
    const { store, listen, pauses, beat } = service()
    const next = listen({})
    expect(await next()).toEqual({ event: 'heartbeat', data: { revision: '0' } })
    const heard = next()
    await store.append([firstReceipt('ada')])
    expect(await heard).toMatchObject({ event: 'change', id: '1' })
    expect(pauses).toEqual(['woken'])
    expect(await next()).toEqual({ event: 'heartbeat', data: { revision: '1' } })
    const then = next()
    await store.revision()
    beat()
    await then
    expect(pauses).toEqual(['woken', 'beat'])
  })

  test('misses nothing that is written while they are being told', async () => {
    const { store, listen } = service()
    await store.append([firstReceipt('ada')])
    const next = listen({})
    await next()
    await store.append([firstReceipt('bo')])
    expect([await next(), await next()]).toMatchObject([{ event: 'heartbeat' }, { event: 'change', id: '2' }])
  })

  test('hears the newest revision again and again while nothing happens', async () => {
    const { listen, beat } = service()
    const next = listen({})
    await next()
    const heard = next()
    beat()
    expect(await heard).toEqual({ event: 'heartbeat', data: { revision: '0' } })
  })

  test.each([{ after: '1 or 1=1' }, { after: 7 }, null, 'text'])(
    'hears everything when %j names no revision',
    async (input) => {
      const { store, listen } = service()
      await store.append([firstReceipt('ada')])
      expect(await listen(input)()).toMatchObject({ event: 'change', id: '1' })
    },
  )

  test('is let go when they leave', async () => {
    const { store, listen, leave } = service()
    const next = listen({})
    await next()
    const end = next()
    leave()
    expect(await end).toBeUndefined()
    await store.append([firstReceipt('ada')])
    expect(await next()).toBeUndefined()
  })
})

/** A stream whose heartbeat is ours to beat. */
function service() {
  const store = createMemoryConsentStore()
  const leaving = new AbortController()
  const pauses: string[] = []
  let beat = () => {}
  const pause = (_ms: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      beat = () => (pauses.push('beat'), resolve())
      const wake = () => (pauses.push('woken'), resolve())
      if (signal.aborted) wake()
      else signal.addEventListener('abort', wake, { once: true })
    })
  return {
    store,
    pauses,
    beat: () => beat(),
    leave: () => leaving.abort(),
    listen(input: unknown): () => Promise<StreamEvent | undefined> {
      const events = consentChanges(store, pause)(input, leaving.signal)[Symbol.asyncIterator]()
      return async () => (await events.next()).value
    },
  }
}
