import { createHmac, createSecretKey, hash, type KeyObject, randomUUID } from 'node:crypto'
import { signatureBase, signatureParams } from '../../directives/grant.ts'
import type { Clock } from '../ports.ts'

/** The headers that prove to one subgraph where a request comes from and that its body is whole. */
export interface GrantHeaders {
  readonly 'content-digest': string
  readonly 'signature-input': string
  readonly signature: string
}

export type GrantSigner = (subgraph: string, path: string, body: string) => GrantHeaders

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
  return (subgraph, path, body) => {
    const created = Math.floor(clock() / 1000)
    const params = signatureParams({
      created,
      expires: created + seconds,
      nonce: randomUUID(),
      keyid: subgraph,
    })
    const digest = `sha-256=:${hash('sha256', body, 'base64')}:`
    const signature = createHmac('sha256', keyOf(subgraph))
      .update(signatureBase(path, digest, params))
      .digest('base64')
    return {
      'content-digest': digest,
      'signature-input': `assent=${params}`,
      signature: `assent=:${signature}:`,
    }
  }
}
