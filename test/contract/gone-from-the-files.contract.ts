import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { type Engine, migrate } from '../../subgraphs/database.ts'
import type { Event } from '../../subgraphs/events/event.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { createSqlEventStore } from '../../subgraphs/events/sql-event-store.ts'
import { featuresMigration } from '../../subgraphs/features/migration.ts'
import type { StateRow, TracedRow } from '../../subgraphs/features/store.ts'
import { openFeatureStore } from '../../subgraphs/open-stores.ts'
import { catchUp } from '../../subgraphs/standing/catch-up.ts'
import { createSqlStandings } from '../../subgraphs/standing/sql-standings.ts'
import { openToldConsent, type Happening } from '../support/consent-history.ts'
import { CANARY_ROWS } from '../support/canary-rows.ts'
import { tracedRow } from '../support/feature-rows.ts'

/** What nobody else did: where it is, something is left of what Ada did. */
const CANARY = 'canary-behaviour-8c1f'
const CURRENT = { isCurrent: () => true }

/** What every engine promises of what was purged; `open` gives it with the tables of events, and where its files are. */
export function goneFromTheFilesContract(
  engineName: string,
  open: () => { readonly engine: Engine; readonly directory: string },
): void {
  test.each(WORDS)(`what is %s is in no file of ${engineName} after the purge`, async (_, word) => {
    const { engine, directory } = open()
    const consent = openToldConsent()
    const db = engine.database<unknown>(eventsMigration)
    const standings = createSqlStandings(engine.database(eventsMigration))
    const events = createSqlEventStore({ db, admin: engine.admin, currency: CURRENT, clock: consent.now })
    const hear = () => catchUp({ view: consent.view, stores: [standings] })

    await sql`truncate events.event, events.standing, events.standing_mark, events.standing_block`.execute(
      engine.admin,
    )
    await consent.happen(say('given', LASTS_MS))
    await consent.happen({ ...say('given'), pid: 'bo' })
    await hear()
    const collected = [...eventsOf('ada', '1', CANARY), ...eventsOf('bo', '2', 'nothing in particular')]
    const appended = await events.append(shuffled(collected), consent.now())
    expect(appended.every(({ outcome }) => outcome === 'stored')).toBe(true)
    await sql`analyze`.execute(engine.admin)
    await sql`checkpoint`.execute(engine.admin)
    expect(filesWith(CANARY, directory).length).toBeGreaterThan(1)

    await consent.happen(word)
    await hear()
    await standings.expire(consent.now())
    expect(await events.purgeDead(consent.now())).toBe(COUNT)
    await events.vacuum()
    expect(filesWith(CANARY, directory)).toEqual([])
    expect(await events.after('0', 2 * COUNT)).toHaveLength(COUNT)
  })

  test.each(WORDS)(
    `what was computed under consent that is %s is in no file of ${engineName}`,
    async (_, word) => {
      const { engine, directory } = open()
      await migrate(engine, [featuresMigration])
      const consent = openToldConsent()
      const features = openFeatureStore(engine)
      const hear = () => catchUp({ view: consent.view, stores: [features.standings] })

      await sql`truncate features.served, features.state, features.standing, features.standing_mark,
      features.standing_block`.execute(engine.admin)
      await consent.happen(say('given', LASTS_MS))
      await consent.happen({ ...say('given'), pid: 'bo' })
      await hear()
      // Twice: what was computed before lies in the holes of pages.
      for (const turn of ['before', 'now']) {
        const after = await features.progress()
        const both = [computed('ada', '1', `${CANARY} ${turn}`), computed('bo', '2', 'nothing in particular')]
        const [rows, states] = [both.flatMap((one) => one.rows), both.flatMap((one) => one.states)]
        const step = { after, progress: after, now: consent.now(), rows, states, empty: [] }
        expect(await features.commit(step)).toBe(true)
      }
      await sql`analyze`.execute(engine.admin)
      await sql`checkpoint`.execute(engine.admin)
      expect(filesWith(CANARY, directory).length).toBeGreaterThan(1)

      await consent.happen(word)
      await hear()
      await features.standings.expire(consent.now())
      expect(await features.purgeDead(consent.now())).toBeGreaterThan(0)
      await features.vacuum()
      expect(filesWith(CANARY, directory)).toEqual([])
      const left = computed('bo', '2', '').rows.map(({ scope, feature }) => ({ scope, feature }))
      const [read] = await features.read([{ pid: 'bo', features: left }], consent.now())
      expect(read?.filter((value) => value !== undefined)).toHaveLength(FEATURES)
    },
  )

  describe.each(CANARY_ROWS)('what is kept of a person among $of', ({ open: openRows }) => {
    test.each(WORDS)(`is in no file of ${engineName} where consent is %s`, async (_, word) => {
      const { engine, directory } = open()
      const { standings, rows, fill, countOf } = await openRows(engine)
      const consent = openToldConsent()
      const hear = () => catchUp({ view: consent.view, stores: [standings] })

      await consent.happen(say('given', LASTS_MS))
      await consent.happen({ ...say('given'), pid: 'bo' })
      await hear()
      const canary = await fill(consent.now())
      await sql`checkpoint`.execute(engine.admin)
      expect(filesWith(canary, directory)).not.toEqual([])
      const ofNeighbour = await countOf('bo')
      expect(ofNeighbour).toBeGreaterThan(0)

      await consent.happen(word)
      await hear()
      await standings.expire(consent.now())
      expect(await rows.purgeDead(consent.now())).toBeGreaterThan(0)
      await rows.vacuum()
      expect(filesWith(canary, directory)).toEqual([])
      expect(await countOf('ada')).toBe(0)
      expect(await countOf('bo'), 'who agrees still keeps everything').toBe(ofNeighbour)
    })
  })
}

