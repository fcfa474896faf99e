import type { Finding } from './finding.ts'

/** One owner’s word that one finding of one content may pass, until a time. */
export interface Approval {
  /** `approval.hash` of the finding: bound to the whole content of the head and to this finding of it. */
  readonly hash: string
  /** The owner. */
  readonly by: string
  /** ISO 8601, `2026-12-31` or with a time. */
  readonly until: string
  /** Where it is written. */
  readonly source?: Finding['source']
  /** What a registry that checks signatures found out; absent where the file itself is under review. */
  readonly isProved?: boolean
}

/** An approved finding warns and blocks no more; an approval that allows nothing of this is told with its reason. */
export const approve = (
  findings: readonly Finding[],
  { approvals, now }: { readonly approvals: readonly Approval[]; readonly now: number },
): readonly Finding[] => {
  const byHash = new Map(approvals.map((one) => [one.hash, one]))
  return findings.map((finding) => {
    const approval = byHash.get(finding.approval?.hash ?? '')
    if (approval === undefined || finding.approval?.by !== approval.by) return finding
    if (approval.isProved === false || !(Date.parse(approval.until) > now)) return finding
    return { ...finding, level: 'warning', approved: { by: approval.by, until: approval.until } } as const
  })
}
