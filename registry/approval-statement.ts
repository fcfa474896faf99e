/** What an owner signs. */
export interface SignedApproval {
  /** What may become so: the same change of another tag is another matter. */
  readonly tag: string
  /** `approval.hash` of the finding: bound to the whole content, and to where its subgraphs answer. */
  readonly hash: string
  /** The owner. */
  readonly by: string
  /** ISO 8601. */
  readonly until: string
  /** Ed25519 over the statement, base64. */
  readonly signature: string
}

/** No part can hold a line break, so that no two approvals are one text. */
export const approvalStatement = ({ tag, hash, by, until }: Omit<SignedApproval, 'signature'>): string =>
  ['assent.approval.v2', tag, hash, by, until].map((part) => JSON.stringify(part)).join('\n')
