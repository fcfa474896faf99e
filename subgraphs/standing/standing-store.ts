import type { PidHolder } from '../pid-holder.ts'
import type { Block, Revision, Standing, StandingKey } from './standing.ts'

/** What one owner of rows has heard of consent, in the same place as the rows. */
export interface StandingStore extends PidHolder {
  /** Everything up to this revision has been heard; `0` at the beginning. */
  mark(): Promise<Revision>

  /**
   * Takes what was heard and moves the mark, all or nothing. What is older than what is known changes nothing but what it has
   * cut; the mark never goes back.
   */
  write(standings: readonly Standing[], upTo: Revision, besides?: HeardBesides): Promise<void>

  /** The policy bundle under which everything was decided; null: none. */
  policy(): Promise<string | null>

  /** Those that are there. */
  of(pairs: readonly StandingKey[]): Promise<readonly Standing[]>

  /** All of these people. */
  ofPeople(pids: readonly string[]): Promise<readonly Standing[]>

  /** Everybody of whom something was heard, in the order of pids, after one of them; null: from the first. */
  people(after: string | null, limit: number): Promise<readonly string[]>

  /** What has run out is cut: a renewal that comes later does not bring back what was collected before. Says whose it was. */
  expire(now: number): Promise<readonly string[]>

  /** When the next one runs out; null when none does. */
  nextExpiry(): Promise<number | null>
}

export interface HeardBesides {
  /** Who may be used no more, or again. */
  readonly blocks?: readonly Block[]
  /** Under which everything is decided from now on. */
  readonly policy?: string | null
}

/** Whether what was heard may be relied upon: where it may not, rows are neither read nor taken. */
export interface Currency {
  /** `now` in milliseconds since the epoch. */
  isCurrent(now: number): boolean
  /** Another number after each change that was heard. */
  turn(): number
}

/** Rows that rest on consent, and what was heard of it beside them. */
export interface RestingRows {
  /** Whose they are; in metrics and logs. */
  readonly name: string
  readonly standings: StandingStore
  readonly rows: Purgeable
}

/** Whoever has rows that rest on consent, or are about people. */
export interface Purgeable {
  /** Removes what is dead, and everything of who was erased; of these people alone, where they are named. Says how many rows. */
  purgeDead(now: number, pids?: readonly string[]): Promise<number>
  /** Removes it from the files, too. */
  vacuum(): Promise<void>
}
