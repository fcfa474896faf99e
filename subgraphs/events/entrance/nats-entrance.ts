import { setTimeout as pauseFor } from 'node:timers/promises'
import {
  AckPolicy,
  type Consumer,
  jetstream,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type JsMsg,
} from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { Log } from '../../log.ts'
import type { Flow } from '../flow.ts'
import type { Intake } from './intake.ts'
import { createFailures, takeMessages, type TakingTerms } from './take-messages.ts'

/** Where a source publishes its events. */
export interface NatsSubject {
  /** `nats://…` or `tls://…` */
  readonly url: string
  readonly token: string | null
  readonly stream: string
  readonly subject: string
}

export interface NatsEntranceOptions extends NatsSubject {
  readonly source: string
  readonly intake: Pick<Intake, 'submit'>
  readonly flow: Pick<Flow, 'tryNeighbours' | 'giveUp'>
  /** An event that alone cannot be judged, while others could be, is quarantined when it has failed so often. */
  readonly maxDeliveries: number
  readonly log: Log
  /** How long a connection, or an attempt, waits for another one. */
  readonly pauseMs?: number
}

/** Bytes that are fetched together, and messages that are not acknowledged yet: what is in memory has an end. */
const MOST_BYTES = 4_194_304
const MOST_IN_FLIGHT = 1_000
/** Who has acknowledged nothing by then is taken for dead, and another one gets the same. */
const ACKNOWLEDGED_WITHIN_MS = 60_000
const NS_PER_MS = 1_000_000

/**
 * Events from a subject, each message one event, by a durable consumer of JetStream. A message is acknowledged when it is
 * committed, to the store or to quarantine, and not before: broken off anywhere it comes again, and is stored once. What can
 * never be stored, and what can never be judged, is in quarantine and acknowledged, so nothing is delivered for ever.
 */
export function startNatsEntrance(options: NatsEntranceOptions): { stop(): Promise<void> } {
  const over = new AbortController()
  const running = keepListening({ ...options, ...termsOf(options) }, over.signal)
  return {
    async stop() {
      over.abort()
      await running
    },
  }
}

type Listening = NatsEntranceOptions & TakingTerms

/** How often each has failed is remembered over connections, and counted anew by the next process. */
function termsOf({ log, source, pauseMs = 1_000, ...options }: NatsEntranceOptions): TakingTerms {
  return {
    ...options,
    pauseMs,
    failures: createFailures(MOST_IN_FLIGHT),
    onGivenUp({ key }, cause) {
      const { name, code } = cause as { name?: unknown; code?: unknown }
      const said = { source, message: key, error: name, code }
      log(said, 'An event of a subject could not be judged however often it came; it is in quarantine.')
    },
  }
}

async function keepListening(options: Listening, isOver: AbortSignal): Promise<void> {
  const { log, source, pauseMs } = options
  let isTold = false
  while (!isOver.aborted) {
    // oxlint-disable no-await-in-loop -- one connection after the other
    try {
      await listen(options, isOver, () => {
        isTold = false
      })
    } catch (error) {
      const { name, code } = error as { name?: unknown; code?: unknown }
      if (!isTold)
        log({ source, error: name, code }, 'Events of a subject cannot be read; it is tried again.')
      isTold = true
    }
    await pauseFor(pauseMs, undefined, { signal: isOver }).catch(() => undefined)
    // oxlint-enable no-await-in-loop
  }
}

async function listen(options: Listening, isOver: AbortSignal, onRead: () => void): Promise<void> {
  const { url, token, source, stream, log } = options
  let isTold = false
  const connection = await connect({
    servers: url,
    name: `assent events ${source}`,
    reconnect: false,
    ...(token !== null && { token }),
    ...(new URL(url).protocol === 'tls:' && { tls: {} }),
  })
  const leave = (): void => void connection.close()
  isOver.addEventListener('abort', leave, { once: true })
  try {
    const manager = await jetstreamManager(connection)
    await ensureStream(manager, options)
    const name = await ensureConsumer(manager, options)
    const consumer = await jetstream(connection).consumers.get(stream, name)
    // oxlint-disable no-await-in-loop -- what was fetched is through before more is
    while (!isOver.aborted && !connection.isClosed()) {
      const failed = await takeSome(consumer, options)
      onRead()
      if (failed > 0 && !isTold)
        log({ source, events: failed }, 'Some events of a subject cannot be judged; they come again.')
      isTold = failed > 0
    }
    // oxlint-enable no-await-in-loop
  } finally {
    isOver.removeEventListener('abort', leave)
    await connection.close()
  }
}

/** Whose stream it is already has chosen its limits, and they stay. */
async function ensureStream({ streams }: JetStreamManager, { stream, subject }: NatsSubject): Promise<void> {
  try {
    await streams.info(stream)
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND)) throw error
    await streams.add({ name: stream, subjects: [subject], description: 'Events that wait to be taken.' })
  }
}

const STREAM_NOT_FOUND = 10_059

async function ensureConsumer(
  { consumers }: JetStreamManager,
  { stream, subject, source }: NatsEntranceOptions,
): Promise<string> {
  const name = `assent-events-${source}`
  await consumers.add(stream, {
    durable_name: name,
    filter_subject: subject,
    ack_policy: AckPolicy.Explicit,
    ack_wait: ACKNOWLEDGED_WITHIN_MS * NS_PER_MS,
    max_ack_pending: MOST_IN_FLIGHT,
  })
  return name
}

async function takeSome(consumer: Consumer, options: Listening): Promise<number> {
  const { source } = options
  const messages = (await someOf(consumer)).map((message) => ({
    key: placeOf(message),
    sent: { source, line: Buffer.from(message.data), eventId: nameOf(message) },
    ack: () => message.ack(),
    nak: (ms: number) => message.nak(ms),
  }))
  return takeMessages(messages, options)
}

/**
 * As many as fit, and one alone that is larger than that: of the bounds of one message the server knows its own
 * (`max_payload`), and left where it is it would keep all others behind it waiting for ever.
 */
async function someOf(consumer: Consumer): Promise<readonly JsMsg[]> {
  const some = await fetched(consumer, { max_bytes: MOST_BYTES, expires: 1_000 })
  if (some.messages.length > 0 || !some.isNextTooLarge) return some.messages
  return (await fetched(consumer, { max_messages: 1, expires: 1_000 })).messages
}

/** That the next one does not fit is told as an error, behind those that do. */
async function fetched(
  consumer: Consumer,
  bounds: Parameters<Consumer['fetch']>[0],
): Promise<{ readonly messages: readonly JsMsg[]; readonly isNextTooLarge: boolean }> {
  const messages: JsMsg[] = []
  try {
    for await (const message of await consumer.fetch(bounds)) messages.push(message)
    return { messages, isNextTooLarge: false }
  } catch (error) {
    if (!/size exceeds maxbytes/i.test(String((error as Error | null)?.message))) throw error
    return { messages, isNextTooLarge: true }
  }
}

/** An event that does not say what it is called is called as its message is, which is the same each time it comes. */
function nameOf(message: JsMsg): string {
  const id = message.headers?.get('Nats-Msg-Id') ?? ''
  return id === '' ? placeOf(message) : id
}

const placeOf = ({ info: { stream, streamSequence } }: JsMsg): string => `${stream}.${streamSequence}`
