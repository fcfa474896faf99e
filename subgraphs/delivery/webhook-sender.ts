import { createHmac } from 'node:crypto'
import type { Outcome, Refusal, Sender } from './sender.ts'

export interface WebhookOptions {
  readonly url: string
  /** `whsec_` and base64 (Standard Webhooks). Several while a secret is changed: each signs. */
  readonly secrets: readonly string[]
  readonly timeoutMs: number
  readonly clock: () => number
}

/**
 * Posts signed events (Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`). To the configured url and
 * nowhere else: a redirect is an answer like any other that is no acknowledgement (OWASP API7, server-side request forgery).
 */
export function createWebhookSender({ url, secrets, timeoutMs, clock }: WebhookOptions): Sender {
  const keys = secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
  return {
    async send(event, key) {
      const body = JSON.stringify(event)
      const timestamp = String(Math.floor(clock() / 1000))
      const signed = `${key}.${timestamp}.${body}`
      const signatures = keys.map(
        (secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`,
      )
      const headers = {
        'content-type': 'application/json',
        'webhook-id': key,
        'webhook-timestamp': timestamp,
        'webhook-signature': signatures.join(' '),
      }
      try {
        const signal = AbortSignal.timeout(timeoutMs)
        const answer = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
        // What it says beside its status is nobody's business, and may be endless.
        await answer.body?.cancel()
        return outcomeOf(answer, clock())
      } catch (error) {
        return {
          isTaken: false,
          reason: (error as Error).name === 'TimeoutError' ? 'TIMEOUT' : 'UNREACHABLE',
        }
      }
    },
    async close() {},
  }
}

function outcomeOf({ status, headers }: Response, now: number): Outcome {
  const reason = refusalOf(status, headers.get('content-type') ?? '')
  if (reason === null) return { isTaken: true }
  const retryAfterMs = patienceOf(headers.get('retry-after'), now)
  return { isTaken: false, reason, ...(retryAfterMs !== null && { retryAfterMs }) }
}

function refusalOf(status: number, contentType: string): Refusal | null {
  if (status === 410) return 'GONE'
  if (status >= 300 && status < 400) return 'REDIRECTED'
  if (status < 200 || status >= 300) return `HTTP_${status}`
  return /^text\/html\b/i.test(contentType) ? 'NOT_AN_ACKNOWLEDGEMENT' : null
}

/** Seconds, or an instant (RFC 9110 §10.2.3). */
function patienceOf(header: string | null, now: number): number | null {
  if (header === null) return null
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now
  return ms > 0 ? ms : null
}
