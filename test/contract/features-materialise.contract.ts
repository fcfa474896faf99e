import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import type { EventSource, FeatureEvent } from '../../subgraphs/features/materialise/event-source.ts'
import { createMaterialiser } from '../../subgraphs/features/materialise/materialiser.ts'
import type { FeaturesStore, TracedRow } from '../../subgraphs/features/store.ts'
import type { Standing } from '../../subgraphs/standing/standing.ts'

const DAY = 86_400_000
const START = Date.UTC(2026, 4, 1, 12)
const definitions = openDefinitions()
const PEOPLE = ['ada', 'bo', 'cyd']
const SCOPES = ['analytics', 'product_recs', 'marketing_email']

/** What happens to the stream, one after the other. */
type Happening =
  | {
      readonly what: 'event'
      readonly pid: string
      readonly type: string
      readonly ago: number
      readonly value: number
      readonly isElder: boolean
    }
  | { readonly what: 'word'; readonly pid: string; readonly scope: string; readonly isYes: boolean }
  | { readonly what: 'purge' }
  | { readonly what: 'again' }
  | { readonly what: 'pass'; readonly ms: number }
  | { readonly what: 'step' }

const HOUR = 3_600_000
/** Window edges to the millisecond, hours and days among them. */
const AGO = fc.oneof(
  fc.constantFrom(
    0,
    1,
    HOUR,
    DAY,
    DAY - 1,
    DAY + 1,
    7 * DAY,
    7 * DAY - 1,
    7 * DAY + 1,
    30 * DAY,
    30 * DAY - 1,
    30 * DAY + HOUR,
    90 * DAY,
    365 * DAY,
  ),
  fc.integer({ min: -HOUR, max: 400 * DAY }),
)
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      what: fc.constant('event' as const),
      pid: fc.constantFrom(...PEOPLE),
      type: fc.constantFrom('session', 'page_view', 'add_to_cart', 'purchase', 'email_engagement'),
      ago: AGO,
      value: fc.constantFrom(0.1, 0.2, 0.3, 7, 1e15, NaN, Infinity, -Infinity, 3),
      isElder: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('word' as const),
      pid: fc.constantFrom(...PEOPLE),
      scope: fc.constantFrom(...SCOPES),
      isYes: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ what: 'purge' as const }) },
  { weight: 1, arbitrary: fc.constant({ what: 'again' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('pass' as const),
      ms: fc.oneof(fc.constantFrom(1, HOUR, 7 * DAY), fc.integer({ min: 0, max: 40 * DAY })),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ what: 'step' as const }) },
)

/** How often, and by which seed: a store on disk is asked a few hundred times a run. */
interface Runs {
  readonly numRuns: number
  readonly seed: number
}

/** What every features store comes to, event by event and all at once. `open` empties the store and gives it. */
export function streamIsBatchContract(engine: string, open: () => Promise<FeaturesStore>, runs: Runs): void {
  describe(`The stream and the batch come to the same values, on ${engine}`, () => {
    test(
      'whatever the order, late, twice, at the edges of windows, with words of consent in between',
      { timeout: 60_000 },
      async () => {
        let seen = 0
        await fc.assert(
          fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 60 }), async (happenings) => {
            const world = createWorld(await open())
            // Who has agreed is looked at whole, once: what is computed from then on is told by events and times alone.
            await world.settle()
            for (const one of happenings) await world.live(one)
            await world.settle()
            const streamed = await world.values(world.stream)
            const computed = await world.values(await world.batch(await open()))
            expect(streamed).toEqual(computed)
            seen += computed.length
            for (const { value } of computed)
              expect(typeof value === 'number' ? Number.isFinite(value) : true).toBe(true)
          }),
          runs,
        )
        expect(seen).toBeGreaterThan(0)
      },
    )
  })
}

