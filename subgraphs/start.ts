import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { standardVocabulary, type Vocabulary } from '../directives/vocabulary.ts'
import type { Aggregates } from './aggregates/metric.ts'
import { allSubgraphs } from './all.ts'
import { CodedFailure } from './coded-failure.ts'
import { type DataDirectoryLock, lockDataDirectory } from './data-directory.ts'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'
import { type OutboxOptions, startOutbox } from './consent/outbox/outbox.ts'
import { createPseudonymizer, type Pseudonymizer } from './identity/pseudonyms/pseudonym.ts'
import { DEFAULT_LOOKUPS } from './identity/resolve-identity.ts'
import type { PolicyBundle } from './consent/policy/bundle.ts'
import { createBarrier } from './consent/leases/barrier.ts'
import { DEFAULT_LEASE_MS } from './consent/subgraph.ts'
import { sweepInBackground } from './identity/sweep-vault.ts'
import {
  type IdentityFeedOptions,
  NO_IDENTITY_FEED,
  openIdentityFeed,
  peerKeysOf,
} from './open-identity-feed.ts'
import { createFlowCounters, type ReadableCounters } from './events/flow-counters.ts'
import { openContracts } from './open-contracts.ts'
import { type EventsOptions, openEvents } from './open-events.ts'
import { consentHere, openStanding, type OpenStanding } from './open-standing.ts'
import { createPurgeMeter } from './measures/purge-meter.ts'
import { measuredAggregates } from './open-measures.ts'
import { openFeatures } from './open-features.ts'
import { openDesk, type ReidentificationSettings } from './open-reidentification.ts'
import { openPersons, type PersonsOptions } from './open-persons.ts'
import { openStores, type OpenStores, type StoreOptions } from './open-stores.ts'
import { openOwnership, type OwnershipOptions } from './open-ownership.ts'
import type { Route } from './route.ts'
import { isUnseeded, seed } from './seed.ts'
import type { Follower } from './standing/follower.ts'
import type { Purged } from './standing/purger.ts'
import { type LinkFor, trialLink } from './trial-link.ts'

/**
 * The process of the subgraphs: the embedded database blocks whoever it runs in, so it is not the gateway.
 * Started with an IPC channel (`child_process.fork`), told what to do by one message, and gone when the channel is.
 */
export interface StartMessage {
  readonly type: 'start'
  readonly options: StartOptions
}

export interface StartOptions extends StoreOptions {
  /** By the name of the subgraph; one without a key serves unprotected fields only. */
  readonly grantKeys: Readonly<Record<string, string>>
  /** Where to listen; ports are chosen by the system. Default: loopback only. */
  readonly host?: string
  /** How many people to make up when there are none; 0: leave the stores empty. Default 500. */
  readonly demoPeople?: number
  /** The words people can consent to; its maps need a channel with `serialization: 'advanced'`. Default: the standard ones. */
  readonly vocabulary?: Vocabulary
  /** What holds where nothing was said; like the vocabulary, it is made of maps. Default: nothing does. */
  readonly policy?: PolicyBundle | null
  /** What may be asked about cohorts; like the vocabulary, it is made of maps. Default: nothing. */
  readonly aggregates?: Aggregates
  /** Who may learn who stands behind a pid; absent: nobody. */
  readonly reidentification?: ReidentificationSettings
  /** How persons reach the consent service; absent: not at all. */
  readonly persons?: PersonsOptions
  /** Who has to hear of changes of consent, and how they are reached. Default: nobody. */
  readonly outbox?: Pick<OutboxOptions, 'consumers' | 'delivery' | 'operatorToken'>
  /** How identity reaches consent, and who has to hear what became of pids. Default: in this process, and nobody. */
  readonly identityFeed?: IdentityFeedOptions
  /** Who owns which attribute of a profile; absent: no system writes any. */
  readonly ownership?: OwnershipOptions
  /** How events come, and by which contracts; absent: not at all. */
  readonly events?: EventsOptions & { readonly contracts: string }
}

/** What the process tells its parent. After `failed` it ends with exit code 1. */
export type SubgraphsMessage =
  | { readonly type: 'progress'; readonly sentence: string; readonly ms: number }
  | {
      readonly type: 'ready'
      readonly subgraphs: readonly { readonly name: string; readonly url: string }[]
      /** The preference centre; null when persons are not served. */
      readonly preferences: string | null
      /** Where events are sent to; null when none are taken. */
      readonly events: string | null
      readonly ms: number
      readonly rssMb: number
    }
  | {
      readonly type: 'failed'
      /** Of the catalogue, or the system's own (`EADDRINUSE`). */
      readonly code: string
      /** What the code is about: a directory, a file; null when only the message tells. */
      readonly place: string | null
      readonly message: string
    }

