import { createHmac } from 'node:crypto'
import { batchRoute } from '../../../subgraphs/events/entrance/batch-route.ts'
import { createIntake } from '../../../subgraphs/events/entrance/intake.ts'
import { createRooms, type Rooms } from '../../../subgraphs/events/entrance/rooms.ts'
import { webhookRoute } from '../../../subgraphs/events/entrance/webhook-route.ts'
import { createPayloadSeal } from '../../../subgraphs/events/quarantine/payload-seal.ts'
import { quarantineRoutes } from '../../../subgraphs/events/quarantine/quarantine-routes.ts'
import { serveEvents } from '../../../subgraphs/serve-events.ts'
import type { EventWorld } from './event-flow.ts'

export const OPERATOR = 'the token of the operator, long enough'
const SHOP = 'the token of the shop, long enough'

/** `whsec_` and 24 bytes. */
export const secretOf = (letter: string): string => `whsec_${Buffer.alloc(24, letter).toString('base64')}`

export interface EventDesk {
  readonly url: string
  readonly batchRooms: Rooms
  readonly webhookRooms: Rooms
  /** Asks as the operator. */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer>
  /** Sends lines as the shop. */
  send(...lines: readonly Buffer[]): Promise<Answer>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- what came over the wire
  readonly said: any
}

/** Every entrance of events, served on a port of its own. */
export async function openEventDesk(
  world: EventWorld,
  secrets: ReadonlyMap<string, readonly string[]> = new Map(),
): Promise<EventDesk> {
  const clock = () => world.time.now
  const seal = createPayloadSeal(Buffer.alloc(32, 7))
  const intake = createIntake({ flow: world.flow, mostWaiting: 1_000, together: 50 })
  const [batchRooms, webhookRooms] = [createRooms(100_000), createRooms(10_000)]
  const memory = { find: async () => null, keep: async () => {}, forget: async () => {} }
  const app = serveEvents(
    [
      batchRoute({
        intake,
        rooms: batchRooms,
        memory,
        digest: (source, bytes) => seal.digest(source, bytes),
        tokens: new Map([[SHOP, 'shop']]),
        mostBytes: 50_000,
        mostEvents: 500,
        clock,
      }),
      webhookRoute({ intake, rooms: webhookRooms, secrets, mostBytes: 4_096, clock }),
    ],
    {
      routes: quarantineRoutes({
        flow: world.flow,
        quarantine: world.quarantine,
        seal,
        operatorToken: OPERATOR,
        clock,
      }),
      token: OPERATOR,
    },
  )
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const answered = async (answer: Response): Promise<Answer> => ({
    status: answer.status,
    headers: answer.headers,
    said: await answer.json(),
  })
  return {
    url,
    batchRooms,
    webhookRooms,
    ask: async (method, path, body) =>
      answered(
        await fetch(`${url}/events/v1/quarantine${path}`, {
          method,
          headers: { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json' },
          ...(body && { body: JSON.stringify(body) }),
        }),
      ),
    send: async (...lines) =>
      answered(
        await fetch(`${url}/events/v1/batch`, {
          method: 'POST',
          headers: { authorization: `Bearer ${SHOP}`, 'content-type': 'application/x-ndjson' },
          body: new Uint8Array(Buffer.concat(lines.flatMap((one) => [one, Buffer.from('\n')]))),
        }),
      ),
    close: () => app.close(),
  }
}

export interface Delivery {
  readonly id: string
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly body: string
  readonly secrets: readonly string[]
}

/** As Standard Webhooks says. */
export function signedHeaders({ id, at, body, secrets }: Delivery): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') }
}
