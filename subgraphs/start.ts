import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { standardVocabulary } from '../directives/vocabulary.ts'
import { allSubgraphs } from './all.ts'
import { CodedFailure } from './coded-failure.ts'
import { type DataDirectoryLock, lockDataDirectory } from './data-directory.ts'
import { sentenceOf, type SubgraphErrorCode } from './error-catalogue.ts'
import { startOutbox } from './consent/outbox/outbox.ts'
import { createPseudonymizer, type Pseudonymizer } from './identity/pseudonyms/pseudonym.ts'
import { DEFAULT_LOOKUPS } from './identity/resolve-identity.ts'
import { sweepInBackground } from './identity/sweep-vault.ts'
import { NO_IDENTITY_FEED, openIdentityFeed, peerKeysOf } from './open-identity-feed.ts'
import { receiptsElsewhere } from './consent-elsewhere.ts'
import { createFlowCounters, type ReadableCounters } from './events/flow-counters.ts'
import { openContracts } from './open-contracts.ts'
import { openEvents, type OpenEvents } from './open-events.ts'
import { consentHere, openStanding, type OpenStanding, viewElsewhere } from './open-standing.ts'
import { createPurgeMeter } from './measures/purge-meter.ts'
import { measuredAggregates } from './open-measures.ts'
import { openModel } from './open-model.ts'
import { openFeatures } from './open-features.ts'
import { openDesk } from './open-reidentification.ts'
import { type OpenPreferences, openPreferences } from './open-preferences.ts'
import { openStores, type OpenStores } from './open-stores.ts'
import { openProfiles } from './open-profiles.ts'
import type { Route } from './route.ts'
import { isUnseeded, seed } from './seed.ts'
import { eventSeed, rememberSeed } from './seed-events.ts'
import { seedProfiles } from './seed-profiles.ts'
import type { Follower } from './standing/follower.ts'
import type { StartMessage, StartOptions, SubgraphsMessage } from './start-message.ts'
import type { Purged } from './standing/purger.ts'

/**
 * The process of the subgraphs: the embedded database blocks whoever it runs in, so it is not the gateway.
 * Started with an IPC channel (`child_process.fork`), told what to do by one message, and gone when the channel is.
 */

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
  const { follower } = followed(stores, options)
  await fill(stores, pseudonymizer, options)

  void sweepInBackground({ store: stores.identity, vault: stores.vault }, Date.now(), (event, sentence) =>
    log.warn(event, sentence),
  )
  tell({ type: 'progress', sentence: 'Opening the subgraphs', ms: elapsed() })
  const { preferences, route } = await startedPreferences(stores, options)
  const { identityFeed = NO_IDENTITY_FEED } = options
  const feed = opened(
    await openIdentityFeed(stores, identityFeed, { clock: Date.now, log: warn }),
    (running) => running.stop(),
  )
  const counters = createFlowCounters()
  const profiles = opened(
    openProfiles(stores, { pseudonymizer, follower, clock: Date.now, log: warn }, options),
    (running) => running.stop(),
  )
  const surroundings = {
    ...measuredAggregates(stores, { ...options, purges, counters }),
    pseudonymizer,
    lookups: { log: stores.lookups, perMinute },
    clock: Date.now,
    policy: options.policy ?? null,
    identityRoutes: [...feed.routes, ...profiles.routes],
    linkedConsent: feed.linkedConsent,
    redirects: feed.redirects,
    consentRoutes: [...(await startedOutbox(stores, options)), route],
    reidentification: await openDesk(stores, options.reidentification, warn),
    ...(options.vocabulary !== undefined && { vocabulary: options.vocabulary }),
    ...(await modelAround(stores, options)),
  }
  const subgraphs = await served(allSubgraphs(stores, surroundings), options)
  const events = await startedEvents(stores, { pseudonymizer, follower, counters }, options)
  const loaded = eventSeed({ ...stores, dataDir: options.dataDir, flow: events?.flow ?? null, log: warn })
  const isBusy = (): boolean => events?.isBusy() ?? false
  const materials = { ...stores, ...loaded, ...profiles.materials, isBusy, clock: Date.now, log: warn }
  opened(openFeatures({ ...materials, follower }), (running) => running.stop())
  const rssMb = Math.round(process.memoryUsage.rss() / 1e6)
  tell({ type: 'ready', subgraphs, preferences, events: events?.url ?? null, ms: elapsed(), rssMb })
}

