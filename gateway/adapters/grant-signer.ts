import { createHmac, hash, randomUUID } from 'node:crypto'
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
  body: string | Uint8Array,
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
  const macs = new Map<string, (text: string) => string>()
  const macOf = (subgraph: string): ((text: string) => string) => {
    const mac = macs.get(subgraph) ?? createMac(subgraphKey(secret, subgraph))
    macs.set(subgraph, mac)
    return mac
  }
  // eslint-disable-next-line max-params -- what is signed, for whom and for how long
  return (subgraph, path, body, term = null) => {
    const times = term === null ? timesOf(clock(), seconds) : timesIn(term, seconds)
    const { created, expires, until } = times
    const parameters = { created, expires, until, nonce: randomUUID(), keyid: subgraph }
    const params = signatureParams(parameters)
    const digest = `sha-256=:${hash('sha256', body, 'base64')}:`
    const signature = macOf(subgraph)(signatureBase(path, digest, parameters, params))
    const headers = {
      'content-digest': digest,
      'signature-input': `assent=${params}`,
      signature: `assent=:${signature}:`,
    }
    return until === null ? headers : { ...headers, [UNTIL_HEADER]: until }
  }
}

/**
 * HMAC-SHA-256 in base64 (RFC 2104 §2) out of two hashes at one go: an `Hmac` object has a native half, which takes longer to
 * make and to collect than so little text takes to hash. The key is hexadecimal and as long as a block, so it is neither hashed
 * nor filled up, and its inner half is text.
 */
const createMac = (key: string): ((text: string) => string) => {
  const inner = padded(key, 0x36).toString('latin1')
  const outer = Buffer.concat([padded(key, 0x5c), Buffer.alloc(DIGEST_BYTES)])
  return (text) => {
    outer.write(hash('sha256', inner + text, 'binary'), BLOCK_BYTES, 'latin1')
    return hash('sha256', outer, 'base64')
  }
}

const BLOCK_BYTES = 64
const DIGEST_BYTES = 32

const padded = (key: string, pad: number): Buffer =>
  Buffer.from(key, 'latin1').map((byte) => byte ^ pad) as Buffer

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
