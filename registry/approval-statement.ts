/** What an owner signs. */
export interface SignedApproval {
  /** `approval.hash` of the finding. */
  readonly hash: string
  /** The owner. */
  readonly by: string
  /** ISO 8601. */
  readonly until: string
  /** Ed25519 over the statement, base64. */
  readonly signature: string
}

/** No part can hold a line break, so that no two approvals are one text. */
export const approvalStatement = ({ hash, by, until }: Omit<SignedApproval, 'signature'>): string =>
  ['assent.approval.v1', hash, by, until].map((part) => JSON.stringify(part)).join('\n')
