import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { CLAIM_HEADERS, claimStatement, type SupergraphClaim } from '../../directives/supergraph-proof.ts'
import { AssentError } from '../errors.ts'

export interface SupergraphProof {
  /**
   * Throws `SUPERGRAPH_UNSIGNED` for a text that the registry has not signed, or that is older than one that was seen: whoever
   * stands in between could hand out yesterday's rules otherwise. A tag that is moved back on purpose has a greater number.
   */
  accept(header: (name: string) => string | null, text: string): void
  /** The same of "nothing has changed": it is signed, for what was accepted last, and not long ago. */
  confirm(header: (name: string) => string | null): void
  /** The last one that was accepted, of this process or an earlier one; null when there is none, or it proves nothing. */
  lastGood(): string | null
}

export interface SupergraphProofOptions {
  /** Public keys of the registry, 32 bytes in base64 each; several while one is changed for another. */
  readonly publicKeys: readonly string[]
  /** Where the last good one is kept; null: nowhere. */
  readonly cache: string | null
  /** The url: one of a registry names its tag, and another tag's answer is none. */
  readonly url: string
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Older, or as much younger than this gateway's clock, nothing that was signed counts; in milliseconds. */
  readonly maxAgeMs: number
}

interface Signed {
  readonly claim: Omit<SupergraphClaim, 'digest'>
  readonly signature: string
  readonly text: string
}

export const supergraphProof = (options: SupergraphProofOptions): SupergraphProof => {
  const { cache } = options
  const refusals = refusalsOf(options)
  const kept = (): Signed | null => {
    try {
      const signed = JSON.parse(readFileSync(cache ?? '', 'utf8')) as Signed
      refusals.unproved(signed)
      return signed
    } catch {
      return null
    }
  }
  let newest = kept()
  const accepted = (header: (name: string) => string | null, text: string): Signed => {
    const signed = signedIn(header, text)
    refusals.unproved(signed)
    refusals.stale(signed)
    refusals.older(signed, newest)
    return signed
  }
  return {
    accept(header, text) {
      newest = accepted(header, text)
      if (cache !== null) keep(cache, newest)
    },
    confirm(header) {
      if (newest === null) refusals.unheard()
      else accepted(header, newest.text)
    },
    lastGood: () => newest?.text ?? null,
  }
}

const refusalsOf = ({ publicKeys, url, clock, maxAgeMs }: SupergraphProofOptions) => {
  const keys = publicKeys.map(readKey)
  const place = new URL(url).pathname
  const tag = tagIn(place)
  const refuse = (detail: string): never => {
    throw new AssentError('SUPERGRAPH_UNSIGNED', place, { detail })
  }
  return {
    unheard: () => refuse('nothing was accepted yet'),
    unproved(signed: Signed): void {
      const digest = createHash('sha256').update(signed.text).digest('hex')
      const statement = Buffer.from(claimStatement({ ...signed.claim, digest }))
      const signature = Buffer.from(signed.signature, 'base64')
      if (!keys.some((key) => verify(null, statement, key, signature))) refuse('signature')
      if (tag !== null && signed.claim.tag !== tag) refuse('another tag')
    },
    // Who starts anew remembers no sequence: what was signed long ago is an old answer all the same.
    stale({ claim: { issued } }: Signed): void {
      const age = Math.abs(clock() - Date.parse(issued))
      if (!(age <= maxAgeMs)) refuse('signed too long ago, or the clocks differ')
    },
    older({ claim }: Signed, newest: Signed | null): void {
      if (newest === null) return
      const { sequence, version } = newest.claim
      // Each tag counts its own moves, and a url that names no tag stays with the one it began with.
      if (claim.tag !== newest.claim.tag) refuse('another tag')
      if (claim.sequence < sequence) refuse('older than the one before')
      if (claim.sequence === sequence && claim.version !== version) refuse('two versions of one move')
    },
  }
}

/** The tag in the path of a registry, however it is spelled: with slashes to spare, or in percent signs. */
const tagIn = (path: string): string | null => {
  const [tags, tag, supergraph] = path.split('/').filter(Boolean).map(decoded).slice(-3)
  return tags === 'tags' && supergraph === 'supergraph' ? (tag ?? null) : null
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

const signedIn = (header: (name: string) => string | null, text: string): Signed => ({
  claim: {
    tag: header(CLAIM_HEADERS.tag) ?? '',
    sequence: Number(header(CLAIM_HEADERS.sequence) ?? -1),
    version: header(CLAIM_HEADERS.version) ?? '',
    issued: header(CLAIM_HEADERS.issued) ?? '',
  },
  signature: header(CLAIM_HEADERS.signature) ?? '',
  text,
})

/** Whole or not at all. That it cannot be kept keeps nobody from being served. */
const keep = (file: string, signed: Signed): void => {
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(`${file}.part`, JSON.stringify(signed), { mode: 0o600 })
    renameSync(`${file}.part`, file)
  } catch {
    // The next start has the registry alone.
  }
}

const readKey = (written: string): KeyObject => {
  const x = Buffer.from(written, 'base64').toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}
