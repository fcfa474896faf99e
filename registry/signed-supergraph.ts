import { createHash, type KeyObject, sign } from 'node:crypto'
import { CLAIM_HEADERS, claimStatement } from '../directives/supergraph-proof.ts'
import type { Tag } from './registry-store.ts'

/** Headers that prove to a gateway what it was handed. The ETag is another one after each move, also back to the same text. */
export const claimHeaders = (
  { tag, version, sequence }: Tag,
  supergraph: string,
  key: KeyObject,
): Readonly<Record<string, string>> => {
  const digest = createHash('sha256').update(supergraph).digest('hex')
  const claim = { tag, sequence, version, digest }
  return {
    etag: etagOf({ version, sequence }),
    [CLAIM_HEADERS.tag]: tag,
    [CLAIM_HEADERS.sequence]: String(sequence),
    [CLAIM_HEADERS.version]: version,
    [CLAIM_HEADERS.signature]: sign(null, Buffer.from(claimStatement(claim)), key).toString('base64'),
  }
}

export const etagOf = ({ version, sequence }: Pick<Tag, 'version' | 'sequence'>): string =>
  `"${version.slice(0, 32)}-${sequence}"`
