import { type KeyObject, sign } from 'node:crypto'
import { CLAIM_HEADERS, claimStatement } from '../directives/supergraph-proof.ts'
import type { Tag } from './registry-store.ts'

export interface Signing {
  readonly key: KeyObject
  /** SHA-256 (hex) of the supergraph. */
  readonly digest: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** Headers that prove to a gateway what it was handed, or that it has the newest. The ETag is another one after each move. */
export const claimHeaders = (
  { tag, version, sequence }: Tag,
  { key, digest, now }: Signing,
): Readonly<Record<string, string>> => {
  const issued = new Date(now).toISOString()
  const claim = { tag, sequence, version, digest, issued }
  return {
    etag: etagOf({ version, sequence }),
    [CLAIM_HEADERS.tag]: tag,
    [CLAIM_HEADERS.sequence]: String(sequence),
    [CLAIM_HEADERS.version]: version,
    [CLAIM_HEADERS.issued]: issued,
    [CLAIM_HEADERS.signature]: sign(null, Buffer.from(claimStatement(claim)), key).toString('base64'),
  }
}

export const etagOf = ({ version, sequence }: Pick<Tag, 'version' | 'sequence'>): string =>
  `"${version.slice(0, 32)}-${sequence}"`
