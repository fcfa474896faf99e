import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Engine } from '../../subgraphs/database.ts'
import type { Event } from '../../subgraphs/events/event.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import { createSqlEventStore } from '../../subgraphs/events/sql-event-store.ts'
import { catchUp } from '../../subgraphs/standing/catch-up.ts'
import { createSqlStandings } from '../../subgraphs/standing/sql-standings.ts'
import { openToldConsent, type Happening } from '../support/consent-history.ts'

/** What nobody else did: where it is, something is left of what Ada did. */
const CANARY = 'canary-behaviour-8c1f'
const CURRENT = { isCurrent: () => true }

/** What every engine promises of what was purged; `open` gives it with the tables of events, and where its files are. */
export function goneFromTheFilesContract(
  engineName: string,
  open: () => { readonly engine: Engine; readonly directory: string },
): void {
  test.each<[string, Happening]>([
    ['withdrawn', say('withdrawn')],
    ['run out', { does: 'wait', ms: LASTS_MS }],
    ['erased', { does: 'erase', pid: 'ada' }],
  ])(`what is %s is in no file of ${engineName} after the purge`, async (_, word) => {
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
}

const COUNT = 150
const LASTS_MS = 1_000_000

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

function filesWith(canary: string, directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(canary))
}
