import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pauseFor } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { samePeopleIn } from './consent/receipt-call.ts'
import type { ConsentStore } from './consent/store.ts'
import type { Contracts } from './events/contracts/contracts.ts'
import { contractBookOf } from './events/contract-book.ts'
import type { ConsentReceipts } from './events/consent-receipts.ts'
import { batchRoute } from './events/entrance/batch-route.ts'
import { createIntake, type Intake } from './events/entrance/intake.ts'
import { type NatsSubject, startNatsEntrance } from './events/entrance/nats-entrance.ts'
import { createRooms, type Rooms } from './events/entrance/rooms.ts'
import { webhookRoute } from './events/entrance/webhook-route.ts'
import { createFlow, type Flow } from './events/flow.ts'
import type { FlowCounters } from './events/flow-counters.ts'
import type { IdentifierKind } from './events/envelope.ts'
import type { WhoIs } from './events/pseudonymise.ts'
import { createPayloadSeal, type PayloadSeal } from './events/quarantine/payload-seal.ts'
import { quarantineRoutes } from './events/quarantine/quarantine-routes.ts'
import { rememberingReceipts } from './events/remembering-receipts.ts'
import { keepTidy } from './events/keep-tidy.ts'
import type { Pseudonymizer, TokenKind } from './identity/pseudonyms/pseudonym.ts'
import type { IdentityStore } from './identity/store.ts'
import { keptKey } from './kept-key.ts'
import type { Log } from './log.ts'
import type { EventStores } from './open-event-stores.ts'
import { serveEvents } from './serve-events.ts'

/** How events come: the `events` settings. */
export interface EventsOptions {
  readonly host: string
  readonly port: number
  readonly sources: readonly EventSourceSettings[]
  /** Of one event, and of one batch unpacked. */
  readonly maxEventBytes: number
  readonly maxBatchBytes: number
  readonly maxBatchEvents: number
  /** Events that may wait, and bytes of batches that may be in memory. */
  readonly maxWaiting: number
  readonly maxBytes: number
  /** How far the clock of a source may go ahead, in milliseconds. */
  readonly toleranceMs: number
  /** How long quarantine keeps a payload, in days. */
  readonly keepDays: number
  /** How often an event of a subject may fail while others do not. */
  readonly maxDeliveries: number
}

export interface EventSourceSettings {
  readonly name: string
  /** Sends batches with it; null: sends none. */
  readonly token: string | null
  /** Signs webhooks with them (Standard Webhooks); empty: sends none. */
  readonly secrets: readonly string[]
  /** Publishes them there; null: nowhere. */
  readonly nats: NatsSubject | null
}

export interface EventsParts {
  readonly stores: EventStores
  readonly consent: Pick<ConsentStore, 'bases' | 'records'>
  /** Where receipts are asked about; default: in `consent`. */
  readonly receipts?: ConsentReceipts
  readonly identity: Pick<IdentityStore, 'holders' | 'records'>
  readonly pseudonymizer: Pseudonymizer
  readonly contracts: Contracts
  readonly counters: FlowCounters
  /** Hears of consent of these people. */
  readonly ensure: (pids: readonly string[]) => Promise<void>
  /** Resolves when what was heard of consent may be relied upon. */
  readonly untilCurrent: () => Promise<void>
  /** Where the key of quarantine is kept. */
  readonly dataDir: string
  readonly operatorToken: string | null
  readonly clock: () => number
  readonly log: Log
}

export interface OpenEvents {
  readonly url: string
  /** The way of every event, for what comes from this house itself. */
  readonly flow: Pick<Flow, 'take'>
  /** Whether events are being read, or wait to be stored. */
  readonly isBusy: () => boolean
  close(): Promise<void>
}

/** Events that go through the flow together: enough to share its cost, and few enough to be answered soon. */
const TOGETHER = 1_000
/** A batch waits so long for consent to be known to be current; then who sent it is told to come again. */
const PATIENCE_MS = 1_000
const REMEMBERED_RECEIPTS = 200_000
/** Webhooks that are read at once; a sender whose turn does not come tries again. */
const WEBHOOKS_AT_ONCE = 64
const DAY_MS = 86_400_000

