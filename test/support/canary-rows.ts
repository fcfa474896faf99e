import { sql } from 'kysely'
import { type Engine, migrate } from '../../subgraphs/database.ts'
import { eventsMigration } from '../../subgraphs/events/migration.ts'
import type { FailedEvent } from '../../subgraphs/events/quarantine/quarantine-store.ts'
import { eventRows, openEventStores } from '../../subgraphs/open-event-stores.ts'
import { openOwnershipStore } from '../../subgraphs/open-stores.ts'
import { openVectors } from '../../subgraphs/open-vectors.ts'
import { ownershipMigration } from '../../subgraphs/ownership/sql-store.ts'
import type { KeptWrite } from '../../subgraphs/ownership/store.ts'
import type { Purgeable, StandingStore } from '../../subgraphs/standing/standing-store.ts'
import { personVector, TOWER } from './vectors.ts'

/** Opened as the product opens it, with its tables empty. */
interface Opened {
  readonly standings: StandingStore
  readonly rows: Purgeable
  /** Keeps something of Ada and of Bo, each resting on the first word of theirs about `analytics`; says by which bytes Ada’s is known. */
  readonly fill: (now: number) => Promise<string | Buffer>
  /** How many rows there are of somebody. */
  readonly countOf: (pid: string) => Promise<number>
}

interface CanaryRows {
  readonly of: string
  readonly open: (engine: Engine) => Promise<Opened>
}

export const CANARY_ROWS: readonly CanaryRows[] = [
  { of: 'what systems said of profiles', open: openProfileRows },
  { of: 'events that failed', open: openFailedRows },
  { of: 'vectors', open: (engine) => openVectorRows(engine, { isSealed: false }) },
  { of: 'sealed vectors', open: (engine) => openVectorRows(engine, { isSealed: true }) },
]

const CANARY = 'canary-kept-51d0'
const EACH = [
  ['ada', '1', CANARY],
  ['bo', '2', 'nothing in particular'],
] as const
/** So many that they fill pages, with both people's rows on each. */
const COUNT = 60

const each = <T>(make: (one: (typeof EACH)[number], n: number) => T): T[] =>
  Array.from({ length: COUNT }, (_, n) => EACH.map((one) => make(one, n))).flat()

async function openProfileRows(engine: Engine): Promise<Opened> {
  await migrate(engine, [ownershipMigration])
  await empty(engine, 'ownership', ['profile_write'])
  const { ownership, ownershipStandings } = openOwnershipStore(engine)
  const writeOf = ([pid, revision, what]: (typeof EACH)[number], version: number): KeptWrite => ({
    pid,
    attribute: 'cdp.segment',
    system: 'cdp',
    version,
    at: version,
    confirmed: false,
    value: `${what} ${version}`,
    receivedAt: version,
    registry: 'profile@1.0.0',
    consent: { scope: 'analytics', consentId: `of ${pid}`, revision },
  })
  const fill = async (now: number): Promise<string> => {
    const added = await ownership.add(each(writeOf), now)
    if (!added.every((outcome) => outcome === 'added'))
      throw new Error(`Not everything was kept: ${added.join()}`)
    return CANARY
  }
  return {
    standings: ownershipStandings,
    rows: ownership,
    fill,
    countOf: counted(engine, 'ownership', 'profile_write'),
  }
}

async function openFailedRows(engine: Engine): Promise<Opened> {
  await migrate(engine, [eventsMigration])
  await empty(engine, 'events', ['failed_event', 'event'])
  const stores = openEventStores(engine, { isCurrent: () => true })
  const failureOf = ([pid, revision, what]: (typeof EACH)[number], n: number): FailedEvent => ({
    id: `${pid} ${n}`,
    digest: `${pid} ${n}`,
    bytes: 100,
    source: 'shop',
    code: 'EVENT_BREAKS_CONTRACT',
    stage: 'contract',
    place: 'data.sku',
    envelope: { eventId: `${n}`, type: 'page_view', version: 1, occurredAt: n, pid, consentId: `of ${pid}` },
    contractVersion: 1,
    // Sealed it would be found by nobody who does not know its bytes: what is looked for is whether these bytes go.
    payload: { sealed: Buffer.from(`${what} ${n}`), pid, scope: 'analytics', revision, expiresAt: 2 ** 42 },
  })
  const fill = async (now: number): Promise<string> => {
    await stores.quarantine.put(each(failureOf), now)
    return CANARY
  }
  return {
    standings: stores.standings,
    rows: eventRows(stores),
    fill,
    countOf: counted(engine, 'events', 'failed_event'),
  }
}

async function openVectorRows(engine: Engine, { isSealed }: { readonly isSealed: boolean }): Promise<Opened> {
  const ring = {
    wrap: async (bytes: Buffer) => ({ keyId: 'k1', bytes }),
    unwrap: async ({ bytes }: { readonly bytes: Buffer }) => bytes,
  }
  const { vectors } = await openVectors(engine, ring, {})
  if (vectors === null) throw new Error('There are no vectors.')
  await empty(engine, 'vectors', ['model', 'item', 'person', 'drawn'])
  const hers = Float32Array.of(0.123_45, -0.543_21, 0.314_15, 0.271_82)
  const fill = async (now: number): Promise<Buffer> => {
    await vectors.publish(TOWER, [])
    const people = EACH.map(([pid, consentRevision]) =>
      personVector(pid, {
        scope: 'analytics',
        consentRevision,
        isSealed,
        vector: pid === 'ada' ? hers : Float32Array.of(1, 0, 0, 0),
      }),
    )
    const kept = await vectors.put(people, now)
    if (kept !== people.length) throw new Error(`Not everything was kept: ${kept}`)
    // Nobody finds a vector in what is sealed: the sealed bytes themselves are looked for.
    return isSealed ? sealedOf(engine, 'ada') : Buffer.from(hers.buffer)
  }
  return { standings: vectors.standings, rows: vectors, fill, countOf: counted(engine, 'vectors', 'person') }
}

const sealedOf = async ({ admin }: Engine, pid: string): Promise<Buffer> => {
  const { rows } = await sql<{
    sealed: Uint8Array
  }>`select sealed from vectors.person where pid = ${pid}`.execute(admin)
  if (rows.length !== 1 || rows[0] === undefined) throw new Error('Nothing sealed was kept.')
  return Buffer.from(rows[0].sealed)
}

const counted =
  ({ admin }: Engine, schema: string, table: string): Opened['countOf'] =>
  async (pid) => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from ${sql.id(schema, table)} where pid = ${pid}`.execute(admin)
    return rows[0]?.count ?? 0
  }

const empty = async ({ admin }: Engine, schema: string, tables: readonly string[]): Promise<void> => {
  const all = ['standing', 'standing_mark', 'standing_block', ...tables].map((table) => sql.id(schema, table))
  await sql`truncate ${sql.join(all)}`.execute(admin)
}
