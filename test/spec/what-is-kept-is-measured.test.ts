import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import type { EventSource } from '../../subgraphs/features/materialise/event-source.ts'
import { createMaterialiser } from '../../subgraphs/features/materialise/materialiser.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { freshnessMetrics } from '../../subgraphs/measures/freshness-metrics.ts'
import type { ReceiptStatus } from '../../subgraphs/consent/receipts/receipt.ts'
import { createMemoryEventStore } from '../../subgraphs/events/memory-event-store.ts'
import { catchUp } from '../../subgraphs/standing/catch-up.ts'
import { createMemoryStandings } from '../../subgraphs/standing/memory-standings.ts'
import { Purger } from '../../subgraphs/standing/purger.ts'
import { describe, expect, test } from 'vitest'
import { budgetMetrics, BUDGET_METRICS } from '../../subgraphs/measures/budget-metrics.ts'
import { eventMetrics, EVENT_METRICS } from '../../subgraphs/measures/event-metrics.ts'
import { createPurgeMeter, PURGE_METRICS } from '../../subgraphs/measures/purge-meter.ts'
import { budgetsOf, measuresRoute } from '../../subgraphs/open-measures.ts'
import {
  aggregatesOf,
  crowd,
  NOON as COHORT_NOON,
  openCohortDesk,
  WINDOW,
} from '../support/cohorts/cohort-desk.ts'
import { openToldConsent } from '../support/consent-history.ts'
import { eventWorld, MINUTE, sent, take } from '../support/events/event-flow.ts'
import { readMetric } from '../support/read-metric.ts'

describe('events', () => {
  const open = async () => {
    const world = eventWorld()
    await world.says('ada', 'analytics', 'rc-ada')
    const read = async (line: string) =>
      readMetric(
        await eventMetrics({ ...world.counters, waiting: () => world.quarantine.waiting() }, world.time.now),
        line,
      )
    return { ...world, read }
  }

  test('which share of them is valid falls with each that is not, and not with one that comes twice', async () => {
    const { flow, read } = await open()
    expect(await read('assent_events_valid_ratio{type="page_view"}')).toBeUndefined()
    await take(flow, sent({ eventId: 'e1' }), sent({ eventId: 'e2' }), sent({ eventId: 'e3' }))
    expect(await read('assent_events_valid_ratio{type="page_view"}')).toBe(1)
    await take(flow, sent({ eventId: 'e4', data: {} }), sent({ eventId: 'e1' }))
    expect(await read('assent_events_valid_ratio{type="page_view"}')).toBe(0.75)
    expect(await read('assent_events_total{type="page_view",outcome="stored"}')).toBe(3)
    expect(await read('assent_events_total{type="page_view",outcome="duplicate"}')).toBe(1)
  })

  test('which of them came under a version whose end was announced is counted, stored or not', async () => {
    const { flow, contracts, read } = await open()
    const before = contracts.get('page_view/1')
    if (before !== undefined) contracts.set('page_view/1', { ...before, isDeprecated: true })
    await take(flow, sent({ eventId: 'e1' }), sent({ eventId: 'e2', consentId: 'nothing' }))
    await take(flow, sent({ eventId: 'e3', type: 'purchase', consentId: null }))
    expect(await read('assent_events_deprecated_total{type="page_view",version="1"}')).toBe(2)
    expect(await read('assent_events_deprecated_total{type="purchase",version="1"}')).toBeUndefined()
  })

  test('quarantine ages until somebody has looked after what is in it', async () => {
    const { flow, quarantine, time, read } = await open()
    await take(flow, sent({ data: {} }))
    const [{ code } = { code: '' }] = await quarantine.waiting()
    const age = `assent_quarantine_age_seconds{code="${code}"}`
    expect(await read(`assent_quarantine_waiting{code="${code}"}`)).toBe(1)
    expect(await read(age)).toBe(0)
    time.now += 5 * MINUTE
    await take(flow, sent({ eventId: 'e2', data: {} }))
    expect(await read(`assent_quarantine_waiting{code="${code}"}`)).toBe(2)
    expect(await read(age)).toBe(300)
    const kept = await quarantine.list({ limit: 10 })
    await quarantine.settle(
      kept.map(({ id }) => id),
      'discarded',
      time.now,
    )
    expect(await read(age)).toBeUndefined()
  })
})

test('what is left of a budget falls with what was asked, and not with what was asked before', async () => {
  const aggregates = aggregatesOf()
  const { ask, ports } = openCohortDesk({ kept: crowd(50), aggregates })
  const left = async (window: string) =>
    readMetric(
      await budgetMetrics(budgetsOf(aggregates, ports.ledger), COHORT_NOON),
      `assent_privacy_budget_left_epsilon{budget="events/analytics",window="${window}"}`,
    )
  expect([await left('lifetime'), await left('1d')]).toEqual([20, 4])
  for (let again = 0; again < 2; again += 1)
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await ask(`{ cohortMetric(metric: "sessions", epsilon: 0.5, ${WINDOW}) { value } }`)
  expect([await left('lifetime'), await left('1d')]).toEqual([19.5, 3.5])
})

