import { keyedWords, keyOfSeed } from './keyed-words.ts'
import { type Trained, trainModel } from './train-model.ts'
import type { TrainingRun } from './training-run.ts'
import { openRun } from './unfinished-run.ts'

/** Everything that was read and decided: what is left is arithmetic, which a thread can be told to do. */
export interface PreparedTraining extends Pick<
  TrainingRun,
  'interactions' | 'categories' | 'trainer' | 'epsilon' | 'delta'
> {
  /** Where the run is kept while it is not finished. */
  readonly output: string
  /** What it was asked, of which data. */
  readonly question: string
  readonly testSeed: number | null
}

/** Goes on where a run of the same question was killed. Who asked ends the run, when the model is written. */
export const trainPrepared = (
  { output, question, testSeed, ...asked }: PreparedTraining,
  progress: TrainingRun['progress'],
): Trained => {
  const { key, checkpoint, keep } = openRun(output, question, keyOf(testSeed))
  return trainModel({
    ...asked,
    words: keyedWords(key, checkpoint?.position ?? 0),
    checkpoint,
    keep,
    progress,
  })
}

/** Null: one is drawn. */
export const keyOf = (testSeed: number | null): Buffer | null =>
  testSeed === null ? null : keyOfSeed(testSeed)
