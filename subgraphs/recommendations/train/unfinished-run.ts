import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codedError } from '../../coded-error.ts'
import { type Checkpoint, checkpointAsText, checkpointOf } from './checkpoint.ts'
import { makeModelDirectory } from './model-directory.ts'

/** A training that has begun: kept beside the model to be, so that who is killed goes on where they were. */
export interface UnfinishedRun {
  /** Names the run in the ledger. */
  readonly id: string
  /** Of its random words. */
  readonly key: Buffer
  readonly checkpoint: Checkpoint | null
  readonly keep: (checkpoint: Checkpoint) => void
  /** What was written down of the data when it began; null: nothing yet. */
  readonly note: string | null
  readonly write: (note: string) => void
  /** Nothing of it was there before. */
  readonly isNew: boolean
  /** The key ends with it. */
  readonly finish: () => void
  /** The same of one that may not begin: the directories that were made for it go, too, if nothing else is in them. */
  readonly abandon: () => void
}

/** The id of the run that waits in this directory, before anything else is known of it. */
export const waitingRun = (directory: string): string | null => headIn(directory)?.id ?? null

/** Goes on with the one that waits, if it asks the same (`question`) of the same data; else begins one. */
export const openRun = (directory: string, question: string, key: Buffer | null): UnfinishedRun => {
  const place = join(directory, PLACE)
  const known = headIn(directory)
  if (known !== null && known.question !== question) throw codedError('MODEL_RUN_OF_ANOTHER', place)
  const head = known ?? { id: randomUUID(), question, key: (key ?? randomBytes(32)).toString('base64') }
  const made = known === null ? makeModelDirectory(place) : []
  if (known === null) {
    put(join(place, HEAD), JSON.stringify(head))
  }
  const file = join(place, CHECKPOINT)
  const finish = (): void => {
    // Over itself first: what only loses its name is still on the disk.
    writeFileSync(join(place, HEAD), ' '.repeat(1_024), { flush: true })
    rmSync(place, { recursive: true })
  }
  return {
    id: head.id,
    isNew: known === null,
    key: Buffer.from(head.key, 'base64'),
    checkpoint: existsSync(file) ? torn(file, () => checkpointOf(readFileSync(file, 'utf8'))) : null,
    keep: (checkpoint) => put(file, checkpointAsText(checkpoint)),
    note: existsSync(join(place, NOTE)) ? readFileSync(join(place, NOTE), 'utf8') : null,
    write: (note) => put(join(place, NOTE), note),
    finish,
    abandon: () => {
      finish()
      for (const one of made.toReversed()) removeEmpty(one)
    },
  }
}

/** What is not empty, or is gone already, stays as it is. */
const removeEmpty = (directory: string): void => {
  try {
    rmdirSync(directory)
  } catch {
    // Nothing is lost by a directory that stays.
  }
}

const PLACE = '.run'
const HEAD = 'run.json'
const CHECKPOINT = 'checkpoint.json'
const NOTE = 'note.json'

interface Head {
  readonly id: string
  readonly question: string
  readonly key: string
}

const headIn = (directory: string): Head | null => {
  const file = join(directory, PLACE, HEAD)
  return existsSync(file) ? torn(file, () => JSON.parse(readFileSync(file, 'utf8')) as Head) : null
}

const torn = <T>(file: string, read: () => T): T => {
  try {
    return read()
  } catch {
    throw codedError('MODEL_RUN_OF_ANOTHER', file)
  }
}

const put = (file: string, text: string): void => {
  writeFileSync(`${file}.part`, text, { mode: 0o600, flush: true })
  renameSync(`${file}.part`, file)
}
