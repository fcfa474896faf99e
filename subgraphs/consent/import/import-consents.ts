import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { CodedFailure } from '../../coded-failure.ts'
import type { ConsentStore } from '../store.ts'
import { BEGINNING, type FileRecord, type Position, readRecords } from './file-records.ts'
import { type ImportRow, type KnownWords, readImportRow } from './import-row.ts'
import { digestOf, type Journal, journalFiles, openJournal, type Progress, type Source } from './journal.ts'
import type { Mapping } from './mapping.ts'
import { type Outcome, outcomeOf } from './plan-batch.ts'
import { csvRows, ndjsonRows, type ReadRow } from './row-values.ts'
import { writeBatch } from './write-batch.ts'

export interface ImportOptions {
  readonly format: 'csv' | 'ndjson'
  readonly mapping: Mapping
  readonly words: KnownWords
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Begins anew although an import of this file was broken off. */
  readonly isAnew?: boolean
  /** Rows written at once. Other writers wait meanwhile, so a batch is small. */
  readonly batchRows?: number
  /** Called after each batch, and once before the first. */
  readonly onProgress?: (progress: ImportProgress) => void
}

export interface ImportProgress extends Progress {
  /** Of the file. */
  readonly bytes: number
  readonly isResumed: boolean
}

const DEFAULT_BATCH_ROWS = 250

/**
 * Brings what people said elsewhere into the store: row by row judged, batch by batch written, never held as a whole.
 * The same file again changes nothing; one that was broken off goes on where it was. Throws `CodedFailure` for what is
 * wrong with the file as a whole; what is wrong with a row is its outcome.
 */
export async function importConsents(
  store: ConsentStore,
  file: string,
  options: ImportOptions,
): Promise<ImportProgress> {
  const source = await sourceOf(file, options)
  const journal = await openJournal(journalFiles(file), source, options.isAnew ?? false)
  const tell = (): ImportProgress => ({
    ...journal.progress,
    bytes: source.bytes,
    isResumed: journal.isResumed,
  })
  try {
    const rows = await rowsOf(file, journal.progress.position, options)
    options.onProgress?.(tell())
    for await (const batch of batches(rows, options.batchRows ?? DEFAULT_BATCH_ROWS)) {
      await take(store, batch, { journal, rows, ...options })
      options.onProgress?.(tell())
    }
    await journal.finish()
    return tell()
  } finally {
    await journal.close()
  }
}

const BEGINNING_BYTES = 1024 * 1024

async function sourceOf(file: string, { format, mapping }: ImportOptions): Promise<Source> {
  const handle = await opened(file)
  try {
    const { size: bytes, mtimeMs: modifiedAt } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0)
    const settings = JSON.stringify([...mapping], (_name, value: unknown) =>
      value instanceof Map ? [...value] : value,
    )
    return { bytes, modifiedAt, digest: digestOf(buffer.subarray(0, bytesRead), format, settings) }
  } finally {
    await handle.close()
  }
}

async function opened(file: string) {
  try {
    return await open(file, 'r')
  } catch (error) {
    throw new CodedFailure('IMPORT_FILE_UNREADABLE', (error as NodeJS.ErrnoException).code ?? file)
  }
}

interface Rows {
  readonly records: AsyncIterable<FileRecord>
  readonly read: ReadRow
}

/** The header is read again when an import goes on. */
async function rowsOf(file: string, from: Position, { format, mapping }: ImportOptions): Promise<Rows> {
  const isQuoted = format === 'csv'
  const recordsFrom = (position: Position): AsyncIterable<FileRecord> =>
    readRecords(createReadStream(file, { start: position.offset }), { isQuoted, from: position })
  if (!isQuoted) return { records: recordsFrom(from), read: ndjsonRows(mapping) }
  for await (const { content, next } of recordsFrom(BEGINNING)) {
    if (typeof content !== 'string') throw new CodedFailure('IMPORT_FILE_UNREADABLE', content.place)
    const position = from.offset === 0 ? next : from
    return { records: recordsFrom(position), read: csvRows(content, mapping) }
  }
  throw new CodedFailure('IMPORT_FILE_UNREADABLE', 'line 1, there is no header')
}

async function* batches(
  { records }: Rows,
  batchRows: number,
): AsyncGenerator<readonly [FileRecord, ...FileRecord[]]> {
  let batch: FileRecord[] = []
  for await (const record of records) {
    batch.push(record)
    if (batch.length < batchRows) continue
    yield batch as [FileRecord, ...FileRecord[]]
    batch = []
  }
  if (batch.length > 0) yield batch as [FileRecord, ...FileRecord[]]
}

interface Taking extends ImportOptions {
  readonly journal: Journal
  readonly rows: Rows
}

async function take(
  store: ConsentStore,
  batch: readonly [FileRecord, ...FileRecord[]],
  { journal, rows: { read }, words, clock }: Taking,
): Promise<void> {
  const { run, rows: before } = journal.progress
  const now = clock()
  const readable: ImportRow[] = []
  const outcomes = new Map<number, Outcome>()
  for (const [index, { content, line }] of batch.entries()) {
    const place = { row: before + index + 1, line }
    const values = typeof content === 'string' ? read(content, line) : content
    const row = 'code' in values ? values : readImportRow(values, place, { words, now })
    if ('code' in row) outcomes.set(place.row, outcomeOf(place, row))
    else readable.push(row)
  }
  for (const outcome of await writeBatch(store, readable, run)) outcomes.set(outcome.row, outcome)
  const inOrder = [...outcomes.values()].toSorted((a, b) => a.row - b.row)
  const last = batch.at(-1) ?? batch[0]
  await journal.advance(inOrder, { position: last.next, rows: before + batch.length })
}
