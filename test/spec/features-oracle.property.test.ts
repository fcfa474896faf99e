import fc from 'fast-check'
import { expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { readDefinitions } from '../../subgraphs/features/definitions/read-definitions.ts'
import type { EventSource, FeatureEvent } from '../../subgraphs/features/materialise/event-source.ts'
import { createMaterialiser } from '../../subgraphs/features/materialise/materialiser.ts'
import { createMemoryFeaturesStore } from '../../subgraphs/features/memory-store.ts'
import { readValues } from '../support/feature-rows.ts'

/*
 * The stream and the batch share their arithmetic, so that they agree proves nothing of it. Here every value is counted
 * from the list of events, by what the words of a definition say, and by nothing else.
 */

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]
const START = Date.UTC(2026, 4, 1, 12)
const PEOPLE = ['ada', 'bo']
const TTL = 5 * DAY

interface Asked {
  readonly name: string
  readonly type: string
  readonly take: string
  readonly of: 'amount' | 'sku' | null
  readonly windowMs: number
  readonly window: string
  /** The beginning of a window moves in steps of this. */
  readonly stepMs: number
  readonly scope: string
  readonly event: string
}

const WINDOWS = [
  { window: 'P1D', windowMs: DAY, stepMs: 5 * MINUTE },
  { window: 'P7D', windowMs: 7 * DAY, stepMs: HOUR },
  { window: 'P90D', windowMs: 90 * DAY, stepMs: DAY },
] as const

const TAKES = [
  { take: 'count', of: null, type: 'Int' },
  { take: 'exists', of: null, type: 'Boolean' },
  { take: 'distinct', of: 'sku', type: 'Int' },
  { take: 'values', of: 'sku', type: "'[String!]'" },
  { take: 'sum', of: 'amount', type: 'Float' },
  { take: 'mean', of: 'amount', type: 'Float' },
  { take: 'min', of: 'amount', type: 'Float' },
  { take: 'max', of: 'amount', type: 'Float' },
  { take: 'last', of: 'sku', type: 'String' },
] as const

const ASKED: readonly Asked[] = WINDOWS.flatMap((window) =>
  TAKES.flatMap((take) => [
    {
      ...window,
      ...take,
      name: `seen_${take.take}_${window.window.toLowerCase()}`,
      event: 'page_view',
      scope: 'analytics',
    },
    {
      ...window,
      ...take,
      name: `paid_${take.take}_${window.window.toLowerCase()}`,
      event: 'purchase',
      scope: 'product_recs',
    },
  ]),
)

const textOf = ({ name, type, take, of, window, event, scope }: Asked): string => `
name: ${name}
field: ${name.replaceAll('_', '')}
type: ${type}
description: Made up for a test.
entity: customer
source: { event: ${event} }
aggregation: { take: ${take}, ${of === null ? '' : `of: ${of}, `}window: ${window} }
scope: ${scope}
purpose: [personalization]
ttl: P5D
freshness: PT15M
retention: P400D
disposition: purge
owner: data-platform
consumers: [storefront]
explanation: '{count} of them.'`

const { definitions, faults } = readDefinitions(
  ASKED.map((one) => ({ file: `${one.name}.yaml`, text: textOf(one) })),
  standardVocabulary,
)

interface Word {
  granted: boolean
  /** Revision of the yes, and of the last no. */
  basis: number
  cut: number
}

type Happening =
  | {
      readonly what: 'event'
      readonly pid: string
      readonly type: string
      readonly ago: number
      readonly amount: number
      readonly rests: 'now' | 'first' | 'the no'
    }
  | { readonly what: 'word'; readonly pid: string; readonly scope: string; readonly isYes: boolean }
  | { readonly what: 'pass'; readonly ms: number }
  | { readonly what: 'step' }