/** Made by `scripts/build-seed.js`; without it the first start takes some seconds longer. */
const SEED_DIR = fileURLToPath(new URL('../pglite-seed', import.meta.url))

/** Made by `scripts/build.js`. */
const PREFERENCES_DIR = fileURLToPath(new URL('../preferences', import.meta.url))

const log = pino({ name: 'assent-subgraphs' }, pino.destination(2))
const warn = (event: object, sentence: string): void => log.warn(event, sentence)
const startedAt = performance.now()
const purges = createPurgeMeter()

/** What was opened so far, in order; closed the other way round. */
const closers: (() => unknown)[] = []
let isStopping = false

if (process.send === undefined) {
  log.fatal('This process is started by `assent start`, not by hand.')
  process.exitCode = 2
} else {
  process.once('message', (message: StartMessage) => void start(message.options).catch(fail))
  process.once('disconnect', () => void stop(0))
  process.once('SIGTERM', () => void stop(0))
  process.once('SIGINT', () => void stop(0))
}

async function start(options: StartOptions): Promise<void> {
  opened(lockDataDirectory(options.dataDir), (lock: DataDirectoryLock) => lock.release())
  tell({ type: 'progress', sentence: 'Opening the database', ms: elapsed() })
  const stores = opened(await openStores({ seedDir: SEED_DIR, ...options }), (open) => open.close())
  const { tenant = '', lookupsPerMinute: perMinute = DEFAULT_LOOKUPS } = options.keys ?? {}
  const pseudonymizer = createPseudonymizer({ ring: stores.keys, tenant })
  const { policy = null } = options
  const { follower } = followed(stores, options)
  await fill(stores, pseudonymizer, options.demoPeople ?? 500)

  void sweepInBackground({ store: stores.identity, vault: stores.vault }, Date.now(), (event, sentence) =>
    log.warn(event, sentence),
  )
  tell({ type: 'progress', sentence: 'Opening the subgraphs', ms: elapsed() })
  const subgraphs = []
  const persons = await openPreferences(stores, options)
  const { identityFeed = NO_IDENTITY_FEED } = options
  const feed = opened(
    await openIdentityFeed(stores, identityFeed, { clock: Date.now, log: warn }),
    (running) => running.stop(),
  )
  const counters = createFlowCounters()
  opened(openFeatures({ ...stores, clock: Date.now, log: warn }), (running) => running.stop())
  const surroundings = {
    ...measuredAggregates(stores, { ...options, purges, counters }),
    pseudonymizer,
    lookups: { log: stores.lookups, perMinute },
    clock: Date.now,
    policy,
    identityRoutes: [...feed.routes, ...startedOwnership(stores, { pseudonymizer, follower }, options)],
    linkedConsent: feed.linkedConsent,
    consentRoutes: [...(await startedOutbox(stores, options)), persons.route],
    reidentification: await openDesk(stores, options.reidentification, warn),
    ...(options.vocabulary !== undefined && { vocabulary: options.vocabulary }),
  }
  const peerKeys = peerKeysOf(identityFeed)
  for (const { name, serve } of allSubgraphs(stores, surroundings)) {
    const grantKey = options.grantKeys[name] ?? null
    const app = opened(await serve({ grantKey, peerKeys, log: warn }), (open: FastifyInstance) =>
      open.close(),
    )
    await app.listen({ host: options.host ?? '127.0.0.1', port: 0 })
    const { address, port, family } = app.server.address() as AddressInfo
    const host = family === 'IPv6' ? `[${address}]` : address
    subgraphs.push({ name, url: `http://${host}:${port}/graphql` })
  }
  const { preferences } = persons
  const events = await startedEvents(stores, { pseudonymizer, follower, counters }, options)
  const rssMb = Math.round(process.memoryUsage.rss() / 1e6)
  tell({ type: 'ready', subgraphs, preferences, events, ms: elapsed(), rssMb })
}

/** Who keeps rows that rest on consent hears of it from before anything is served. */
function followed(stores: OpenStores, { policy = null, postgresUrl }: StartOptions): OpenStanding {
  const { currency, resting: holders } = stores
  const view = consentHere({ ...stores, policy, clock: Date.now })
  // A table is locked while it is rewritten: what is nothing for the embedded one is once a day for a large one.
  const vacuumAfterMs = postgresUrl === undefined ? 10_000 : 86_400_000
  const onPurged = (purged: Purged): void => purges.count(purged)
  const options = { view, currency, holders, vacuumAfterMs, clock: Date.now, log: warn, onPurged }
  return opened(openStanding(options), (running) => running.stop())
}

interface Preferences {
  /** The address of the preference centre; on trial with a token of one made-up person; null when it is not served. */
  readonly preferences: string | null
  /** Makes such links. */
  readonly route: Route
}

