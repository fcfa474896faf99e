import type { Checkpoint } from './checkpoint.ts'
import type { Factors } from './factors.ts'
import type { Interactions } from './interactions.ts'
import type { KeyedWords } from './keyed-words.ts'
import type { ModelKind, PrivateRelease } from './model.ts'

/** `auto` decides on public grounds; what decides between a learned model and popularity is measured, and paid for. */
export type TrainerName = 'auto' | ModelKind

export interface TrainingRun {
  readonly interactions: Interactions
  /** Public: which category each item has; null where nothing is known of items. */
  readonly categories: Int32Array | null
  readonly trainer: TrainerName
  readonly epsilon: number
  readonly delta: number
  readonly words: KeyedWords
  /** What an earlier run of the same had come to. */
  readonly checkpoint: Checkpoint | null
  readonly keep: (checkpoint: Checkpoint) => void
  readonly progress: (done: number, total: number, said: string) => void
}

/** What one trainer gives, and what it read of the people for it. */
export interface Learned {
  readonly factors: Factors
  readonly release: PrivateRelease
}

/** Of ρ, what each release may cost where a model is learned. Popularity decides which items are looked at, so it must be known well. */
export const SHARES = { popularity: 0.18, model: 0.79, choice: 0.03 } as const
