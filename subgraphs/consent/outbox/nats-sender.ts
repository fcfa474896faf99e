import { type JetStreamClient, jetstream, JetStreamApiError, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { ConsentEvent } from './consent-event.ts'
import type { Outcome, Sender } from '../../delivery/sender.ts'

export interface NatsOptions {
  readonly url: string
  readonly token: string | null
  readonly stream: string
  readonly timeoutMs: number
}

interface Connected {
  readonly connection: NatsConnection
  readonly client: JetStreamClient
}

/** What is published again within this, after an answer that was lost, is stored once. */
const DUPLICATES_MS = 600_000

/**
 * Publishes events to a JetStream stream, which acknowledges what it has stored. The connection is made when it is needed
 * and made again when it was lost; until then nothing is taken and the log keeps everything.
 */
export function createNatsSender(options: NatsOptions): Sender<ConsentEvent> {
  let connected: Promise<Connected> | null = null
  const forget = (): void => {
    connected = null
  }
  const open = (): Promise<Connected> => {
    connected ??= openStream(options, forget).catch((error: unknown) => {
      forget()
      throw error
    })
    return connected
  }
  return {
    async send(event) {
      try {
        const { client } = await open()
        await client.publish(subjectOf(event), JSON.stringify(event), {
          msgID: event.revision,
          timeout: options.timeoutMs,
          expect: { streamName: options.stream },
        })
        return { isTaken: true }
      } catch (error) {
        return refusalOf(error)
      }
    },
    async close() {
      const current = await connected?.catch(() => null)
      await current?.connection.close()
    },
  }
}

/** `assent.consent.person` is no scope: it is about all of them. */
function subjectOf({ scope }: Pick<ConsentEvent, 'scope'>): string {
  return scope === null
    ? 'assent.consent.person'
    : `assent.consent.change.${scope.replaceAll(/[^\w-]/g, '_')}`
}

async function openStream(
  { url, token, stream, timeoutMs }: NatsOptions,
  onClosed: () => void,
): Promise<Connected> {
  const { protocol } = new URL(url)
  const connection = await connect({
    servers: url,
    name: 'assent consent events',
    timeout: timeoutMs,
    // A lost connection is closed, and the next attempt opens another: nothing is kept back to be sent unseen.
    reconnect: false,
    ...(token !== null && { token }),
    ...(protocol === 'tls:' && { tls: {} }),
  })
  void connection.closed().then(onClosed)
  try {
    await ensureStream(connection, stream)
    return { connection, client: jetstream(connection) }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** Whose stream it is already has chosen its limits, and they stay. */
async function ensureStream(connection: NatsConnection, name: string): Promise<void> {
  const { streams } = await jetstreamManager(connection)
  try {
    await streams.info(name)
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND)) throw error
    await streams.add({
      name,
      subjects: ['assent.consent.change.>', 'assent.consent.person'],
      description: 'Changes of consent, each with its revision as message id.',
      duplicate_window: DUPLICATES_MS * 1_000_000,
    })
  }
}

const STREAM_NOT_FOUND = 10_059

function refusalOf(error: unknown): Outcome {
  if (error instanceof JetStreamApiError) return { isTaken: false, reason: `NATS_${error.code}` }
  const { name } = error as Error
  return { isTaken: false, reason: name === 'TimeoutError' ? 'TIMEOUT' : 'UNREACHABLE' }
}
