/**
 * What a registry signs of a supergraph it hands out: which tag it is of, the how-manyeth move of the tag, which version, and
 * the digest of the text, and when it said so. Signed apart from the text (RFC 8032, Ed25519), so that the text stays what it
 * is; "nothing has changed" is signed like an answer, for whoever repeats it for ever keeps new rules from being heard.
 */
export interface SupergraphClaim {
  readonly tag: string
  /** Grows with each move of the tag, also with one back on purpose: an answer with a smaller one is an old answer. */
  readonly sequence: number
  /** SHA-256 (hex) of everything that was published. */
  readonly version: string
  /** SHA-256 (hex) of the supergraph. */
  readonly digest: string
  /** When this was signed (ISO 8601). */
  readonly issued: string
}

export const CLAIM_HEADERS = {
  tag: 'assent-tag',
  sequence: 'assent-sequence',
  version: 'assent-version',
  issued: 'assent-issued',
  /** Base64. */
  signature: 'assent-signature',
} as const

export const claimStatement = ({ tag, sequence, version, digest, issued }: SupergraphClaim): string =>
  ['assent.supergraph.v2', tag, String(sequence), version, digest, issued]
    .map((part) => JSON.stringify(part))
    .join('\n')
