import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import {
  type Grant,
  type LookupGrant,
  type SignatureParameters,
  signatureBase,
  UNTIL_HEADER,
} from '../directives/grant.ts'

export interface SignedRequest {
  /** The path that was asked, without its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** The body as it came over the wire, and what it says. */
  readonly text: string
  readonly body: unknown
}

/** Why a request carries no grant. `UNSIGNED` is how everybody but the gateway asks; the others deserve a look. */
export type Refusal =
  'UNSIGNED' | 'MALFORMED' | 'DIGEST' | 'SIGNATURE' | 'EXPIRED' | 'REPLAYED' | 'OTHER_SUBGRAPH' | 'NO_KEY'

export type Verdict = { readonly grant: Grant } | { readonly refused: Refusal }

export interface GrantVerifierOptions {
  readonly subgraph: string
  /** The secret shared with the gateway, used as UTF-8 bytes. Without one no grant is ever valid. */
  readonly key: string | null
  readonly clock: () => number
  /** How many unexpired nonces are remembered; when they are all taken, requests are refused. */
  readonly nonces?: number
}

/** A signature may not be valid for longer: its nonce has to be remembered until it runs out. */
const LONGEST_SECONDS = 120
/** How far the gateway's clock may be ahead of ours. */
const SKEW_SECONDS = 5

const INPUT =
  /^([a-z*][a-z0-9_.*-]*)=\("@method" "@path" "content-digest"( "assent-until")?\);created=(\d{1,12});expires=(\d{1,12});nonce="([\w.~+/=-]{8,128})";keyid="([\w.:-]{1,128})";alg="hmac-sha256"$/

/**
 * Reads the grant of a request that the gateway has signed (RFC 9421), and of no other: whoever reaches a subgraph
 * directly gets its unprotected fields (OWASP API10, unsafe consumption of APIs).
 */
export function createGrantVerifier(options: GrantVerifierOptions): (request: SignedRequest) => Verdict {
  const { subgraph, key, clock } = options
  const isFresh = nonceMemory(options.nonces ?? 100_000)

  return (request) => {
    if (isUnsigned(request)) return { refused: 'UNSIGNED' }
    if (key === null) return { refused: 'NO_KEY' }
    const signature = readSignature(request)
    if (signature === null) return { refused: 'MALFORMED' }
    if (!equal(signature.digest, digestOf(request.text))) return { refused: 'DIGEST' }
    if (!equal(signature.value, sign(key, request.path, signature))) return { refused: 'SIGNATURE' }
    const now = clock() / 1000
    if (!isTimely(signature, now)) return { refused: 'EXPIRED' }
    // Looked at behind the signature: only who knows the key can fill the memory.
    if (!isFresh(signature.nonce, signature.expires, now)) return { refused: 'REPLAYED' }
    const grant = readGrant(request.body)
    if (grant === null) return { refused: 'MALFORMED' }
    return grant.subgraph === subgraph ? { grant } : { refused: 'OTHER_SUBGRAPH' }
  }
}

interface Signature extends SignatureParameters {
  readonly digest: string
  readonly value: string
}

function isUnsigned({ headers }: SignedRequest): boolean {
  return headers['signature-input'] === undefined && headers['signature'] === undefined
}

/** One label, the components we sign, in our order: any other form is not the gateway's. */
function readSignature({ headers }: SignedRequest): Signature | null {
  const [digest, input, labelled] = ['content-digest', 'signature-input', 'signature'].map(
    (name) => headers[name],
  )
  if (typeof digest !== 'string' || typeof input !== 'string' || typeof labelled !== 'string') return null
  const parameters = INPUT.exec(input)
  const [, label, value] = /^([^=]+)=:([A-Za-z0-9+/=]+):$/.exec(labelled) ?? []
  if (parameters === null || value === undefined || parameters[1] !== label) return null
  const [, , isTimed, created, expires, nonce = '', keyid = ''] = parameters
  const until = isTimed === undefined ? null : headers[UNTIL_HEADER]
  if (!isEnd(until)) return null
  return { digest, value, created: Number(created), expires: Number(expires), nonce, keyid, until }
}

function isEnd(until: string | string[] | null | undefined): until is string | null {
  return until === null || (typeof until === 'string' && /^\d{1,15}$/.test(until))
}

function digestOf(text: string): string {
  return `sha-256=:${hash('sha256', text, 'base64')}:`
}

function sign(key: string, path: string, signature: Signature): string {
  return createHmac('sha256', key)
    .update(signatureBase(path, signature.digest, signature))
    .digest('base64')
}

/**
 * When the lease is over by which it was decided, it may not be answered any more, wherever it was meanwhile. Nothing is added
 * for clocks that differ: whoever says that a withdrawal is in force has waited for that.
 */
function isTimely({ created, expires, until }: Signature, now: number): boolean {
  if (until !== null && Number(until) <= now * 1000) return false
  return created <= now + SKEW_SECONDS && expires > now && expires - created <= LONGEST_SECONDS
}

function equal(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Nonces that were seen within the same few seconds. */
interface SeenTogether {
  readonly nonces: Set<string>
  /** When nothing is seen together with these any more. */
  readonly closedAt: number
  /** When the last of them has run out. */
  until: number
}

const TOGETHER_SECONDS = 5

/**
 * Remembers nonces until they run out, those of a few seconds together, and lets go of all of them at once: nobody's request waits
 * until each is looked at. Full of unexpired ones it takes no new one: closed, not forgetful.
 */
function nonceMemory(capacity: number): (nonce: string, expires: number, now: number) => boolean {
  let seen: SeenTogether[] = []
  return (nonce, expires, now) => {
    if (seen.some(({ nonces }) => nonces.has(nonce))) return false
    let latest = seen.at(-1)
    if (latest === undefined || latest.closedAt <= now) {
      seen = seen.filter(({ until }) => until > now)
      latest = { nonces: new Set(), closedAt: now + TOGETHER_SECONDS, until: 0 }
      seen.push(latest)
    }
    if (seen.reduce((sum, { nonces }) => sum + nonces.size, 0) >= capacity) return false
    latest.nonces.add(nonce)
    latest.until = Math.max(latest.until, expires)
    return true
  }
}

/** The grant in a signed body, checked: a gateway of another version must not be half understood. */
function readGrant(body: unknown): Grant | null {
  const grant = member(member(body, 'extensions'), 'assent')
  const [subgraph, client, purpose, request] = ['subgraph', 'client', 'purpose', 'request'].map((name) =>
    member(grant, name),
  )
  const actor = member(grant, 'actor')
  const lookups = readLookups(member(grant, 'lookups'))
  if (typeof subgraph !== 'string' || typeof client !== 'string' || lookups === null) return null
  if (typeof purpose !== 'string' || typeof request !== 'string') return null
  if (actor !== null && typeof actor !== 'string') return null
  return { subgraph, client, purpose, request, actor, lookups }
}

function readLookups(value: unknown): Readonly<Record<string, LookupGrant>> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const lookups: Record<string, LookupGrant> = Object.create(null)
  for (const [alias, lookup] of Object.entries(value)) {
    const scopes = member(lookup, 'scopes')
    if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === 'string')) return null
    lookups[alias] = member(lookup, 'anonymous') === true ? { scopes, anonymous: true } : { scopes }
  }
  return lookups
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as Record<string, unknown>)[name]
}
