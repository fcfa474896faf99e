import type { RestsOn } from '../../standing/standing.ts'
import type { FeatureDefinition } from '../definitions/feature-definition.ts'
import type { EventSource } from '../materialise/event-source.ts'

export interface TrainingPorts {
  readonly definitions: readonly FeatureDefinition[]
  readonly events: Pick<EventSource, 'of' | 'people' | 'newest'>
  /** As it was written up to a revision. */
  readonly historyUpTo: (revision: string) => ConsentHistory
  readonly standings: ConsentNow
  /** In the order asked: why the policy of the house lets nobody use this, whatever the person said; null where it does. */
  readonly policyDenials: (
    asked: readonly { readonly pid: string; readonly scope: string; readonly at: number }[],
  ) => Promise<readonly (string | null)[]>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** What people had granted at past times, as the receipts tell it. */
export interface ConsentHistory {
  grantedAt(
    asked: readonly { readonly pid: string; readonly scope: string; readonly at: number }[],
  ): Promise<readonly (GrantedThen | null)[]>
  blockedAt(pids: readonly string[], at: number): Promise<ReadonlySet<string>>
}

export interface GrantedThen {
  readonly receipt: string
  readonly revision: string
  /** When it was said. */
  readonly at: number
}

/** What holds at this moment. */
export interface ConsentNow {
  /** Up to where it was heard. */
  mark(): Promise<string>
  policy(): Promise<string | null>
  /** In the order asked: whether what rests on it may still be used. */
  areAlive(rows: readonly RestsOn[], now: number): Promise<readonly boolean[]>
}
