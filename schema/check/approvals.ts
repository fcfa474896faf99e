import type { Finding, Place } from './finding.ts'
import type { Told } from './tell.ts'

/** One owner’s word that one finding of one content may pass, until a time. */
export interface Approval {
  /** `approval.hash` of the finding: bound to the whole content of the head and to this finding of it. */
  readonly hash: string
  /** The owner. */
  readonly by: string
  /** ISO 8601, `2026-12-31` or with a time. */
  readonly until: string
  /** Where it is written. */
  readonly source?: Place
  /** What a registry that checks signatures found out; absent where the file itself is under review. */
  readonly isProved?: boolean
}

interface Given {
  readonly approvals: readonly Approval[]
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** An approved finding warns and blocks no more. */
export const approve = (findings: readonly Finding[], given: Given): readonly Finding[] =>
  findings.map((finding) => {
    const approval = given.approvals.find(
      (one) => one.hash === finding.approval?.hash && faultOf(one, finding, given.now) === null,
    )
    if (approval === undefined) return finding
    return { ...finding, level: 'warning', approved: { by: approval.by, until: approval.until } } as const
  })

/** Approvals that allow nothing here, each with the reason. */
export const refusedApprovals = (findings: readonly Finding[], { approvals, now }: Given): Told[] => {
  const byHash = new Map(findings.flatMap((one) => (one.approval ? [[one.approval.hash, one] as const] : [])))
  return approvals.flatMap((approval) => {
    const finding = byHash.get(approval.hash)
    const code = faultOf(approval, finding, now)
    if (code === null) return []
    return [
      {
        code,
        coordinate: `approval ${approval.hash.slice(0, 12)}${finding === undefined ? '' : ` ${finding.coordinate}`}`,
        ...(approval.source === undefined ? {} : { source: approval.source }),
        detail: `It is by ${approval.by}, until ${approval.until}.`,
      },
    ]
  })
}

/** A forged one first: of that nothing else is to be believed. Default is no. */
const faultOf = (
  { hash, by, until, isProved }: Approval,
  finding: Finding | undefined,
  now: number,
): 'APPROVAL_FORGED' | 'APPROVAL_OTHER_CONTENT' | 'APPROVAL_NOT_OWNER' | 'APPROVAL_EXPIRED' | null => {
  if (isProved === false) return 'APPROVAL_FORGED'
  if (finding?.approval?.hash !== hash) return 'APPROVAL_OTHER_CONTENT'
  if (finding.approval.by !== by) return 'APPROVAL_NOT_OWNER'
  return endOf(until) > now ? null : 'APPROVAL_EXPIRED'
}

/** A day ends when it ends; what is no time has passed. */
const endOf = (until: string): number => {
  if (/^\d{4}-\d\d-\d\d$/.test(until)) return Date.parse(until) + 86_400_000
  return /^\d{4}-\d\d-\d\dT/.test(until) ? Date.parse(until) : 0
}