describe('a purge', () => {
  const DAY_MS = 86_400_000

  /** The store of events beside its standings, in front of a consent service whose time the test owns. */
  const open = async () => {
    const consent = openToldConsent()
    const standings = createMemoryStandings()
    const currency = { isCurrent: () => true, turn: () => 0 }
    const rows = createMemoryEventStore({ standings, currency, clock: consent.now })
    const meter = createPurgeMeter()
    const purger = new Purger({
      currency,
      holders: [{ name: 'events', standings, rows }],
      clock: consent.now,
      onPurged: (purged) => meter.count(purged),
      onTrouble: (cause) => {
        throw cause
      },
      later: () => () => {},
    })
    const hear = async () => {
      await catchUp({ view: consent.view, stores: [standings], onHeard: (heard) => purger.hear(heard) })
      await purger.settled()
    }
    const says = (status: ReceiptStatus) =>
      consent.happen({ does: 'say', pid: 'ada', scope: 'analytics', status, channel: null, lastsMs: null })
    return { consent, standings, rows, meter, hear, says }
  }

  test('is measured from the word to the deletion of what rested on it', async () => {
    const { consent, standings, rows, meter, hear, says } = await open()
    await says('given')
    await hear()
    const [standing] = await standings.of([{ pid: 'ada', scope: 'analytics' }])
    const at = consent.now()
    const [appended] = await rows.append(
      [
        {
          eventId: 'e1',
          source: 'shop',
          type: 'page_view',
          version: 1,
          occurredAt: at,
          receivedAt: at,
          pid: 'ada',
          scope: 'analytics',
          consentId: standing?.receipt ?? null,
          consentRevision: standing?.basis ?? null,
          expiresAt: at + DAY_MS,
          data: {},
        },
      ],
      at,
    )
    expect(appended?.outcome).toBe('stored')
    expect(readMetric(meter.text(), 'assent_purge_latency_seconds_count{store="events"}')).toBeUndefined()
    await says('withdrawn')
    await consent.happen({ does: 'wait', ms: 3_000 })
    await hear()
    const read = (line: string) => readMetric(meter.text(), line)
    expect(read('assent_purged_rows_total{store="events",because="word"}')).toBe(1)
    expect(read('assent_purge_latency_seconds_count{store="events"}')).toBe(1)
    expect(read('assent_purge_latency_seconds_sum{store="events"}')).toBe(3)
    expect(read('assent_purge_latency_seconds_bucket{store="events",le="2.5"}')).toBe(0)
    expect(read('assent_purge_latency_seconds_bucket{store="events",le="5"}')).toBe(1)
    expect(read('assent_purge_latency_seconds_bucket{store="events",le="+Inf"}')).toBe(1)
  })
})

test('values of a feature age until what happened is taken into them', async () => {
  const at = COHORT_NOON
  let now = at
  const store = createMemoryFeaturesStore()
  const yes = { granted: true, receipt: 'rc-1', expiresAt: null, revision: '1', cut: '0', basis: '1' }
  await store.standings.write([{ pid: 'ada', scope: 'analytics', ...yes }], '1')
  const rests = { consentId: 'rc-1', consentRevision: '1' }
  const happened = { eventId: 'e1', type: 'session', occurredAt: at, receivedAt: at, pid: 'ada' }
  const event = { ...happened, ...rests, position: '1', data: { seconds: 60 } }
  const events: EventSource = {
    after: async (position) => (position === '0' ? [event] : []),
    of: async () => [event],
    people: async (after) => (after === null ? ['ada'] : []),
    newest: async () => '1',
  }
  const definitions = openDefinitions()
  const materialiser = createMaterialiser({ definitions, store, events, clock: () => now })
  const freshness = async () =>
    readMetric(
      await freshnessMetrics(store, now),
      'assent_feature_freshness_seconds{feature="session_duration"}',
    )
  expect(await freshness()).toBeUndefined()
  await materialiser.takeEvents()
  expect(await freshness()).toBe(0)
  now += 90_000
  expect(await freshness()).toBe(90)
  await materialiser.takeEvents()
  expect(await freshness()).toBe(0)
})

describe('all of it', () => {
  const { ports } = openCohortDesk()
  const meter = createPurgeMeter()
  const route = measuresRoute(
    {
      budgets: budgetsOf(aggregatesOf(), ports.ledger),
      events: { counts: () => [], waiting: async () => [] },
      purges: meter,
      clock: () => COHORT_NOON,
    },
    'operator',
  )
  const ask = (authorization: string) =>
    route.answer({
      headers: { authorization },
      path: '/metrics',
      params: {},
      query: new URLSearchParams(),
      text: '',
    })

  test('is told to who operates the service, under the names of the catalogue', async () => {
    const { status, body } = await ask('Bearer operator')
    expect(status).toBe(200)
    for (const { name, kind } of [...EVENT_METRICS, ...PURGE_METRICS, ...BUDGET_METRICS])
      expect(String(body)).toContain(`# TYPE ${name} ${kind}\n`)
  })

  test('and to nobody else', async () => {
    expect((await ask('Bearer somebody')).status).toBe(401)
    expect((await ask('')).status).toBe(401)
  })
})
