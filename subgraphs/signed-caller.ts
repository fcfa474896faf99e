import { createHash, createHmac, randomUUID } from 'node:crypto'
import { type Grant, type SignatureParameters, signatureBase, signatureParams } from '../directives/grant.ts'

export interface SignedCallerOptions {
  /** Where the service answers GraphQL: what is called lies in the same directory. */
  readonly url: string
  /** The service that is called. */
  readonly subgraph: string
  /** Who calls, and what for. */
  readonly peer: string
  readonly purpose: string
  /** The secret that both share, and nobody else. */
  readonly key: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** For one answer, in milliseconds. */
  readonly timeoutMs: number
}

/** Answers what was answered. Throws `CallRefused` when it was understood and refused, else another error. */
export type SignedCaller = (name: string, input: object, waitMs?: number) => Promise<unknown>

/** Asked again it is refused again. */
export class CallRefused extends Error {
  readonly code: string
  constructor(name: string, code: string) {
    super(`${name} was refused: ${code}`)
    this.code = code
  }
}

/** Asked again it may be answered. */
class CallFailed extends Error {
  constructor(name: string, why: string) {
    super(`${name} was not answered: ${why}`)
  }
}

const SECONDS = 30

/** Calls another service as one that shares a key with it (RFC 9421), never as the gateway. */
export function createSignedCaller(options: SignedCallerOptions): SignedCaller {
  const { subgraph, peer, purpose, timeoutMs } = options
  return async (name, input, waitMs = 0) => {
    const url = new URL(name, options.url)
    const assent: Grant = { subgraph, client: peer, purpose, request: randomUUID(), actor: null, lookups: {} }
    const body = JSON.stringify({ ...input, extensions: { assent } })
    const headers = { 'content-type': 'application/json', ...signed(options, url.pathname, body) }
    const signal = AbortSignal.timeout(timeoutMs + waitMs)
    const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' }).catch(
      (error: unknown) => {
        throw new CallFailed(name, (error as Error).name)
      },
    )
    const said: unknown = await answer.json().catch(() => null)
    if (answer.status === 200 && said !== null) return said
    if (answer.status === 400) throw new CallRefused(name, codeIn(said))
    throw new CallFailed(name, `status ${answer.status}`)
  }
}

function signed(
  { key, peer, clock }: SignedCallerOptions,
  path: string,
  body: string,
): Record<string, string> {
  const created = Math.floor(clock() / 1000)
  const parameters: SignatureParameters = {
    created,
    expires: created + SECONDS,
    nonce: randomUUID(),
    keyid: peer,
    until: null,
  }
  const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
  const signature = createHmac('sha256', key)
    .update(signatureBase(path, digest, parameters))
    .digest('base64')
  return {
    'content-digest': digest,
    'signature-input': `assent=${signatureParams(parameters)}`,
    signature: `assent=:${signature}:`,
  }
}

function codeIn(said: unknown): string {
  const { errors } = (said ?? {}) as { errors?: readonly { extensions?: { code?: unknown } }[] }
  const code = errors?.[0]?.extensions?.code
  return typeof code === 'string' ? code : 'INTERNAL'
}
