import { readFileSync, statSync } from 'node:fs'
import { AssentError } from '../gateway/errors.ts'
import type { MatchModel } from '../subgraphs/identity/matching/match-model.ts'
import { readModel } from '../subgraphs/identity/matching/model/read-model.ts'

/** What an earlier run has learned. Null: no such file, so this run is to write it. */
export const modelFromFile = (file: string): MatchModel | null => {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return null
  try {
    return readModel(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    const fault = {
      name: file,
      place: '--model',
      problem: 'is not a model, or one that another version of matching made.',
      remedy: 'Delete it to train anew, or name another file.',
    }
    throw new AssentError('CONFIG_INVALID', '--model', { cause, faults: [fault] })
  }
}

export const modelAsText = (model: MatchModel): string => `${JSON.stringify(model, null, 1)}\n`
