import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Log } from '../../log.ts'
import { jsonAnswer, type RouteAnswer } from '../../route.ts'
import { shownOutcome } from './batch-route.ts'
import { type EventRequest, type EventRoute, refused, refusedFor } from './event-route.ts'
import type { Intake } from './intake.ts'
import { readBody } from './read-body.ts'
import type { Rooms } from './rooms.ts'

export interface WebhookRouteOptions {
  readonly intake: Intake
  /** Of their own: who signs nothing can fill them, and must not keep batches out. */
  readonly rooms: Rooms
  /** By source, what it signs with: `whsec_` and base64. Several while a secret is changed. */
  readonly secrets: ReadonlyMap<string, readonly string[]>
  /** Of one event. */
  readonly mostBytes: number
  readonly clock: () => number
  readonly log?: Log
}

/** Standard Webhooks: an older signature may have been seen by somebody. */
const TOLERANCE_MS = 5 * 60_000

/**
 * `POST /events/v1/webhooks/SOURCE`: one event, signed as Standard Webhooks says. An event that has no `eventId` is called as
 * its delivery is (`webhook-id`), which is the same each time it is tried. What is quarantined is taken, too (202): trying again
 * would not mend it.
 */
export function webhookRoute(options: WebhookRouteOptions): EventRoute {
  return {
    path: '/events/v1/webhooks/:source',
    async answer(request) {
      const source = request.params['source'] ?? ''
      // Whoever sends nothing that could be signed gets no room, and takes none from those who do.
      const delivery = deliveryOf(request.headers, options.clock())
      const secrets = options.secrets.get(source) ?? []
      if (delivery === null || secrets.length === 0) return refused('WEBHOOK_SIGNATURE_REFUSED')
      const room = options.rooms.reserve(options.mostBytes)
      if (room === null) return refused('EVENTS_BUSY')
      try {
        return await taken({ source, secrets, delivery }, request, options)
      } catch (error) {
        return refusedFor(error, options.log)
      } finally {
        room.release()
      }
    },
  }
}

interface Signed {
  readonly source: string
  readonly secrets: readonly string[]
  readonly delivery: Delivery
}

async function taken(
  { source, secrets, delivery }: Signed,
  { headers, body }: EventRequest,
  { intake, mostBytes }: WebhookRouteOptions,
): Promise<RouteAnswer> {
  const read = await readBody(body, headers['content-encoding'] ?? '', mostBytes)
  if ('code' in read) return refused(read.code)
  if (!isSigned(read.bytes, delivery, secrets)) return refused('WEBHOOK_SIGNATURE_REFUSED')
  const outcomes = await intake.submit([{ source, line: read.bytes, eventId: delivery.id }])
  const [outcome] = outcomes ?? []
  if (outcome === undefined) return refused('EVENTS_BUSY')
  if (outcome.outcome === 'unjudged') throw outcome.error
  return jsonAnswer(outcome.outcome === 'quarantined' ? 202 : 200, shownOutcome(outcome))
}

interface Delivery {
  readonly id: string
  readonly timestamp: string
  readonly signatures: readonly Buffer[]
}

/** What the headers say of a delivery, when it is not from long ago. */
function deliveryOf(headers: IncomingHttpHeaders, now: number): Delivery | null {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    (name) => headers[name],
  )
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return null
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1000) > TOLERANCE_MS) return null
  const given = signatures
    .split(' ')
    .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []))
  return { id, timestamp, signatures: given }
}

const isSigned = (
  body: Buffer,
  { id, timestamp, signatures }: Delivery,
  secrets: readonly string[],
): boolean =>
  secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
    return signatures.some((one) => one.length === expected.length && timingSafeEqual(one, expected))
  })