function createWorld(stream: FeaturesStore) {
  let now = START
  let revision = 3 * SCOPES.length
  const events: FeatureEvent[] = []
  const standings = new Map<string, Standing>()
  const heard = (standing: Standing): Standing => (
    standings.set(JSON.stringify([standing.pid, standing.scope]), standing),
    standing
  )
  const first = PEOPLE.flatMap((pid, n) =>
    SCOPES.map((scope, m) => {
      const at = String(n * SCOPES.length + m + 1)
      return heard({
        pid,
        scope,
        granted: true,
        receipt: `rc-${at}`,
        expiresAt: null,
        revision: at,
        cut: '0',
        basis: at,
      })
    }),
  )
  const begun = stream.standings.write(first, String(revision))
  const source: EventSource = {
    after: async (position, limit) =>
      events.filter((one) => BigInt(one.position) > BigInt(position)).slice(0, limit),
    of: async (pids, types, upTo) =>
      events.filter(
        (one) => pids.includes(one.pid) && types.includes(one.type) && BigInt(one.position) <= BigInt(upTo),
      ),
    people: async (after, limit) => PEOPLE.filter((pid) => after === null || pid > after).slice(0, limit),
    newest: async () => events.at(-1)?.position ?? '0',
  }
  const materialiserOf = (store: FeaturesStore) =>
    createMaterialiser({ definitions, store, events: source, clock: () => now, atOnce: 4 })
  const materialiser = materialiserOf(stream)

  async function word({ pid, scope, isYes }: Happening & { what: 'word' }): Promise<void> {
    revision += 1
    const before = standings.get(JSON.stringify([pid, scope])) as Standing
    const at = String(revision)
    const after = isYes
      ? {
          ...before,
          granted: true,
          receipt: `rc-${at}`,
          revision: at,
          basis: before.granted ? before.basis : at,
        }
      : { ...before, granted: false, receipt: null, revision: at, cut: at, basis: '0' }
    await stream.standings.write([heard(after)], at)
  }
  function event({ pid, type, ago, value, isElder }: Happening & { what: 'event' }): void {
    const position = String(events.length + 1)
    const scope =
      { email_engagement: 'marketing_email', purchase: null }[type] ??
      (type === 'purchase' ? null : 'analytics')
    const standing = standings.get(JSON.stringify([pid, scope]))
    // An elder one rests on a yes that may have been withdrawn since: a backfill, a replica that was behind.
    const rests = scope === null ? null : isElder ? '1' : (standing?.basis ?? '0')
    events.push({
      position,
      eventId: `ev-${position}`,
      type,
      occurredAt: now - ago,
      receivedAt: now,
      pid,
      consentId: rests === null ? null : `rc-${rests}`,
      consentRevision: rests,
      data: {
        seconds: value,
        amount: value,
        sku: `KIT-00${Math.abs(Math.round(value)) % 10}`,
        action: value > 1 ? 'opened' : 'clicked',
      },
    })
  }
  return {
    stream,
    async live(one: Happening): Promise<void> {
      await begun
      if (one.what === 'event') event(one)
      if (one.what === 'word') await word(one)
      if (one.what === 'purge') await stream.purgeDead(now)
      if (one.what === 'pass') now += one.ms
      if (one.what === 'step') await (now % 2 === 0 ? materialiser.takeEvents() : materialiser.keepUp())
      // Somebody else has read the same events and was slower: nothing comes of it.
      if (one.what === 'again') await Promise.all([materialiser.takeEvents(), materialiser.takeEvents()])
    },
    /** Until nothing is left to do. */
    async settle(): Promise<void> {
      await begun
      while ((await materialiser.takeEvents()) > 0);
      for (let round = 0; round < 200 && (await materialiser.keepUp()) > 0; round += 1);
    },
    async batch(store: FeaturesStore): Promise<FeaturesStore> {
      await store.standings.write([...standings.values()], String(revision))
      await materialiserOf(store).rebuild()
      return store
    },
    /** When it was computed differs, and with it when it runs out; everything else does not. */
    async values(store: FeaturesStore): Promise<Partial<TracedRow>[]> {
      const keys = PEOPLE.flatMap((pid) =>
        definitions.map(({ name, scope }) => ({ pid, scope, feature: name })),
      )
      const rows = await store.trace(keys, now)
      return rows
        .map(({ pid, feature, value, lineage, consentRevision, dueAt }) => ({
          pid,
          feature,
          value,
          dueAt,
          consentRevision,
          lineage: { ...lineage, receipts: lineage.receipts.toSorted() },
        }))
        .toSorted((a, b) => (a.pid + a.feature < b.pid + b.feature ? -1 : 1))
    },
  }
}