const COUNT = 150
const LASTS_MS = 1_000_000

const WORDS: [string, Happening][] = [
  ['withdrawn', say('withdrawn')],
  ['run out', { does: 'wait', ms: LASTS_MS }],
  ['erased', { does: 'erase', pid: 'ada' }],
]

/** So few that the row is not packed: in what is packed nobody would find a canary. */
const FEATURES = 2

/** What is served of somebody, where it comes from, and what is kept to move its windows on. */
function computed(
  pid: string,
  consentRevision: string,
  what: string,
): { rows: TracedRow[]; states: StateRow[] } {
  const keys = Array.from({ length: FEATURES }, (_, n) => ({
    pid,
    scope: 'analytics',
    feature: `feature_${n}`,
  }))
  const newest = [[1, '1', `event ${what}`]] as const
  const partial = {
    count: 1,
    sum: '0',
    min: null,
    max: null,
    distinct: [what],
    from: 1,
    until: 1,
    newest,
    receipts: [],
  }
  const lineage = { count: 1, newest, from: 1, until: 1, receipts: [] }
  const expiresAt = 2 ** 50
  return {
    rows: keys.map(({ feature, scope }) =>
      tracedRow(pid, feature, { scope, value: `${feature} ${what}`, consentRevision, expiresAt, lineage }),
    ),
    states: keys.map((key) => ({
      ...key,
      event: 'page_view',
      state: { digest: 'd', revision: consentRevision, buckets: { 1: { ...partial, last: [1, '1', what] } } },
    })),
  }
}

function say(status: 'given' | 'withdrawn', lastsMs: number | null = null): Happening & { does: 'say' } {
  return { does: 'say', pid: 'ada', scope: 'analytics', status, channel: null, lastsMs }
}

/** Some small, some so large that they are kept beside the table. */
function eventsOf(pid: string, consentRevision: string, what: string): Event[] {
  return Array.from({ length: COUNT }, (_, n) => ({
    eventId: `${pid}-${n}`,
    source: 'web',
    type: 'page_view',
    version: 1,
    occurredAt: n,
    receivedAt: n,
    pid,
    scope: 'analytics',
    consentId: `of ${pid}`,
    consentRevision,
    data: { what, more: n % 50 === 0 ? Array.from({ length: 900 }, (__, i) => `${pid} ${n} ${i ** 3}`) : [] },
    expiresAt: Number.MAX_SAFE_INTEGER / 10,
  }))
}

/** Rows of both are on the same pages. */
function shuffled(events: readonly Event[]): Event[] {
  return events.toSorted((a, b) => a.occurredAt - b.occurredAt)
}

function filesWith(canary: string | Buffer, directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(canary))
}