const edges = WINDOWS.flatMap(({ windowMs, stepMs }) =>
  [0, -1, 1, stepMs, -stepMs].map((off) => windowMs + off),
)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      what: fc.constant('event' as const),
      pid: fc.constantFrom(...PEOPLE),
      type: fc.constantFrom('page_view', 'purchase'),
      // Before zero is a clock that runs ahead.
      ago: fc.oneof(fc.constantFrom(0, 1, -HOUR, ...edges), fc.integer({ min: -HOUR, max: 100 * DAY })),
      amount: fc.constantFrom(0.1, 0.2, 0.3, 0.0000019, -4.25, 7, 7, 1e15, 2 ** 53 + 2, NaN, Infinity),
      rests: fc.constantFrom('now', 'now', 'first', 'the no'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('word' as const),
      pid: fc.constantFrom(...PEOPLE),
      scope: fc.constantFrom('analytics', 'product_recs'),
      isYes: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('pass' as const),
      ms: fc.oneof(fc.constantFrom(1, HOUR, DAY), fc.integer({ min: 0, max: 20 * DAY })),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ what: 'step' as const }) },
)

/** The earlier of when it is said to have happened and when it was heard of. */
const atOf = ({ occurredAt, receivedAt }: FeatureEvent): number =>
  occurredAt < receivedAt ? occurredAt : receivedAt

/** Behind the first whole step that lies in the window: never older than the window. */
const isIn = (event: FeatureEvent, { windowMs, stepMs }: Asked, now: number): boolean => {
  let begins = now - windowMs
  if (begins % stepMs !== 0) begins += stepMs - (begins % stepMs)
  return atOf(event) > begins
}

const hasValue = ({ data }: FeatureEvent, { of }: Asked): boolean => {
  if (of !== 'amount') return true
  const amount = data['amount'] as number
  return amount === amount && amount <= 9007199254740992 && amount >= -9007199254740992
}

/** Hundred-thousandths and tenths are added as written on paper. */
const onPaper = (amount: number): bigint => BigInt(amount.toFixed(6).replace('.', ''))

function counted(events: readonly FeatureEvent[], asked: Asked): unknown {
  let [total, least, most] = [0n, Infinity, -Infinity]
  let newest = events[0]!
  const seen: unknown[] = []
  for (const event of events) {
    const amount = event.data['amount'] as number
    if (asked.of === 'amount') total += onPaper(amount)
    if (amount < least) least = amount
    if (amount > most) most = amount
    if (!seen.includes(event.data['sku'])) seen.push(event.data['sku'])
    const isLater =
      atOf(event) > atOf(newest) ||
      (atOf(event) === atOf(newest) && Number(event.position) > Number(newest.position))
    if (isLater) newest = event
  }
  const sum = Number(total) / 1e6
  const values: Record<string, unknown> = {
    count: events.length,
    exists: true,
    distinct: seen.length,
    values: seen.map(String).toSorted(),
    sum,
    mean: sum / events.length,
    min: least,
    max: most,
    last: newest.data['sku'],
  }
  return values[asked.take]
}

