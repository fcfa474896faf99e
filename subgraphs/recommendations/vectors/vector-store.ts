import type { PidHolder } from '../../pid-holder.ts'
import type { Purgeable, StandingStore } from '../../standing/standing-store.ts'

/**
 * Vectors of items, which are anybody's, and of people, which are theirs: a vector of a person lies under a pid and a scope and
 * is alive by the standing beside it, in the statement that reads it. What was handed out of either is counted in the same place.
 */
export interface VectorStore extends KeptHandedOut {
  /** Null when there is none of this name. */
  model(name: string): Promise<VectorModel | null>
  /** A model and all of its items, all or nothing. A name is given once: what changes is another version, of another name. */
  publish(model: VectorModel, items: readonly ItemVector[]): Promise<boolean>
  /** Notes that somebody serves a model at this moment, in milliseconds since the epoch. */
  noteUse(name: string, now: number): Promise<void>
  /** Those that nobody has served since. */
  unusedSince(moment: number): Promise<readonly string[]>
  /** Removes all vectors of a model. Whose noise was drawn with it stays known, for when it is published again. */
  retire(name: string): Promise<void>
  /**
   * Takes those that are alive, each person once a model: noise that is drawn again averages out, so a second vector is not taken,
   * also when the first one is gone. Says how many were taken.
   */
  put(rows: readonly PersonVector[], now: number): Promise<number>
  /** Makes the index of a model anew, where it has so many rows that one is worth it. */
  index(name: string): Promise<void>
  /** Best first, ties by name: min(k, eligible) of them, and none that is not eligible. */
  items(search: Search): Promise<readonly Found[]>
  /** The same of people whose consent to the scope is alive. */
  people(search: PeopleSearch): Promise<readonly Found[]>
}

export interface VectorModel {
  /** With its version: `tower-3`. */
  readonly name: string
  readonly dims: number
  /** Of the card that says with which ε the factors were released. */
  readonly card: string
}

export interface ItemVector {
  readonly item: string
  readonly vector: Float32Array
}

export interface PersonVector {
  readonly pid: string
  readonly scope: string
  readonly consentId: string
  readonly consentRevision: string
  readonly model: string
  /** With its noise in it. */
  readonly vector: Float32Array
  /** Of the noise, for each coordinate. */
  readonly sigma: number
  /** No vector was longer than this before. */
  readonly clip: number
  /** Kept so that the database cannot read it, and never in an index. */
  readonly isSealed: boolean
}

export interface Search {
  readonly model: VectorModel
  readonly vector: Float32Array
  readonly k: number
  readonly eligible?: Eligible
}

export interface PeopleSearch extends Search {
  readonly scope: string
  /** Milliseconds since the epoch. */
  readonly now: number
}

export interface Eligible {
  /** No other one; absent: all. */
  readonly only?: readonly string[]
  /** None of these. */
  readonly except?: readonly string[]
}

export interface Found {
  /** Of an item, or the pid of a person. */
  readonly id: string
  /** The inner product; higher is better. */
  readonly score: number
}

/** Counts that are kept: who is erased is not named in them any more. */
export interface KeptHandedOut extends HandedOut, PidHolder, Purgeable {
  /** What was heard of consent, beside the rows. */
  readonly standings: StandingStore
}

/** What was handed out to whom, and how often somebody asked. */
export interface HandedOut {
  /**
   * Counts searches that come together, which get in together or not at all. However many ask at once, no more get in; `full` is
   * told once, to be written down once.
   */
  admit(search: Admission): Promise<Admitted>
  /**
   * For each list, of what was found, what may be handed out: whatever was already, a window ago at most, and new ones until
   * there are `most` different ones. In no time of the length of a window more than these leave. Who has a new pid is counted
   * under it, whichever is asked for. Writes down who was given how many. However many ask at once, no more are given together.
   */
  handOut(handings: readonly Handing[]): Promise<readonly (readonly string[])[]>
  /** Writes down a search that was refused. */
  note(line: RetrievalLine): Promise<void>
  /** The newest first. */
  retrievals(limit: number): Promise<readonly RetrievalLine[]>
}

export interface Admission {
  readonly client: string
  readonly purpose: string
  readonly searches: number
  readonly most: number
  readonly windowMs: number
  readonly now: number
}

export type Admitted = 'admitted' | 'full' | 'still full'

export interface Handing {
  /** `given` and `outcome` are told by what was handed out. */
  readonly line: Omit<RetrievalLine, 'given' | 'outcome'>
  /** Whose results are counted together: of one person; null: of everybody. */
  readonly countedFor: string | null
  /** Best first, each once; may be more than are wanted, for when the best ones may not be given. */
  readonly found: readonly string[]
  readonly wanted: number
  /** Different ones in a window. */
  readonly most: number
  readonly windowMs: number
}

/** Who asked for what and how much they were given; never a vector, and never what was found. */
export interface RetrievalLine {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly client: string
  readonly purpose: string
  /** The person it was asked for; null: nobody in particular, or somebody who was erased. */
  readonly about: string | null
  readonly among: 'items' | 'people'
  readonly model: string
  readonly k: number
  readonly given: number
  /** `given`, or the code it was refused with. */
  readonly outcome: string
}

/** Seals vectors of people; another key opens none. */
export interface VectorKeys {
  /** What is sealed from now on lies under this one. */
  readonly current: string
  key(id: string): Buffer | null
}
