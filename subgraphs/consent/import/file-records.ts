import { CodedFailure } from '../../coded-failure.ts'
import type { SubgraphErrorCode } from '../../error-catalogue.ts'

/** One record of a file: a line of NDJSON, or a row of CSV, which may have line ends inside quotes. */
export interface FileRecord {
  /** The line it begins on, from 1. */
  readonly line: number
  /** What comes after it begins here. */
  readonly next: Position
  readonly content: string | Fault
}

/** Why something is not taken: where, never with which value. */
export interface Fault {
  readonly code: SubgraphErrorCode
  readonly place: string
}

export interface Position {
  /** In the bytes of the file. */
  readonly offset: number
  readonly line: number
}

export const BEGINNING: Position = { offset: 0, line: 1 }

interface RecordsOptions {
  /** Whether quotes hold line ends together, as in CSV. */
  readonly isQuoted: boolean
  /** Where reading begins: the beginning of the file, or of a record in it. */
  readonly from: Position
}

/**
 * Splits bytes into records, whatever the chunks, holding no more than one record and no longer one than is read. A byte
 * order mark is left out, empty lines too. Throws `IMPORT_FILE_UNREADABLE` when the file ends inside quotes: what is
 * behind the quote could be rows or text, and text is never read as rows.
 */
export async function* readRecords(
  chunks: AsyncIterable<Uint8Array>,
  { isQuoted, from }: RecordsOptions,
): AsyncGenerator<FileRecord> {
  const splitter = new Splitter(isQuoted, from)
  for await (const chunk of chunks) yield* splitter.take(chunk)
  yield* splitter.finish()
}

const LONGEST_RECORD = 64 * 1024
const MARK = Buffer.from([0xef, 0xbb, 0xbf])
const NEW_LINE = 10
const RETURN = 13
const QUOTE = 34
const COMMA = 44

/** `closed`: behind a quote inside quotes, which either ends the cell or, doubled, stands for itself. */
type CellState = 'begun' | 'plain' | 'quoted' | 'closed'

class Splitter {
  private readonly isQuoted: boolean
  private readonly utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  /** The record that is being read, and what was not looked at. */
  private held: Buffer = Buffer.alloc(0)
  /** How much of `held` was looked at. */
  private seen = 0
  private state: CellState = 'begun'
  private isBroken = false
  private isTooLong = false
  private isCut = false
  private begins: Position
  /** Of the first byte held. */
  private offset: number
  private line: number

  constructor(isQuoted: boolean, from: Position) {
    this.isQuoted = isQuoted
    this.begins = from
    this.offset = from.offset
    this.line = from.line
  }

  *take(chunk: Uint8Array): Generator<FileRecord> {
    this.held = this.held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.held, chunk])
    if (this.offset === 0 && this.held.subarray(0, MARK.length).equals(MARK)) this.drop(MARK.length)
    let end = this.nextEnd()
    while (end !== -1) {
      yield* this.record(end, end + 1)
      end = this.nextEnd()
    }
    if (this.seen > LONGEST_RECORD) this.isTooLong = true
    if (this.isTooLong) this.drop(this.seen)
  }

  *finish(): Generator<FileRecord> {
    if (this.state === 'quoted')
      throw new CodedFailure('IMPORT_FILE_UNREADABLE', `line ${this.begins.line}, a quote is not closed`)
    // The end of a copy that was broken off behind a comma: with an empty cell a yes would never run out.
    this.isCut = this.isQuoted && this.held.at(-1) === COMMA
    yield* this.record(this.held.length, this.held.length)
  }

  /** Where the line end is that ends the record; -1 when it is not here yet. */
  private nextEnd(): number {
    while (this.seen < this.held.length) {
      const lineEnd = this.held.indexOf(NEW_LINE, this.seen)
      const upTo = lineEnd === -1 ? this.held.length : lineEnd
      this.look(upTo)
      if (lineEnd === -1) return -1
      this.line += 1
      if (this.state !== 'quoted') return lineEnd
      this.seen += 1
    }
    return -1
  }

  /** RFC 4180: a quote opens a cell only as its first character. */
  private look(upTo: number): void {
    const isPlain = this.state === 'begun' || this.state === 'plain'
    if (this.isQuoted && !(isPlain && !this.held.subarray(this.seen, upTo).includes(QUOTE)))
      for (let at = this.seen; at < upTo; at++) this.step(this.held[at])
    else if (upTo > this.seen) this.state = this.held[upTo - 1] === COMMA ? 'begun' : 'plain'
    this.seen = upTo
  }

  private step(byte: number | undefined): void {
    if (this.state === 'quoted') this.state = byte === QUOTE ? 'closed' : 'quoted'
    else if (byte === COMMA) this.state = 'begun'
    else if (byte === QUOTE && this.state !== 'plain') this.state = 'quoted'
    else if (this.state === 'closed' && byte === RETURN) this.state = 'closed'
    else {
      if (this.state === 'closed' || byte === QUOTE) this.isBroken = true
      this.state = 'plain'
    }
  }

  private *record(end: number, next: number): Generator<FileRecord> {
    const { line } = this.begins
    const content = this.contentUpTo(end)
    this.drop(next)
    this.state = 'begun'
    this.isBroken = false
    this.isTooLong = false
    this.begins = { offset: this.offset, line: this.line }
    if (content !== null) yield { line, next: this.begins, content }
  }

  /** Null when there is nothing. */
  private contentUpTo(end: number): string | Fault | null {
    const place = this.place()
    if (this.isTooLong || end > LONGEST_RECORD) return { code: 'IMPORT_ROW_TOO_LONG', place }
    if (this.isCut)
      return { code: 'IMPORT_ROW_UNREADABLE', place: `${place}, a comma and no line end behind it` }
    if (this.isBroken) return { code: 'IMPORT_ROW_UNREADABLE', place: `${place}, quotes` }
    const to = end > 0 && this.held[end - 1] === RETURN ? end - 1 : end
    if (to === 0) return null
    try {
      return this.utf8.decode(this.held.subarray(0, to))
    } catch {
      return { code: 'IMPORT_ROW_UNREADABLE', place: `${place}, UTF-8` }
    }
  }

  /** Of all lines that are given up with it. */
  private place(): string {
    const { line } = this.begins
    const last = this.line - 1
    return last > line ? `lines ${line} to ${last}` : `line ${line}`
  }

  private drop(bytes: number): void {
    this.offset += bytes
    this.held = this.held.subarray(bytes)
    this.seen = 0
  }
}
