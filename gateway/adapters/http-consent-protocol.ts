import { Pool } from 'undici'
import { AssentError } from '../errors.ts'
import type { ConsentProtocol, Renewal, Renewed } from '../lease/consent-protocol.ts'
import type { Clock, ConsentContext } from '../ports.ts'
import { readConsentStates } from './consent-states.ts'
import { deciderGrant } from './decider-grant.ts'
import type { GrantSigner } from './grant-signer.ts'
import { onOurClock } from './on-our-clock.ts'

export interface HttpConsentProtocolOptions {
  /** Where the consent service answers GraphQL: its protocol is in the same directory. */
  readonly url: string
  /** The name its grant key belongs to. */
  readonly subgraph: string
  readonly sign: GrantSigner
  /** For one answer, in milliseconds; a renewal that waits for news has that time besides. */
  readonly timeoutMs: number
  readonly clock: Clock
}

export interface HttpConsentProtocol extends ConsentProtocol {
  close(): Promise<void>
}

/** The service does not speak the protocol at all. */
export class ProtocolUnspoken extends Error {}

/** Speaks docs/consent-protocol.md over connections of its own. What is not understood to the letter is not answered. */
export const createHttpConsentProtocol = (options: HttpConsentProtocolOptions): HttpConsentProtocol => {
  const base = new URL('consent/v1/', options.url)
  // Questions do not wait behind a renewal that waits for news.
  const pool = new Pool(base.origin, { connections: 8, connectTimeout: options.timeoutMs })
  const call = async (name: string, input: object, waitMs = 0): Promise<Record<string, unknown>> => {
    const { pathname } = new URL(name, base)
    const body = JSON.stringify({ ...input, extensions: { assent: deciderGrant(options.subgraph) } })
    const answer = await pool.request({
      method: 'POST',
      path: pathname,
      headers: { 'content-type': 'application/json', ...options.sign(options.subgraph, pathname, body) },
      body,
      signal: AbortSignal.timeout(options.timeoutMs + waitMs),
    })
    const text = await answer.body.text()
    if (UNAVAILABLE.has(answer.statusCode)) throw new AssentError('CONSENT_UNAVAILABLE', `consent/v1/${name}`)
    const said = answer.statusCode === 200 ? parsed(text) : null
    if (!isRecord(said)) throw new ProtocolUnspoken(name)
    return said
  }
  return {
    async decide(subjects, context) {
      const askedAt = { monotonic: performance.now(), wall: options.clock() }
      const { revision, now, states, policy } = await call('decide', {
        subjects,
        context: contextOf(context),
      })
      if (!isRevision(revision) || typeof now !== 'number' || !Array.isArray(states))
        throw misunderstood('decide')
      // Consent runs out by the clock of the service, whatever ours shows: what is left is counted from when we asked.
      const told = readConsentStates(states, { asked: new Set(subjects), now })
      const under = typeof policy === 'string' ? { policy } : {}
      return { revision, states: told.map((state) => ({ ...onOurClock(state, now, askedAt), ...under })) }
    },
    async renew(renewal) {
      return readRenewed(await call('lease', renewal, renewal.waitMs), renewal)
    },
    async release(holder) {
      await call('lease/release', { holder })
    },
    close: () => pool.close(),
  }
}

/**
 * Whoever answers so may answer otherwise in a moment: what stands before the service, a service that is starting, one that
 * does not know our signature or finds it too old. Any other refusal is of somebody who understands something else.
 */
const UNAVAILABLE: ReadonlySet<number> = new Set([401, 403, 408, 421, 425, 429, 500, 502, 503, 504])

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

const contextOf = ({ channel, region, brand, gpc, age }: ConsentContext): ConsentContext => ({
  ...(channel !== undefined && { channel }),
  ...(region !== undefined && { region }),
  ...(brand !== undefined && { brand }),
  ...(gpc !== undefined && { gpc }),
  ...(age !== undefined && { age }),
})

const readRenewed = (
  { revision, leaseMs, changes, now }: Record<string, unknown>,
  { after }: Renewal,
): Renewed => {
  // Somebody who answers whatever is asked.
  if (leaseMs === undefined) throw new ProtocolUnspoken('lease')
  if (!isRevision(revision) || typeof leaseMs !== 'number' || !(leaseMs > 0)) throw misunderstood('lease')
  if (now !== undefined && (typeof now !== 'number' || !(now > 0))) throw misunderstood('lease')
  const granted = { revision, leaseMs, ...(now !== undefined && { now }) }
  // Without a position nothing can be told one by one.
  if (changes === null) return { ...granted, changes }
  if (after === null || !Array.isArray(changes)) throw misunderstood('lease')
  const told = changes.map((change: unknown) => {
    const [at, subject] = Array.isArray(change) ? (change as unknown[]) : []
    if (!isRevision(at) || typeof subject !== 'string') throw misunderstood('lease')
    return { revision: at, subject }
  })
  return { ...granted, changes: told }
}

const misunderstood = (name: string): AssentError =>
  new AssentError('CONSENT_UNAVAILABLE', `consent/v1/${name}, not understood`)

const isRevision = (value: unknown): value is string => typeof value === 'string' && /^\d{1,18}$/.test(value)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
