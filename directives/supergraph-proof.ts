/**
 * What a registry signs of a supergraph it hands out: which tag it is of, the how-manyeth move of the tag, which version, and
 * the digest of the text. Signed apart from the text (RFC 8032, Ed25519), so that the text stays what it is.
 */
export interface SupergraphClaim {
  readonly tag: string
  /** Grows with each move of the tag, also with one back on purpose: an answer with a smaller one is an old answer. */
  readonly sequence: number
  /** SHA-256 (hex) of everything that was published. */
  readonly version: string
  /** SHA-256 (hex) of the supergraph. */
  readonly digest: string
}

export const CLAIM_HEADERS = {
  tag: 'assent-tag',
  sequence: 'assent-sequence',
  version: 'assent-version',
  /** Base64. */
  signature: 'assent-signature',
} as const

export const claimStatement = ({ tag, sequence, version, digest }: SupergraphClaim): string =>
  ['assent.supergraph.v1', tag, String(sequence), version, digest]
    .map((part) => JSON.stringify(part))
    .join('\n')
