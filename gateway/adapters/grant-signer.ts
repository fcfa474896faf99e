import { createHmac, createSecretKey, hash, type KeyObject, randomUUID } from 'node:crypto'
import {
  type SignatureParameters,
  signatureBase,
  signatureParams,
  UNTIL_HEADER,
} from '../../directives/grant.ts'
import type { Clock, LeaseTerm } from '../ports.ts'

/** The headers that prove to one subgraph where a request comes from and that its body is whole. */
export interface GrantHeaders {
  readonly 'content-digest': string
  readonly 'signature-input': string
  readonly signature: string
  readonly [UNTIL_HEADER]?: string
}

/** With a term, the request is good for no longer than what it was decided by. */
export type GrantSigner = (
  subgraph: string,
  path: string,
  body: string,
  term?: LeaseTerm | null,
) => GrantHeaders

export interface GrantSignerOptions {
  readonly secret: string
  readonly clock: Clock
  /** How long a signature is valid, in seconds. */
  readonly seconds: number
}

/** A subgraph gets a key of its own, so that one subgraph cannot ask another in the name of the gateway. */
export const subgraphKey = (secret: string, subgraph: string): string =>
  createHmac('sha256', secret).update(`assent-grant:${subgraph}`).digest('hex')

/** Signs method, path and digest of the body by HMAC-SHA256 (RFC 9421 §3.3.3, RFC 9530 §2). */
export const createGrantSigner = ({ secret, clock, seconds }: GrantSignerOptions): GrantSigner => {
  const keys = new Map<string, KeyObject>()
  const keyOf = (subgraph: string): KeyObject => {
    const key = keys.get(subgraph) ?? createSecretKey(subgraphKey(secret, subgraph), 'utf8')
    keys.set(subgraph, key)
    return key
  }
  // eslint-disable-next-line max-params -- what is signed, for whom and for how long
  return (subgraph, path, body, term = null) => {
    const times = term === null ? timesOf(clock(), seconds) : timesIn(term, seconds)
    const parameters = { ...times, nonce: randomUUID(), keyid: subgraph }
    const digest = `sha-256=:${hash('sha256', body, 'base64')}:`
    const signature = createHmac('sha256', keyOf(subgraph))
      .update(signatureBase(path, digest, parameters))
      .digest('base64')
    return {
      'content-digest': digest,
      'signature-input': `assent=${signatureParams(parameters)}`,
      signature: `assent=:${signature}:`,
      ...(times.until !== null && { [UNTIL_HEADER]: times.until }),
    }
  }
}

type Times = Pick<SignatureParameters, 'created' | 'expires' | 'until'>

const timesOf = (now: number, seconds: number): Times => {
  const created = Math.floor(now / 1000)
  return { created, expires: created + seconds, until: null }
}

/** By the clock that the term is told by, whatever ours shows. */
const timesIn = ({ until, leftMs }: LeaseTerm, seconds: number): Times => {
  const { created, expires } = timesOf(until - leftMs, seconds)
  return { created, expires: Math.min(expires, Math.ceil(until / 1000)), until: String(Math.floor(until)) }
}
