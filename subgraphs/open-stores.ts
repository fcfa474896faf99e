import { existsSync } from 'node:fs'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { keptBoundingKey } from './aggregates/sql-bounding-key.ts'
import { aggregatesMigration, createSqlPeople } from './aggregates/people/sql-people.ts'
import type { ConsentLeases, Stores } from './all.ts'
import { budgetMigration, createSqlLedger } from './budget/sql-ledger.ts'
import { createMemoryLeaseStore } from './consent/leases/memory-lease-store.ts'
import { createSqlLeaseStore } from './consent/leases/sql-lease-store.ts'
import { openExpiryClock } from './consent/expiry-clock.ts'
import { createSqlTimeMark } from './consent/sql-time-mark.ts'
import type { FirstSeen } from './consent/door/first-seen.ts'
import { createSqlFirstSeen } from './consent/door/sql-first-seen.ts'
import type { OutboxStore } from './consent/outbox/outbox-store.ts'
import { createSqlOutbox } from './consent/outbox/sql-outbox.ts'
import { consentMigration } from './consent/migration.ts'
import { keptReceiptSecrets } from './consent/receipts/kept-receipt-secrets.ts'
import { createReceiptKeys, type ReceiptSecrets } from './consent/receipts/receipt-keys.ts'
import { createSqlConsentStore } from './consent/sql-store.ts'
import { connectPostgres, type Engine, migrate, type Migration, openPglite } from './database.ts'
import type { EventStore } from './events/event-store.ts'
import { eventsMigration } from './events/migration.ts'
import { featuresMigration } from './features/migration.ts'
import { createSqlFeaturesStore } from './features/sql-store.ts'
import type { FeaturesStore } from './features/store.ts'
import { createSqlTrainingRegistry, trainingMigration } from './features/training/sql-registry.ts'
import type { TrainingRegistry } from './features/training/training-registry.ts'
import type { ChangeFeed } from './identity/changes/change-feed.ts'
import { createSqlFeed } from './identity/changes/sql-feed.ts'
import type { Neo4jOptions } from './identity/neo4j-store.ts'
import type { LookupLog } from './identity/pseudonyms/lookup-log.ts'
import { createSqlKeyBook } from './identity/pseudonyms/sql-key-book.ts'
import { createSqlLookupLog } from './identity/pseudonyms/sql-lookup-log.ts'
import type { KeyRing } from './identity/pseudonyms/key-ring.ts'
import type { ReidentificationStore } from './identity/reidentification/reidentification-store.ts'
import {
  createSqlReidentificationStore,
  reidentificationMigration,
} from './identity/reidentification/sql-reidentification-store.ts'
import type { IdentityStore } from './identity/store.ts'
import { identityMigration } from './identity/migration.ts'
import { createSqlIdentityStore, refuseRawRecords } from './identity/sql-store.ts'
import { openVault } from './identity/vault/sealed-vault.ts'
import type { Vault } from './identity/vault/vault.ts'
import { createSqlSealedStore, vaultMigration } from './identity/vault/sql-sealed-store.ts'
import type { AggregateStores } from './open-aggregates.ts'
import { eventRows, type EventStores, openEventStores } from './open-event-stores.ts'
import { type KeySettings, openKeys } from './open-keys.ts'
import { createSqlOwnershipStore, ownershipMigration } from './ownership/sql-store.ts'
import type { OwnershipStore } from './ownership/store.ts'
import { createSqlStandings } from './standing/sql-standings.ts'
import { createLateCurrency, type LateCurrency } from './standing/late-currency.ts'
import type { Purgeable, RestingRows, StandingStore } from './standing/standing-store.ts'
import { type OpenVectors, openVectors, type VectorOptions } from './open-vectors.ts'
import { createSqlRecommendationsStore, recommendationsMigration } from './recommendations/sql-store.ts'
import { rewriteTables } from './standing/sql-rewrite.ts'