function createWorld() {
  let [now, revision] = [START, 4]
  const events: FeatureEvent[] = []
  const words = new Map<string, Word>()
  const said = (pid: string, scope: string): Word => words.get(`${pid} ${scope}`)!
  for (const [n, pid] of PEOPLE.entries())
    for (const [m, scope] of ['analytics', 'product_recs'].entries())
      words.set(`${pid} ${scope}`, { granted: true, basis: n * 2 + m + 1, cut: 0 })
  const standings = () =>
    [...words].map(([key, { granted, basis, cut }]) => {
      const [pid = '', scope = ''] = key.split(' ')
      const yes = { granted, receipt: granted ? `rc-${basis}` : null, basis: granted ? String(basis) : '0' }
      return { pid, scope, ...yes, expiresAt: null, revision: String(Math.max(basis, cut)), cut: String(cut) }
    })
  const source: EventSource = {
    after: async (position, limit) => events.slice(Number(position), Number(position) + limit),
    of: async (pids, types, upTo) =>
      events.filter(
        (one) => pids.includes(one.pid) && types.includes(one.type) && Number(one.position) <= Number(upTo),
      ),
    people: async (after, limit) => PEOPLE.filter((pid) => after === null || pid > after).slice(0, limit),
    newest: async () => String(events.length),
  }
  const open = () => {
    const store = createMemoryFeaturesStore()
    const materialiser = createMaterialiser({
      definitions: definitions ?? [],
      store,
      events: source,
      clock: () => now,
      atOnce: 3,
    })
    return { store, materialiser }
  }
  const stream = open()
  const hear = (): Promise<void> => stream.store.standings.write(standings(), String(revision))
  const restsOn = (scope: string, pid: string, rests: string): number => {
    const { basis, cut } = said(pid, scope)
    return rests === 'first' ? 1 : rests === 'the no' ? cut : basis
  }
  return {
    open,
    stream,
    hear,
    now: () => now,
    standings,
    async live(one: Happening): Promise<void> {
      if (one.what === 'pass') now += one.ms
      if (one.what === 'step') await stream.materialiser.takeEvents()
      if (one.what === 'word') {
        revision += 1
        const word = said(one.pid, one.scope)
        if (one.isYes && !word.granted) Object.assign(word, { granted: true, basis: revision })
        else if (!one.isYes) Object.assign(word, { granted: false, cut: revision })
        await hear()
      }
      if (one.what !== 'event') return
      const { pid, type, ago, amount, rests } = one
      const position = String(events.length + 1)
      const based = type === 'purchase' ? null : String(restsOn('analytics', pid, rests))
      const consent = { consentId: based && `rc-${based}`, consentRevision: based }
      const data = { amount, sku: `KIT-00${events.length % 3}` }
      const when = { occurredAt: now - ago, receivedAt: now }
      events.push({ position, eventId: `ev-${position}`, type, pid, ...when, ...consent, data })
    },
    /** Those a value is made of, by the words of its definition. */
    usedFor(pid: string, asked: Asked): readonly FeatureEvent[] {
      const { granted, cut } = said(pid, asked.scope)
      if (!granted) return []
      return events.filter(
        (event) =>
          event.pid === pid &&
          event.type === asked.event &&
          (event.consentRevision === null || Number(event.consentRevision) > cut) &&
          isIn(event, asked, now) &&
          hasValue(event, asked),
      )
    },
  }
}

type World = ReturnType<typeof createWorld>

async function compare(world: World, store: World['stream']['store']): Promise<number> {
  const now = world.now()
  let values = 0
  for (const pid of PEOPLE)
    for (const asked of ASKED) {
      const key = { pid, scope: asked.scope, feature: asked.name }
      const used = world.usedFor(pid, asked)
      const [row] = await store.trace([key], now)
      const meant = used.length === 0 ? undefined : counted(used, asked)
      const about = `${pid} ${asked.name}`
      if (typeof meant === 'number' && typeof row?.value === 'number')
        expect(Math.abs(row.value - meant), about).toBeLessThanOrEqual(Math.abs(meant) * 1e-12)
      else expect(row?.value, about).toEqual(meant)
      if (row === undefined) continue
      values += 1
      expect(row.lineage.count, about).toBe(used.length)
      // It is another one at the moment at which the eldest leaves, and not a millisecond earlier.
      const eldest = used.reduce((one, other) => (atOf(other) < atOf(one) ? other : one))
      expect([isIn(eldest, asked, row.dueAt! - 1), isIn(eldest, asked, row.dueAt!)], about).toEqual([
        true,
        false,
      ])
      expect(row.expiresAt - row.computedAt, about).toBe(TTL)
      expect(await readValues(store, [key], row.expiresAt - 1), about).toHaveLength(1)
      expect(await readValues(store, [key], row.expiresAt), about).toEqual([])
    }
  return values
}

test('every value is what the events and the words of its definition say, streamed or computed anew', async () => {
  expect(faults).toEqual([])
  let values = 0
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40 }), async (happenings) => {
      const world = createWorld()
      await world.hear()
      for (const one of happenings) await world.live(one)
      while ((await world.stream.materialiser.takeEvents()) > 0);
      for (let round = 0; round < 200 && (await world.stream.materialiser.keepUp()) > 0; round += 1);
      values += await compare(world, world.stream.store)
      const anew = world.open()
      await anew.store.standings.write(world.standings(), '999')
      await anew.materialiser.rebuild()
      values += await compare(world, anew.store)
    }),
    { seed: 11, numRuns: 60 },
  )
  expect(values).toBeGreaterThan(1_000)
})
