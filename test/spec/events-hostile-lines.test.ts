import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { type Engine, migrate, openPglite } from '../../subgraphs/database.ts'
import { contractBookOf, type FlowContract } from '../../subgraphs/events/contract-book.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { openContracts } from '../../subgraphs/open-contracts.ts'
import { type EventDesk, openEventDesk } from '../support/events/event-desk.ts'
import {
  type EventWorld,
  eventWorld,
  line,
  NOON,
  sent as sentBy,
  take,
} from '../support/events/event-flow.ts'
import { sqlEngine } from '../support/events/sql-engine.ts'

const sent = (more: Readonly<Record<string, unknown>> = {}) => sentBy({ data: { sku: 'KIT-001' }, ...more })

const text = (event: object, change: (written: string) => string): Buffer =>
  Buffer.from(change(JSON.stringify(event)))

/** What a sender may do to a line, what it is called, and where. */
const HOSTILE: readonly (readonly [what: string, line: Buffer, code: string, place: string | null])[] = [
  ['half a line', Buffer.from('{"eventId":"x"'), 'EVENT_UNREADABLE', null],
  ['a list', Buffer.from('[]'), 'EVENT_UNREADABLE', null],
  ['NaN', text(sent(), (it) => it.replace('"KIT-001"', 'NaN')), 'EVENT_UNREADABLE', null],
  ['Infinity', text(sent(), (it) => it.replace('"KIT-001"', '-Infinity')), 'EVENT_UNREADABLE', null],
  [
    'a number beyond all',
    text(sent(), (it) => it.replace('"KIT-001"', '"KIT-001","n":-1e999')),
    'EVENT_INVALID',
    'data.n',
  ],
  [
    'bytes that are no UTF-8',
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    'EVENT_NOT_UTF8',
    null,
  ],
  ['more than an event may be', line(sent({ data: { sku: 'x'.repeat(5_000) } })), 'EVENT_TOO_LARGE', null],
  [
    'two people',
    text(sent(), (it) => it.replace('"pid":"ada"', '"pid":"bo","pid":"ada"')),
    'EVENT_INVALID',
    'a name that stands twice',
  ],
  [
    'two receipts, one of them written otherwise',
    text(sent(), (it) => it.replace('"consentId"', '"consent\\u0049d":"rc-bo","consentId"')),
    'EVENT_INVALID',
    'a name that stands twice',
  ],
  [
    'data that say two things',
    text(sent(), (it) => it.replace('{"sku":"KIT-001"}', '{"sku":"KIT-002","sku":"KIT-001"}')),
    'EVENT_INVALID',
    'a name that stands twice',
  ],
  [
    'a prototype in place of a member',
    text(sent(), (it) => it.replace('{"event', '{"__proto__":{"consentId":"rc-ada"},"event')),
    'EVENT_INVALID',
    'a member that events do not have',
  ],
  [
    'a prototype among the data',
    text(sent(), (it) => it.replace('"KIT-001"', '"KIT-001","__proto__":{"sku":"KIT-002"}')),
    'EVENT_BREAKS_CONTRACT',
    'data',
  ],
  [
    'a constructor among the data',
    text(sent(), (it) => it.replace('"KIT-001"', '"KIT-001","constructor":{"prototype":{}}')),
    'EVENT_BREAKS_CONTRACT',
    'data',
  ],
  [
    'a prototype in place of a person',
    text(sent({ pid: undefined }), (it) => it.replace('{"event', '{"person":{"__proto__":"ada"},"event')),
    'EVENT_INVALID',
    'pid, or person',
  ],
  ['the type of every object', line(sent({ type: 'constructor' })), 'EVENT_TYPE_UNKNOWN', 'type'],
  ['a type that was never agreed on', line(sent({ type: '__proto__' })), 'EVENT_TYPE_UNKNOWN', 'type'],
  ['a version to come', line(sent({ version: 2 ** 31 - 1 })), 'EVENT_VERSION_UNKNOWN', 'version'],
  ['a version beyond all', line(sent({ version: 2 ** 31 })), 'EVENT_INVALID', 'version'],
  [
    'what has not happened yet',
    line(sent({ occurredAt: '2026-05-01T12:05:00.001Z' })),
    'EVENT_FROM_THE_FUTURE',
    'occurredAt',
  ],
  [
    'the end of time',
    line(sent({ occurredAt: '9999-12-31T23:59:59Z' })),
    'EVENT_FROM_THE_FUTURE',
    'occurredAt',
  ],
  ['a forged receipt', line(sent({ consentId: 'rc-forged' })), 'CONSENT_ID_UNKNOWN', 'consentId'],
  ['the receipt of another', line(sent({ consentId: 'rc-bo' })), 'CONSENT_OF_ANOTHER_PERSON', 'consentId'],
  [
    'somebody who was erased',
    line(sent({ pid: 'cyd', consentId: 'rc-cyd' })),
    'CONSENT_ID_UNKNOWN',
    'consentId',
  ],
]

