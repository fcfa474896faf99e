import type { PidHolder } from '../../pid-holder.ts'

/** Which pids are one person's: who was merged counts once, and who was told apart counts for each again. */
export interface People extends PidHolder {
  /** The person of each pid, as any name that all pids of that person share. Who was never merged is their own. */
  personsOf(pids: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Every pid that is, or is called by, one of these, as they were last written; those themselves included. */
  concernedBy(pids: readonly string[]): Promise<readonly string[]>
  /** Replaces what was known of these pids, and goes on to this position of the feed; both or neither. */
  write(persons: ReadonlyMap<string, string>, position: string): Promise<void>
  /** Up to where the feed was followed; `0`: not yet. */
  position(): Promise<string>
}
