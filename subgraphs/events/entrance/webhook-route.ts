import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Log } from '../../log.ts'
import { jsonAnswer, type RouteAnswer } from '../../route.ts'
import { shownOutcome } from './batch-route.ts'
import { type EventRequest, type EventRoute, refused, refusedFor } from './event-route.ts'
import type { Intake } from './intake.ts'
import { readBody } from './read-body.ts'

export interface WebhookRouteOptions {
  readonly intake: Intake
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
      const room = options.intake.reserve(options.mostBytes)
      if (room === null) return refused('EVENTS_BUSY')
      try {
        return await taken(source, request, options)
      } catch (error) {
        return refusedFor(error, options.log)
      } finally {
        room.release()
      }
    },
  }
}

async function taken(
  source: string,
  { headers, body }: EventRequest,
  { intake, secrets, mostBytes, clock }: WebhookRouteOptions,
): Promise<RouteAnswer> {
  const read = await readBody(body, headers['content-encoding'] ?? '', mostBytes)
  if ('code' in read) return refused(read.code)
  const id = signedId(read.bytes, headers, { secrets: secrets.get(source) ?? [], now: clock() })
  if (id === null) return refused('WEBHOOK_SIGNATURE_REFUSED')
  const outcomes = await intake.submit([{ source, line: read.bytes, eventId: id }])
  const [outcome] = outcomes ?? []
  if (outcome === undefined) return refused('EVENTS_BUSY')
  return jsonAnswer(outcome.outcome === 'quarantined' ? 202 : 200, shownOutcome(outcome))
}

/** The id of the delivery, when it is signed by one of the secrets, and not long ago. */
function signedId(
  body: Buffer,
  headers: IncomingHttpHeaders,
  { secrets, now }: { readonly secrets: readonly string[]; readonly now: number },
): string | null {
  const [id, timestamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map(
    (name) => headers[name],
  )
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signatures !== 'string') return null
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1000) > TOLERANCE_MS) return null
  const given = signatures
    .split(' ')
    .flatMap((one) => (one.startsWith('v1,') ? [Buffer.from(one.slice(3), 'base64')] : []))
  const isSigned = secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
    return given.some((one) => one.length === expected.length && timingSafeEqual(one, expected))
  })
  return isSigned ? id : null
}
