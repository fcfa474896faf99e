import { beforeEach, describe, expect, test } from 'vitest'
import { createMemoryPeople } from '../../subgraphs/aggregates/people/memory-people.ts'
import { createMemoryLedger } from '../../subgraphs/budget/memory-ledger.ts'
import type { Event } from '../../subgraphs/events/event.ts'
import { createMemoryEventStore } from '../../subgraphs/events/memory-event-store.ts'
import { createMemoryFeed } from '../../subgraphs/identity/changes/memory-feed.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { openAggregates } from '../../subgraphs/open-aggregates.ts'
import { createMemoryStandings } from '../../subgraphs/standing/memory-standings.ts'
import { aggregatesOf, crowd, DAY, NOON, openCohortDesk, WINDOW } from '../support/cohorts/cohort-desk.ts'

/** Aggregates in front of the store of events, as the house plugs them together. */
const open = () => {
  const time = { now: NOON, isCurrent: true, turn: 0, afterPage: async () => {} }
  const currency = { isCurrent: () => time.isCurrent, turn: () => time.turn }
  const standings = createMemoryStandings()
  const events = createMemoryEventStore({ standings, currency, clock: () => time.now })
  const stores = { people: createMemoryPeople(), ledger: createMemoryLedger(), key: Buffer.alloc(32, 7) }
  const options = openAggregates(
    {
      aggregates: stores,
      identity: createMemoryIdentityStore(),
      changes: createMemoryFeed(),
      currency,
      events: {
        ofType: async (asked, page) => {
          const found = await events.ofType(asked, page)
          await time.afterPage()
          return found
        },
      },
    },
    aggregatesOf(),
  )
  const desk = openCohortDesk({ ...options, clock: () => time.now, pace: () => async () => {} })
  let revision = 0
  return {
    time,
    events,
    stores,
    says: async (pids: readonly string[], granted: boolean) => {
      revision += 1
      time.turn += 1
      const [basis, cut] = granted ? [String(revision), String(revision - 1)] : ['0', String(revision)]
      const one = { scope: 'analytics', granted, receipt: granted ? 'r' : null, expiresAt: null, basis, cut }
      await standings.write(
        pids.map((pid) => ({ ...one, pid, revision: String(revision) })),
        String(revision),
      )
      return String(revision)
    },
    people: async () => {
      const { data } = await desk.ask(
        `{ cohortMetric(metric: "sessions", statistic: PEOPLE, epsilon: 2, ${WINDOW}) { value suppressed refused { code } } }`,
      )
      return data.cohortMetric as { value: number; suppressed: boolean; refused: { code: string } | null }
    },
  }
}

const eventsOf = (consentRevision: string): Event[] =>
  crowd(100).map((event) => ({
    ...event,
    version: 1,
    consentId: 'r',
    consentRevision,
    expiresAt: NOON + 90 * DAY,
  }))

describe('a number about events that rest on consent', () => {
  const pids = crowd(100).map(({ pid }) => pid)
  let house: ReturnType<typeof open>
  beforeEach(async () => {
    house = open()
    await house.events.append(eventsOf(await house.says(pids, true)), NOON)
  })

  test('counts who said yes', async () => {
    expect(Math.abs((await house.people()).value - 100)).toBeLessThan(12)
  })

  test('and nobody who has withdrawn, also when they say yes again later', async () => {
    await house.says(pids, false)
    expect(await house.people()).toEqual({ value: null, suppressed: true, refused: null })
    await house.says(pids, true)
    house.time.now += DAY
    expect(await house.people()).toEqual({ value: null, suppressed: true, refused: null })
  })

  test('is refused while it is not known what holds, and costs nothing: an empty store would make everybody few', async () => {
    house.time.isCurrent = false
    expect(await house.people()).toMatchObject({ value: null, refused: { code: 'AGGREGATES_NOT_CURRENT' } })
    const [budget] = aggregatesOf().budgets.values()
    expect((await house.stores.ledger.left(budget!, NOON))[0]?.spent).toBe(0)
    house.time.isCurrent = true
    expect((await house.people()).refused).toBeNull()
  })

  describe('that is read in many pages', () => {
    beforeEach(async () => {
      const many = Array.from({ length: 60 }, (_, n) =>
        eventsOf('1').map((event) => ({ ...event, eventId: `${event.eventId}-${n}` })),
      )
      await house.events.append(many.flat(), NOON)
    })

    test('counts nobody by what the first page said who withdraws before the second one', async () => {
      let pages = 0
      house.time.afterPage = async () => {
        pages += 1
        if (pages === 1) await house.says(pids.slice(0, 50), false)
      }
      expect(Math.abs((await house.people()).value - 50)).toBeLessThan(12)
      expect(pages).toBe(3)
    })

    test('is refused when consent changes with every reading', async () => {
      let one = 0
      house.time.afterPage = async () => {
        await house.says(pids.slice(one, (one += 1)), false)
      }
      expect((await house.people()).refused).toMatchObject({ code: 'AGGREGATES_NOT_CURRENT' })
    })
  })
})