async function openPreferences(
  { consent: store, firstSeen, leases }: OpenStores,
  { persons, vocabulary, policy = null, demoPeople = 500, outbox }: StartOptions,
): Promise<Preferences> {
  const operatorToken = outbox?.operatorToken ?? null
  if (persons === undefined) return { preferences: null, route: trialLink(operatorToken, null) }
  const { url, tokenFor } = opened(
    await openPersons(persons, {
      store,
      firstSeen,
      barrier: createBarrier({ ...leases, leases: leases.leases, leaseMs: DEFAULT_LEASE_MS }),
      clock: Date.now,
      policy,
      pageDir: PREFERENCES_DIR,
      log: warn,
      ...(vocabulary !== undefined && { vocabulary }),
    }),
    ({ app }) => app.close(),
  )
  const page = `${url}/preferences`
  if (tokenFor === null) return { preferences: page, route: trialLink(operatorToken, null) }
  const linkFor: LinkFor = async (pid) => {
    const subject = pid ?? (await store.changesAfter('0', 1))[0]?.subject
    return subject === undefined ? null : `${page}#token=${await tokenFor(subject)}`
  }
  const preferences = demoPeople > 0 ? await linkFor(null) : null
  return { preferences: preferences ?? page, route: trialLink(operatorToken, linkFor) }
}

async function startedOutbox(
  { consent: store, outbox }: OpenStores,
  { outbox: terms }: StartOptions,
): Promise<readonly Route[]> {
  if (terms === undefined) return []
  const { routes } = opened(
    await startOutbox({
      ...terms,
      store,
      outbox,
      clock: Date.now,
      log: warn,
    }),
    (running) => running.stop(),
  )
  return routes
}

function startedOwnership(
  stores: OpenStores,
  { pseudonymizer, follower }: { readonly pseudonymizer: Pseudonymizer; readonly follower: Follower },
  { ownership }: StartOptions,
): readonly Route[] {
  if (ownership === undefined) return []
  const ensure = (pids: readonly string[]): Promise<void> => follower.ensure(pids)
  const around = { pseudonymizer, clock: Date.now, log: warn, currency: follower, ensure }
  return opened(openOwnership(stores, around, ownership), (running) => running.stop()).routes
}

interface EventsAround {
  readonly pseudonymizer: Pseudonymizer
  readonly follower: Follower
  readonly counters: ReadableCounters
}

async function startedEvents(
  stores: OpenStores,
  { pseudonymizer, follower, counters }: EventsAround,
  { events, vocabulary = standardVocabulary, outbox, dataDir }: StartOptions,
): Promise<string | null> {
  if (events === undefined) return null
  const { url } = opened(
    await openEvents(events, {
      ...stores,
      stores: stores.eventStores,
      pseudonymizer,
      counters,
      contracts: openContracts(events.contracts, vocabulary),
      ensure: (pids) => follower.ensure(pids),
      dataDir,
      operatorToken: outbox?.operatorToken ?? null,
      clock: Date.now,
      log: warn,
    }),
    (running) => running.close(),
  )
  return url
}

/** Whatever is opened is closed; when the end came meanwhile, at once. */
function opened<T>(thing: T, close: (thing: T) => unknown): T {
  closers.push(() => close(thing))
  if (isStopping) throw new Error('Stopped while starting.')
  return thing
}

async function fill(stores: OpenStores, pseudonymizer: Pseudonymizer, people: number): Promise<void> {
  if (people === 0 || !(await isUnseeded(stores))) return
  tell({ type: 'progress', sentence: `Making up a retailer with ${people} customers`, ms: elapsed() })
  await seed(stores, pseudonymizer, { people, events: people * 20, now: Date.now() })
  await stores.analyze()
}

function fail(error: unknown): void {
  if (isStopping) return
  const unknown: SubgraphErrorCode = 'SUBGRAPHS_NOT_STARTED'
  const { code, message } = error as { code?: unknown; message?: unknown }
  tell({
    type: 'failed',
    code: typeof code === 'string' ? code : unknown,
    place: error instanceof CodedFailure ? error.place : null,
    message: typeof message === 'string' && message !== '' ? message : sentenceOf(unknown),
  })
  void stop(1)
}

async function stop(exitCode: number): Promise<void> {
  if (isStopping) return
  isStopping = true
  for (const close of closers.toReversed()) {
    try {
      await close()
    } catch (error) {
      log.warn({ error: (error as Error).name }, 'Something could not be closed in order.')
    }
  }
  // An embedded database that was closed may still keep the process alive.
  process.exit(exitCode)
}

function tell(message: SubgraphsMessage): void {
  if (process.connected) process.send?.(message)
}

/** Milliseconds since this process began to run our code. */
function elapsed(): number {
  return Math.round(performance.now() - startedAt)
}
