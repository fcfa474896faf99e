import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { type ConsentEvent, toConsentEvent } from '../../subgraphs/consent/outbox/consent-event.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { consentLog } from '../support/consent-log.ts'
import { FollowingConsumer, yesLine } from '../support/following-consumer.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const PEOPLE = ['ada', 'bo']

type Act =
  | { readonly subject: string; readonly mark: 'suppressed' | 'suppression_lifted' | 'erased' }
  | {
      readonly subject: string
      readonly status: 'given' | 'refused' | 'withdrawn'
      readonly channel: string | null
    }

const subject = fc.constantFrom(...PEOPLE)
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      subject,
      status: fc.constantFrom('given', 'refused', 'withdrawn'),
      channel: fc.constantFrom(null, 'web'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ subject, mark: fc.constantFrom('suppressed', 'suppression_lifted', 'erased') }),
  },
)

const clock = (): number => NOON

/** The store after these acts, and each event as it could be told at the time it was written. */
const written = async (acts: readonly Act[]) => {
  const store = createMemoryConsentStore(clock)
  const said = consentLog(store, clock)
  const events = new Map<string, ConsentEvent>()
  for (const one of acts) {
    if ('mark' in one) await store.mark(one.subject, one.mark, NOON)
    else await said(one.subject, 'analytics', one.status, { channel: one.channel }).catch(() => {})
    for (const change of await store.changesAfter('0', 100))
      events.set(change.revision, toConsentEvent(change))
  }
  return { store, events: [...events.values()] }
}

const yesOf = async (store: ConsentStore): Promise<readonly string[]> =>
  [...(await store.records(PEOPLE)).values()]
    .flatMap(({ blocked, latest }) => (blocked === null ? latest : []))
    .filter(({ status }) => status === 'given' || status === 'renewed')
    .map(yesLine)
    .toSorted((a, b) => a.localeCompare(b))

function* ordersOf<T>(items: readonly T[]): Generator<readonly T[]> {
  if (items.length === 0) yield []
  for (const [place, item] of items.entries())
    for (const rest of ordersOf(items.toSpliced(place, 1))) yield [item, ...rest]
}

describe('Events twice, out of order, old after new', () => {
  test('leave a consumer that keeps to the rule with what the store says, in each of the 720 orders of six', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 6, maxLength: 6 }), fc.nat(), async (acts, seed) => {
        const { store, events } = await written(acts)
        const expected = await yesOf(store)
        for (const order of ordersOf(events)) {
          const consumer = new FollowingConsumer()
          // Each comes, and some of them again, somewhere behind.
          const again = order.filter((_, place) => (seed >> place) & 1)
          for (const event of [...order, ...again]) expect(consumer.take(event)).toBe(true)
          if (consumer.yes.join() !== expected.join()) expect({ order, yes: consumer.yes }).toEqual(expected)
        }
      }),
      { numRuns: 25 },
    )
  })

  test('are told apart by revisions that no floating-point number can tell apart', () => {
    const event = (revision: string, status: 'given' | 'withdrawn'): ConsentEvent => ({
      type: 'consent.changed.v1',
      revision,
      subject: 'ada',
      scope: 'analytics',
      status,
      blocked: null,
      at: new Date(NOON).toISOString(),
      channel: null,
      region: null,
      brand: null,
      surface: null,
      initiator: 'person',
    })
    const consumer = new FollowingConsumer()
    consumer.take(event('900719925474099300', 'withdrawn'))
    consumer.take(event('900719925474099299', 'given'))
    expect(consumer.yes).toEqual([])
  })

  test('of a version that a consumer does not know are not acknowledged, and change nothing', async () => {
    const { events } = await written([{ subject: 'ada', status: 'given', channel: null }])
    const consumer = new FollowingConsumer()
    const [given] = events
    expect(consumer.take({ ...given, type: 'consent.changed.v2' } as never)).toBe(false)
    expect(consumer.yes).toEqual([])
  })
})
