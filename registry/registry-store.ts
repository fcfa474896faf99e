import type { Report } from '../schema/check/finding.ts'
import type { Change, Pointing, Version } from './version.ts'

/** Where a tag points. The sequence grows with each move, also with one back: that is how one tells them apart. */
export interface Tag {
  readonly tag: string
  readonly version: string
  readonly sequence: number
  readonly at: string
  readonly by: string
}

export interface Move extends Tag {
  readonly from: string | null
  readonly because: 'published' | 'approved' | 'moved'
}

/** A publication, or a move, that waits for its owners. */
export interface Pending {
  readonly id: string
  readonly tag: string
  readonly change: Change | Pointing
  readonly by: string
  readonly at: string
  readonly report: Report
}

/** An owner's word, proved when it came. */
export interface KeptApproval {
  /** SHA-256 of what was signed. */
  readonly id: string
  readonly tag: string
  readonly hash: string
  readonly by: string
  readonly until: string
}

export interface Deprecation {
  readonly coordinate: string
  readonly reason: string
  readonly since: string
  /** From when on it may be removed. */
  readonly until: string
}

export interface Use {
  readonly client: string
  readonly coordinate: string
  readonly count: number
  /** The last day with a use. */
  readonly last: string
}

/** Something that owners and consumers hear of. */
export interface Notice {
  readonly type:
    'registry.published.v1' | 'registry.moved.v1' | 'registry.pending.v1' | 'registry.deprecated.v1'
  readonly tag: string
  readonly at: string
  readonly [more: string]: unknown
}

export interface Delivery {
  readonly position: number
  readonly notice: Notice
  readonly attempts: number
}

export interface RegistryBooks {
  tags(): Promise<readonly Tag[]>
  tag(name: string): Promise<Tag | null>
  version(hash: string): Promise<Version | null>
  history(tag: string): Promise<readonly Move[]>
  pending(): Promise<readonly Pending[]>
  /** Not used yet, whatever they are for. */
  approvals(): Promise<readonly KeptApproval[]>
  approvalState(id: string): Promise<'unknown' | 'kept' | 'used'>
  deprecations(tag: string): Promise<readonly Deprecation[]>
  uses(tag: string): Promise<readonly Use[]>
}

/** All of them within one turn of one writer: what is read is what is written upon, and all of it is kept or nothing. */
export interface RegistryTurn extends RegistryBooks {
  keepVersion(version: Version): Promise<void>
  moveTag(move: Omit<Move, 'sequence'>): Promise<Tag>
  park(pending: Pending): Promise<void>
  unpark(id: string): Promise<void>
  keepApproval(approval: KeptApproval): Promise<void>
  useApprovals(ids: readonly string[], version: string): Promise<void>
  deprecate(tag: string, deprecations: readonly Deprecation[], gone: readonly string[]): Promise<void>
  tell(notice: Notice): Promise<void>
}

export interface RegistryStore extends RegistryBooks {
  /** One at a time, over all replicas. */
  exclusively<T>(work: (turn: RegistryTurn) => Promise<T>): Promise<T>
  count(tag: string, day: string, uses: readonly Omit<Use, 'last'>[]): Promise<void>
  due(consumer: string, now: number, most: number): Promise<readonly Delivery[]>
  settle(consumer: string, delivery: Delivery, nextAt: number | null): Promise<void>
}