/** Each on a port of its own, one after the other. */
async function served(
  hosted: ReturnType<typeof allSubgraphs>,
  { grantKeys, host: listenAt = '127.0.0.1', identityFeed = NO_IDENTITY_FEED, followKey }: StartOptions,
): Promise<{ name: string; url: string }[]> {
  const subgraphs = []
  const peerKeys = peerKeysOf(identityFeed, followKey)
  for (const { name, serve } of hosted) {
    const app = opened(
      await serve({ grantKey: grantKeys[name] ?? null, peerKeys, log: warn }),
      (open: FastifyInstance) => open.close(),
    )
    await app.listen({ host: listenAt, port: 0 })
    const { address, port, family } = app.server.address() as AddressInfo
    const host = family === 'IPv6' ? `[${address}]` : address
    subgraphs.push({ name, url: `http://${host}:${port}/graphql` })
  }
  return subgraphs
}

/** Who keeps rows that rest on consent hears of it from before anything is served. */
function followed(stores: OpenStores, options: StartOptions): OpenStanding {
  const { policy = null, rewriteAfterMs = 10_000 } = options
  const { currency, resting: holders } = stores
  const view = viewElsewhere(options, Date.now) ?? consentHere({ ...stores, policy, clock: Date.now })
  const onPurged = (purged: Purged): void => purges.count(purged)
  const when = { vacuumAfterMs: rewriteAfterMs, clock: Date.now }
  const parts = { view, currency, holders, ...when, log: warn, onPurged }
  return opened(openStanding(parts), (running) => running.stop())
}

async function startedPreferences(stores: OpenStores, options: StartOptions): Promise<OpenPreferences> {
  const parts = { pageDir: PREFERENCES_DIR, clock: Date.now, log: warn }
  return opened(await openPreferences(stores, options, parts), (open) => open.close())
}

/** What the recommendations are answered with: a model, and who may ask for what. */
async function modelAround(
  stores: OpenStores,
  { recommendationsModel, recommendationLists: listTerms, storedVectors }: StartOptions,
) {
  const model = await openModel(recommendationsModel, stores, warn)
  const { surroundings } = opened(model, (running) => running.stop())
  return { ...surroundings, listTerms, peopleFoundBy: storedVectors?.foundBy ?? [] }
}

async function startedOutbox(
  { consent: store, outbox }: OpenStores,
  { outbox: terms }: StartOptions,
): Promise<readonly Route[]> {
  if (terms === undefined) return []
  const { routes } = opened(
    await startOutbox({ ...terms, store, outbox, clock: Date.now, log: warn }),
    (running) => running.stop(),
  )
  return routes
}

interface EventsAround {
  readonly pseudonymizer: Pseudonymizer
  readonly follower: Follower
  readonly counters: ReadableCounters
}

async function startedEvents(
  stores: OpenStores,
  { pseudonymizer, follower, counters }: EventsAround,
  { events, vocabulary = standardVocabulary, outbox, dataDir, consentElsewhere: place }: StartOptions,
): Promise<OpenEvents | null> {
  if (events === undefined) return null
  return opened(
    await openEvents(events, {
      ...stores,
      stores: stores.eventStores,
      pseudonymizer,
      ...(place && { receipts: receiptsElsewhere({ ...place, clock: Date.now }) }),
      counters,
      contracts: openContracts(events.contracts, vocabulary),
      ensure: (pids) => follower.ensure(pids),
      untilCurrent: () => follower.untilHeard(),
      dataDir,
      operatorToken: outbox?.operatorToken ?? null,
      clock: Date.now,
      log: warn,
    }),
    (running) => running.close(),
  )
}

/** Whatever is opened is closed; when the end came meanwhile, at once. */
function opened<T>(thing: T, close: (thing: T) => unknown): T {
  closers.push(() => close(thing))
  if (isStopping) throw new Error('Stopped while starting.')
  return thing
}

async function fill(
  stores: OpenStores,
  pseudonymizer: Pseudonymizer,
  { demoPeople: people = 500, dataDir, ownership }: StartOptions,
): Promise<void> {
  if (people === 0 || !(await isUnseeded(stores))) return
  tell({ type: 'progress', sentence: `Making up a retailer with ${people} customers`, ms: elapsed() })
  const made = { people, events: people * 20, now: Date.now() }
  rememberSeed(dataDir, made)
  await seed(stores, pseudonymizer, made, async (seeded) => {
    if (ownership !== undefined) await seedProfiles(stores.ownership, { ...seeded, ...made, ...ownership })
  })
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
const elapsed = (): number => Math.round(performance.now() - startedAt)
