import { createHash, createHmac, randomUUID } from 'node:crypto'
import {
  type Grant,
  type LookupGrant,
  signatureBase,
  signatureParams,
  UNTIL_HEADER,
} from '../../directives/grant.ts'

export interface SignOptions {
  readonly subgraph: string
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly path?: string
  readonly lookups?: Readonly<Record<string, LookupGrant>>
  readonly actor?: string | null
  readonly purpose?: string
  readonly nonce?: string
  readonly lifetimeSeconds?: number
  /** The end of the lease it was decided by, in milliseconds since the epoch. */
  readonly until?: string
}

export interface SignedPost {
  readonly method: 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string
}

/** A request as the gateway sends it: the grant in the body, the body under the signature. */
export function signedRequest(body: object, options: SignOptions): SignedPost {
  const { subgraph, key, now, path = '/graphql', lookups = {}, actor = null, lifetimeSeconds = 30 } = options
  const { purpose = 'personalization', until = null } = options
  const grant: Grant = {
    subgraph,
    client: 'explorer',
    purpose,
    request: 'r1',
    actor,
    lookups,
  }
  const payload = JSON.stringify({ ...body, extensions: { assent: grant } })
  const digest = `sha-256=:${createHash('sha256').update(payload).digest('base64')}:`
  const created = Math.floor(now / 1000)
  const parameters = {
    created,
    expires: created + lifetimeSeconds,
    nonce: options.nonce ?? randomUUID(),
    keyid: subgraph,
    until,
  }
  const signature = createHmac('sha256', key)
    .update(signatureBase(path, digest, parameters))
    .digest('base64')
  return {
    method: 'POST',
    url: path,
    headers: {
      'content-type': 'application/json',
      'content-digest': digest,
      'signature-input': `assent=${signatureParams(parameters)}`,
      signature: `assent=:${signature}:`,
      ...(until !== null && { [UNTIL_HEADER]: until }),
    },
    payload,
  }
}