/** Opens the way of events into the store, and listens. */
export async function openEvents(options: EventsOptions, parts: EventsParts): Promise<OpenEvents> {
  const { stores, clock, log, dataDir, operatorToken } = parts
  const { maxDeliveries } = options
  const { store, quarantine, batches } = stores
  const secret = keptKey(join(dataDir, 'events.key'), () => randomBytes(32).toString('base64'))
  const seal = createPayloadSeal(Buffer.from(secret, 'base64'))
  const flow = openFlow(options, parts, seal)
  const untilCurrent = (): Promise<void> =>
    Promise.race([parts.untilCurrent(), pauseFor(PATIENCE_MS, undefined, { ref: false })])
  const intake = createIntake({ flow, mostWaiting: options.maxWaiting, together: TOGETHER, untilCurrent })
  const tidy = keepTidy({ store, quarantine, batches, clock, log })
  const rooms = createRooms(options.maxBytes)
  const app = serveEvents(
    entrances(options, parts, { intake, seal, rooms }),
    { routes: quarantineRoutes({ flow, quarantine, seal, operatorToken, clock }), token: operatorToken },
    log,
  )
  await app.listen({ host: options.host, port: options.port })
  const subjects = options.sources.flatMap(({ name, nats }) =>
    nats === null ? [] : [startNatsEntrance({ ...nats, source: name, intake, flow, maxDeliveries, log })],
  )
  return {
    url: addressOf(app),
    flow,
    // A body that is being read is not in the queue yet, and comes piece by piece in the turns that others leave.
    isBusy: () => intake.isBusy() || rooms.isTaken(),
    async close() {
      await app.close()
      await Promise.all(subjects.map((subject) => subject.stop()))
      await intake.close()
      await tidy.stop()
    },
  }
}

function openFlow(options: EventsOptions, parts: EventsParts, seal: PayloadSeal): Flow {
  const { stores, clock, counters, ensure } = parts
  return createFlow({
    contracts: contractBookOf(parts.contracts),
    receipts: rememberingReceipts(parts.receipts ?? receiptsIn(parts.consent), REMEMBERED_RECEIPTS),
    whoIs: whoIsIn(parts),
    store: stores.store,
    ensure,
    quarantine: stores.quarantine,
    seal,
    counters,
    clock,
    toleranceMs: options.toleranceMs,
    mostBytes: options.maxEventBytes,
    keepMs: options.keepDays * DAY_MS,
  })
}

function entrances(
  { sources, maxBatchBytes, maxBatchEvents, maxEventBytes }: EventsOptions,
  { stores, clock, log }: EventsParts,
  { intake, seal, rooms }: { readonly intake: Intake; readonly seal: PayloadSeal; readonly rooms: Rooms },
): Parameters<typeof serveEvents>[0] {
  const tokens = sources.flatMap(({ name, token }) => (token === null ? [] : [[token, name] as const]))
  return [
    batchRoute({
      intake,
      rooms,
      memory: stores.batches,
      digest: (source, bytes) => seal.digest(source, bytes),
      tokens: new Map(tokens),
      mostBytes: maxBatchBytes,
      mostEvents: maxBatchEvents,
      clock,
      log,
    }),
    webhookRoute({
      intake,
      rooms: createRooms(WEBHOOKS_AT_ONCE * maxEventBytes),
      secrets: new Map(sources.map(({ name, secrets }) => [name, secrets])),
      mostBytes: maxEventBytes,
      clock,
      log,
    }),
  ]
}

const receiptsIn = (consent: EventsParts['consent']): ConsentReceipts => ({
  basis: (consentIds) => consent.bases(consentIds),
  samePeople: (subjects) => samePeopleIn(consent, subjects),
})

const TOKEN_KINDS: Readonly<Record<IdentifierKind, TokenKind>> = {
  email: 'email',
  phone: 'phone',
  loyalty: 'loyalty',
}

const whoIsIn = ({ identity, pseudonymizer }: Pick<EventsParts, 'identity' | 'pseudonymizer'>): WhoIs => ({
  async tokens(identifiers) {
    const named = identifiers.map(({ kind, value }) => ({ kind: TOKEN_KINDS[kind], value }))
    return (await pseudonymizer.tokens(named)).map(({ sought }) => sought)
  },
  holders: (tokens) => identity.holders(tokens),
  known: async (pids) => (pids.length === 0 ? new Set() : new Set((await identity.records(pids)).keys())),
})

function addressOf(app: FastifyInstance): string {
  const { address, port, family } = app.server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