export interface StoreOptions extends VectorOptions {
  /** Where the embedded database lives; the caller holds the lock of this directory. */
  readonly dataDir: string
  /** A PostgreSQL server in place of the embedded database. */
  readonly postgresUrl?: string
  /** Neo4j for the identity graph, in place of tables. */
  readonly neo4j?: Neo4jOptions
  /** What receipts are sealed and signed with; default: made once and kept in the data directory. */
  readonly receiptSecrets?: ReceiptSecrets
  /** Where the keys of the identity graph are; default: made once and kept in the data directory. */
  readonly keys?: KeySettings
  /** A new, empty database directory to copy, which is quicker than making one. */
  readonly seedDir?: string
}

export interface OpenStores extends Omit<Stores, 'handedOut' | 'vectors'>, OpenVectors {
  /** What pseudonyms are made with. */
  readonly keys: KeyRing
  /** Who asked for people by what they are known by. */
  readonly lookups: LookupLog
  readonly reidentifications: ReidentificationStore
  readonly outbox: OutboxStore
  readonly leases: Required<ConsentLeases>
  /** What people did. */
  readonly events: EventStore
  /** The same with what is kept around it. */
  readonly eventStores: EventStores
  /** Beside the receipts: what the door for persons remembers. */
  readonly firstSeen: FirstSeen
  /** What systems said of attributes of people, and what is known beside it of their consent. */
  readonly ownership: OwnershipStore
  readonly ownershipStandings: StandingStore
  /** Which training sets people are in. */
  readonly training: TrainingRegistry
  /** What became of pids, for who holds them. */
  readonly changes: ChangeFeed
  /** Whose rows rest on consent. */
  readonly resting: readonly RestingRows[]
  /** Whether what they have heard of it may be relied upon. */
  readonly currency: LateCurrency
  /** Counts what is in the tables, for the query planner: the embedded database never does so by itself. */
  analyze(): Promise<void>
  close(): Promise<void>
}

