import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { CodedFailure } from '../../coded-failure.ts'
import { BEGINNING, type Position } from './file-records.ts'
import type { Outcome } from './plan-batch.ts'

/** How far an import is. What is behind the position is as if it had not been read yet. */
export interface Progress {
  /** Which import this is: the same from its beginning to its end, however often it was broken off. */
  readonly run: string
  readonly position: Position
  /** Rows read, the header not counted. */
  readonly rows: number
  readonly counts: Readonly<Record<Outcome['outcome'], number>>
}

/** What was read with what: it must be the same when it goes on. */
export interface Source {
  readonly bytes: number
  readonly modifiedAt: number
  /** Of its beginning and of the settings that say what it means. */
  readonly digest: string
}

export interface Journal {
  readonly progress: Progress
  /** Whether an import that was broken off goes on. */
  readonly isResumed: boolean
  /** Keeps outcomes, then the position behind their rows. */
  advance(outcomes: readonly Outcome[], next: Pick<Progress, 'position' | 'rows'>): Promise<void>
  /** The next import of this file begins anew. */
  finish(): Promise<void>
  close(): Promise<void>
}

interface Kept extends Progress {
  readonly source: Source
  /** What is behind it in the outcome file was not finished, and is written again. */
  readonly outcomeBytes: number
  readonly isFinished: boolean
}

export interface JournalFiles {
  readonly outcome: string
  readonly position: string
}

export function journalFiles(file: string): JournalFiles {
  return { outcome: `${file}.outcome.ndjson`, position: `${file}.position.json` }
}

/**
 * The outcomes of an import, and the position beside them. A batch is in the store first, then its outcomes are on the
 * disk, then the position: whenever this process is killed, what is repeated is known to the store by its statements.
 * Throws `IMPORT_FILE_CHANGED` when another file, or other settings, were being read.
 */
export async function openJournal(files: JournalFiles, source: Source, isAnew: boolean): Promise<Journal> {
  const before = isAnew ? null : unfinished(files, source)
  let kept: Kept = before ?? { ...begun(), source, outcomeBytes: 0, isFinished: false }
  const outcomes = await open(files.outcome, before === null ? 'w' : 'r+')
  await outcomes.truncate(kept.outcomeBytes)
  const keep = async (next: Kept): Promise<void> => {
    await replace(files.position, JSON.stringify(next))
    kept = next
  }
  if (before === null) await keep(kept)
  return {
    get progress() {
      return kept
    },
    isResumed: before !== null,
    async advance(judged, next) {
      const lines = Buffer.from(judged.map((outcome) => `${JSON.stringify(outcome)}\n`).join(''))
      await writeAt(outcomes, lines, kept.outcomeBytes)
      const outcomeBytes = kept.outcomeBytes + lines.length
      await keep({ ...kept, ...next, outcomeBytes, counts: counted(kept.counts, judged) })
    },
    finish: () => keep({ ...kept, isFinished: true }),
    close: () => outcomes.close(),
  }
}

function begun(): Progress {
  return {
    run: randomUUID(),
    position: BEGINNING,
    rows: 0,
    counts: { written: 0, already: 0, refused: 0 },
  }
}

function unfinished({ outcome, position }: JournalFiles, source: Source): Kept | null {
  if (!existsSync(position) || !existsSync(outcome)) return null
  const kept = readKept(position)
  if (kept.isFinished) return null
  if (JSON.stringify(kept.source) !== JSON.stringify(source))
    throw new CodedFailure('IMPORT_FILE_CHANGED', position)
  return kept
}

function readKept(file: string): Kept {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept
  } catch {
    throw new CodedFailure('IMPORT_FILE_CHANGED', file)
  }
}

async function writeAt(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    // eslint-disable-next-line no-await-in-loop -- what was not written yet
    const { bytesWritten } = await file.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
  await file.datasync()
}

/** Half of it is never read: it is moved into place whole. */
async function replace(file: string, text: string): Promise<void> {
  const draft = `${file}.new`
  const handle = await open(draft, 'w')
  try {
    await handle.writeFile(text)
    await handle.datasync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
}

function counted(counts: Progress['counts'], outcomes: readonly Outcome[]): Progress['counts'] {
  const sum = { ...counts }
  for (const { outcome } of outcomes) sum[outcome] += 1
  return sum
}

export function digestOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:`).update(part)
  return hash.digest('hex')
}