describe('Over HTTP, a line that says', () => {
  let engine: Engine
  let world: EventWorld
  let desk: EventDesk
  beforeAll(async () => {
    engine = await openPglite()
    await migrate(engine, [eventsMigration])
  })
  afterAll(() => engine.close())
  beforeEach(async () => {
    world = eventWorld(await sqlEngine(engine))
    const found = contractBookOf(openContracts('events', standardVocabulary)).find('page_view', 1, NOON)
    world.contracts.set('page_view/1', found as FlowContract)
    for (const name of ['ada', 'bo', 'cyd']) await world.says(name, 'analytics', `rc-${name}`)
    await world.erases('cyd')
    desk = await openEventDesk(world)
    return desk.close
  })

  test.each(HOSTILE)(
    '%s is coded, counted and kept; the lines around it are stored',
    async (_, bad, code, place) => {
      const { status, said } = await desk.send(
        line(sent({ eventId: 'before' })),
        bad,
        line(sent({ eventId: 'behind' })),
      )
      expect(status).toBe(200)
      expect(said.events.map((one: { outcome: string }) => one.outcome)).toEqual([
        'stored',
        'quarantined',
        'stored',
      ])
      expect(said.events[1]).toMatchObject({ code, place })
      const kept = await world.quarantine.list({ limit: 10 })
      expect(kept.map((one) => [one.code, one.place, one.source, one.state])).toEqual([
        [code, place, 'shop', 'waiting'],
      ])
      const counted = world.counters.counts().map(({ outcome, count }) => [outcome, count])
      expect(new Map(counted as [string, number][])).toEqual(
        new Map<string, number>([
          ['stored', 2],
          [code, 1],
        ]),
      )
      expect(({} as { sku?: unknown; consentId?: unknown }).sku).toBeUndefined()
    },
  )

  test('what nobody could keep is not in any row of the store, whoever it is of', async () => {
    await world.withdraws('bo', 'analytics')
    const { said } = await desk.send(
      line(sent({ eventId: 'of-ada' })),
      line(sent({ eventId: 'of-bo', pid: 'bo', consentId: 'rc-bo' })),
      line(sent({ eventId: 'of-cyd', pid: 'cyd', consentId: null, type: 'purchase' })),
    )
    expect(said.events.map((one: { code?: string }) => one.code)).toEqual([
      undefined,
      'CONSENT_NOT_IN_FORCE',
      expect.stringMatching(/^PERSON_/) as string,
    ])
    const { rows } = await sql`select event_id, pid from events.event`.execute(engine.admin)
    expect(rows).toEqual([{ event_id: 'of-ada', pid: 'ada' }])
  })

  test('what a neighbour refuses is kept alone, and those around it are stored', async () => {
    const refusing = eventWorld(undefined, (parts) => ({
      ...parts,
      receipts: {
        ...parts.receipts,
        async basis(ids) {
          if (ids.includes('rc-poison')) throw Object.assign(new Error('refused'), { code: '22021' })
          return parts.receipts.basis(ids)
        },
      },
    }))
    await refusing.says('ada', 'analytics', 'rc-ada')
    const outcomes = await take(
      refusing.flow,
      ...['e1', 'e2'].map((eventId) => sent({ eventId })),
      sent({ eventId: 'poison', consentId: 'rc-poison' }),
      ...['e3', 'e4'].map((eventId) => sent({ eventId })),
    )
    expect(outcomes.map((one) => (one.outcome === 'quarantined' ? one.fault.code : one.outcome))).toEqual([
      'stored',
      'stored',
      'EVENT_NOT_STORABLE',
      'stored',
      'stored',
    ])
    const kept = await refusing.quarantine.list({ limit: 10 })
    expect(kept.map(({ code, hasPayload }) => [code, hasPayload])).toEqual([['EVENT_NOT_STORABLE', false]])
  })

  test('the same twice, in any order, changes nothing', async () => {
    const lines = ['e1', 'e2', 'e3'].map((eventId) => line(sent({ eventId })))
    await desk.send(...lines)
    const { said } = await desk.send(...lines.toReversed(), ...lines)
    expect(said).toMatchObject({ stored: 0, duplicate: 6, quarantined: 0 })
    const { rows } = await sql`select count(*)::int as n from events.event`.execute(engine.admin)
    expect(rows).toEqual([{ n: 3 }])
  })
})
