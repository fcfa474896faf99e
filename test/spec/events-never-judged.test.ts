import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import type { FlowOptions } from '../../subgraphs/events/flow.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { eventMetrics } from '../../subgraphs/measures/event-metrics.ts'
import {
  type EventEngine,
  type EventWorld,
  eventWorld,
  line,
  memoryEngine,
  sent,
} from '../support/events/event-flow.ts'
import { sqlEngine } from '../support/events/sql-engine.ts'
import { readMetric } from '../support/read-metric.ts'

let pglite: Engine
beforeAll(async () => {
  pglite = await openPglite()
  await migrate(pglite, [eventsMigration])
})
afterAll(() => pglite.close())

const ENGINES: readonly (readonly [string, () => Promise<EventEngine>])[] = [
  ['memory', async () => memoryEngine()],
  ['PGlite', () => sqlEngine(pglite)],
]

describe.each(ENGINES)('An event that can never be judged, on %s', (_, open) => {
  let world: EventWorld
  /** Whether the store has somebody look after it. */
  let isMended: boolean
  /** Whether it stores anything at all. */
  let isDown: boolean
  beforeEach(async () => {
    ;[isMended, isDown] = [false, false]
    world = eventWorld(await open(), withSickStore)
    await world.says('ada', 'analytics', 'rc-ada')
  })

  /** It throws for one row, which is not the class of what is refused for what it says. */
  const withSickStore = (parts: FlowOptions): FlowOptions => ({
    ...parts,
    store: {
      async append(events, now) {
        if (isDown) throw new Error('the store is down')
        if (!isMended && events.some(({ eventId }) => eventId === 'poison')) throw new Error('a bug')
        return parts.store.append(events, now)
      },
    },
  })
  const poison = (more: Readonly<Record<string, unknown>> = {}) => ({
    source: 'shop',
    line: line(sent({ eventId: 'poison', ...more })),
  })
  const stored = async () => (await world.store.after('0', 10)).map(({ eventId }) => eventId)
  const kept = async () => {
    const entries = await world.quarantine.list({ state: 'waiting', limit: 10 })
    return entries.map(({ code, hasPayload, envelope: { eventId } }) => [code, eventId, hasPayload])
  }
  const metric = async (row: string) =>
    readMetric(
      await eventMetrics({ ...world.counters, waiting: () => world.quarantine.waiting() }, world.time.now),
      row,
    )

  test('is kept with its payload under a code of its own, counted, and replayed when that is mended', async () => {
    await expect(world.flow.take([poison()])).rejects.toThrow('a bug')
    expect(await world.flow.giveUp(poison())).toMatchObject({
      outcome: 'quarantined',
      eventId: 'poison',
      fault: { code: 'EVENT_NOT_JUDGED' },
    })
    expect(await kept()).toEqual([['EVENT_NOT_JUDGED', 'poison', true]])
    expect(await metric('assent_events_total{type="page_view",outcome="EVENT_NOT_JUDGED"}')).toBe(1)
    expect(await metric('assent_quarantine_waiting{code="EVENT_NOT_JUDGED"}')).toBe(1)
    isMended = true
    const [entry] = await world.quarantine.list({ limit: 10 })
    expect(await world.flow.replay([entry?.id ?? ''])).toMatchObject([{ outcome: 'stored' }])
    expect([await stored(), await kept()]).toEqual([['poison'], []])
  })

  test('keeps none of the others from being replayed with it, and stays', async () => {
    const { contracts } = world
    const contract = contracts.get('page_view/1')
    contracts.delete('page_view/1')
    await world.flow.take([{ source: 'shop', line: line(sent({ eventId: 'early' })) }])
    if (contract !== undefined) contracts.set('page_view/1', contract)
    await world.flow.giveUp(poison())
    const ids = (await world.quarantine.list({ limit: 10 })).map(({ id }) => id)
    const replayed = await world.flow.replay(ids)
    expect(replayed.map(({ outcome, fault }) => `${outcome} ${fault?.code}`).toSorted()).toEqual([
      'quarantined EVENT_NOT_JUDGED',
      'stored undefined',
    ])
    expect([await stored(), await kept()]).toEqual([['early'], [['EVENT_NOT_JUDGED', 'poison', true]]])
  })

  test('is kept without its payload when the person has said no meanwhile: that is what it is judged by', async () => {
    await world.withdraws('ada', 'analytics')
    await world.flow.giveUp(poison())
    expect(await kept()).toEqual([['EVENT_NOT_JUDGED', 'poison', false]])
  })

  test('is kept by its envelope alone when its receipt cannot be read: nothing says that more may be', async () => {
    world.away.receipts.add('rc-ada')
    await world.flow.giveUp(poison())
    expect(await kept()).toEqual([['EVENT_NOT_JUDGED', 'poison', false]])
  })

  test('is told what is wrong with it when all but the store can tell', async () => {
    await world.flow.giveUp(poison({ data: {} }))
    expect((await kept()).map(([code]) => code)).toEqual(['EVENT_BREAKS_CONTRACT'])
  })

  test.each([
    ['the store', () => (isDown = true)],
    ['consent', () => (world.away.consent = true)],
    ['identity', () => (world.away.identity = true)],
    ['what is known of consent', () => ((world.time.isCurrent = false), true)],
  ])('is not given up while %s is away: nothing is kept, and it comes again', async (_name, goAway) => {
    goAway()
    await expect(world.flow.tryNeighbours()).rejects.toThrow()
    await expect(world.flow.giveUp(poison())).rejects.toThrow()
    expect(await kept()).toEqual([])
  })

  test('is told from a neighbour that is away by a question about nobody, of which nothing stays', async () => {
    await world.flow.tryNeighbours()
    expect([await stored(), await kept(), await metric('assent_events_total')]).toEqual([[], [], undefined])
    expect(await world.store.newest()).toBe('0')
  })
})