/** One engine for all, a schema and a role for each, and their tables as this version needs them. */
export async function openStores(options: StoreOptions): Promise<OpenStores> {
  const receiptKeys = createReceiptKeys(options.receiptSecrets ?? keptReceiptSecrets(options.dataDir))
  const engine = await openEngine(options)
  try {
    await refuseRawRecords(engine.admin)
    await migrate(engine, MIGRATIONS)
    const keys = await openKeyRing(engine, options)
    const identity = await openIdentity(engine, options.neo4j)
    const currency = createLateCurrency()
    const profiles = openProfiles(engine)
    const features = openFeatureStore(engine)
    const eventStores = openEventStores(engine, currency)
    const vectors = await openVectors(engine, keys, options)
    return {
      identity,
      keys,
      lookups: createSqlLookupLog(engine.database(identityMigration)),
      vault: await openSqlVault(engine, keys),
      reidentifications: createSqlReidentificationStore(engine.database(reidentificationMigration)),
      changes: createSqlFeed(engine.database(identityMigration)),
      consent: createSqlConsentStore(engine.database(consentMigration), receiptKeys),
      leases: leasesOf(engine, options),
      expiryClock: await openExpiryClock(Date.now, createSqlTimeMark(engine.database(consentMigration))),
      outbox: createSqlOutbox(engine.database(consentMigration)),
      firstSeen: createSqlFirstSeen(engine.database(consentMigration)),
      features,
      recommendations: createSqlRecommendationsStore(engine.database(recommendationsMigration)),
      aggregates: await openAggregateStores(engine),
      ...profiles,
      ...vectors,
      events: eventStores.store,
      eventStores,
      resting: restingOf({ ...profiles, features, eventStores, ...vectors }),
      currency,
      async analyze() {
        await sql`analyze`.execute(engine.admin)
      },
      async close() {
        await identity.close()
        await keys.close()
        await engine.close()
      },
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

const openKeyRing = (engine: Engine, { dataDir, keys: settings = {} }: StoreOptions): Promise<KeyRing> =>
  openKeys({ dataDir, settings, book: createSqlKeyBook(engine.database(identityMigration)) })

const openSqlVault = (engine: Engine, ring: KeyRing): Promise<Vault> =>
  openVault({ store: createSqlSealedStore(engine.database(vaultMigration)), ring, clock: Date.now })

const MIGRATIONS: readonly Migration[] = [
  identityMigration,
  vaultMigration,
  reidentificationMigration,
  consentMigration,
  featuresMigration,
  recommendationsMigration,
  eventsMigration,
  budgetMigration,
  aggregatesMigration,
  ownershipMigration,
  trainingMigration,
]

async function openAggregateStores(engine: Engine): Promise<AggregateStores> {
  const own = engine.database<unknown>(aggregatesMigration)
  const ledger = createSqlLedger(engine.database(budgetMigration))
  return { people: createSqlPeople(own), ledger, key: await keptBoundingKey(own) }
}

interface RestingParts extends Pick<OpenStores, 'ownershipStandings' | 'eventStores'> {
  readonly ownership: Purgeable
  readonly features: Purgeable & Pick<FeaturesStore, 'standings'>
  readonly handedOut: Purgeable & Pick<FeaturesStore, 'standings'>
}

/**
 * In this order they hear of consent, and the first is the first to know. Features are computed from profiles: were they to hear
 * of a new yes while profiles have not heard of the no before it yet, a word that is taken back would be computed into a value
 * that rests on the new yes, and outlives it.
 */
export const restingOf = ({
  ownership,
  ownershipStandings,
  features,
  eventStores,
  handedOut,
}: RestingParts): readonly RestingRows[] => [
  { name: 'ownership', standings: ownershipStandings, rows: ownership },
  { name: 'features', standings: features.standings, rows: features },
  { name: 'events', standings: eventStores.standings, rows: eventRows(eventStores) },
  { name: 'vectors', standings: handedOut.standings, rows: handedOut },
]

export function openFeatureStore(engine: Engine): FeaturesStore {
  const vacuum = (): Promise<void> => rewriteTables(engine.admin, ['features.served', 'features.state'])
  return createSqlFeaturesStore(engine.database<never>(featuresMigration), { vacuum })
}

export function openOwnershipStore(engine: Engine): Pick<OpenStores, 'ownership' | 'ownershipStandings'> {
  const own = engine.database<never>(ownershipMigration)
  const vacuum = (): Promise<void> => rewriteTables(engine.admin, ['ownership.profile_write'])
  return {
    ownership: createSqlOwnershipStore(own, { vacuum }),
    ownershipStandings: createSqlStandings(own),
  }
}

function openProfiles(engine: Engine): Pick<OpenStores, 'ownership' | 'ownershipStandings' | 'training'> {
  return {
    ...openOwnershipStore(engine),
    training: createSqlTrainingRegistry(engine.database<never>(trainingMigration)),
  }
}

/** The embedded database has one service in front of it, whose memory is enough and costs no write each renewal. */
function leasesOf(engine: Engine, { postgresUrl }: StoreOptions): Required<ConsentLeases> {
  if (postgresUrl === undefined)
    return { leases: createMemoryLeaseStore(), isForgetful: true, lookEveryMs: null }
  return {
    leases: createSqlLeaseStore(engine.database(consentMigration)),
    isForgetful: false,
    lookEveryMs: 50,
  }
}

/** The driver is loaded by those alone who use it: it is as big as the rest of this process's code. */
async function openIdentity(engine: Engine, neo4j: Neo4jOptions | undefined): Promise<IdentityStore> {
  if (neo4j === undefined) return createSqlIdentityStore(engine.database(identityMigration))
  const { createNeo4jIdentityStore } = await import('./identity/neo4j-store.ts')
  return createNeo4jIdentityStore(neo4j)
}

export async function openEngine({ postgresUrl, dataDir, seedDir }: StoreOptions): Promise<Engine> {
  if (postgresUrl !== undefined) return connectPostgres(postgresUrl)
  const files = join(dataDir, 'pglite')
  if (!existsSync(files)) await createFiles(files, seedDir)
  return openPglite({ dataDir: files })
}

/** Made beside and moved into place when complete, so that a start that was broken off is started anew. */
async function createFiles(files: string, seedDir: string | undefined): Promise<void> {
  const draft = `${files}.new`
  await rm(draft, { recursive: true, force: true })
  if (seedDir !== undefined && existsSync(join(seedDir, 'PG_VERSION'))) {
    await cp(seedDir, draft, { recursive: true })
  } else {
    await mkdir(draft, { recursive: true })
    await (await openPglite({ dataDir: draft })).close()
  }
  await rename(draft, files)
}
