import type { SubgraphErrorCode } from '../../../error-catalogue.ts'

export type RowFaultCode = SubgraphErrorCode &
  (
    | 'ROW_QUOTE_NOT_CLOSED'
    | 'ROW_QUOTE_MISPLACED'
    | 'ROW_TOO_LONG'
    | 'ROW_NOT_TEXT'
    | 'ROW_TOO_SHORT'
    | 'ROW_TOO_WIDE'
    | 'ROW_WITHOUT_ID'
    | 'ROW_ID_REPEATED'
  )

/** One row, with the number of the line it begins on. */
export type CsvRow =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly fault: RowFaultCode }

/** Characters. What is longer is a quote that is not closed, or no table. */
export const LONGEST_ROW = 1024 * 1024

/**
 * Reads CSV as RFC 4180 has it, and what programs write that never read it: any separator, line ends of every system,
 * quotes inside a cell that is not quoted, blanks behind a quoted one, empty lines. A row whose quotes cannot be meant
 * costs its first line: reading goes on behind it, so that one stray quote does not swallow the rest of the file.
 */
export class CsvReader {
  private readonly separator: string
  private text = ''
  private line = 1
  /** Where the next quote, return and line feed stand, so that each is looked for once. */
  private readonly next = new Map<string, number>()
  private isInLongRow = false

  constructor(separator: string) {
    this.separator = separator
  }

  /** The rows that end in this part of the file. */
  read(part: string): CsvRow[] {
    this.text += part
    return this.rows(false)
  }

  /** What the last line end did not close. */
  end(): CsvRow[] {
    return this.rows(true)
  }

  private rows(isLast: boolean): CsvRow[] {
    const rows: CsvRow[] = []
    this.next.clear()
    let at = 0
    while (at < this.text.length) {
      const found = this.rowAt(at, isLast)
      if (found === null) break
      if (found.row !== null) rows.push(found.row)
      at = found.end
    }
    this.text = this.text.slice(at)
    if (!isLast && this.text.length > LONGEST_ROW) this.giveUpRow(rows)
    return rows
  }

  /** Null: it ends in a part that is still to come. */
  private rowAt(start: number, isLast: boolean): Found | null {
    if (this.isInLongRow) return this.endOfLongRow(start)
    const end = this.lineEnd(start)
    if (this.nextOf('"', start) < Math.min(end, this.text.length)) return this.quotedRow(start, isLast)
    if (end === Infinity && !isLast) return null
    if (this.isHalfLineEnd(end, isLast)) return null
    const row = this.rowOf(this.text.slice(start, end).split(this.separator))
    this.line += 1
    return { row, end: this.behindLineEnd(end) }
  }

  /** Almost every row has no quote and is cut at once; one that has is read cell by cell. */
  private quotedRow(start: number, isLast: boolean): Found | null {
    const cells: string[] = []
    let at = start
    for (;;) {
      const cell = this.text[at] === '"' ? this.quotedCell(at + 1) : this.plainCell(at)
      if (cell === 'misplaced') return this.faulty('ROW_QUOTE_MISPLACED', start)
      if (cell === 'open') {
        if (isLast || this.text.length - start > LONGEST_ROW)
          return this.faulty('ROW_QUOTE_NOT_CLOSED', start)
        return null
      }
      cells.push(cell.value)
      if (this.text.startsWith(this.separator, cell.end)) at = cell.end + 1
      else if (cell.end >= this.text.length && !isLast) return null
      else return this.finished(cells, start, cell.end, isLast)
    }
  }

  private finished(cells: string[], start: number, end: number, isLast: boolean): Found | null {
    if (this.isHalfLineEnd(end, isLast)) return null
    const row = this.rowOf(cells)
    const behind = this.behindLineEnd(end)
    this.line += linesIn(this.text.slice(start, behind))
    return { row, end: behind }
  }

  private plainCell(start: number): Cell {
    const separator = this.nextOf(this.separator, start)
    const end = Math.min(separator, this.lineEnd(start), this.text.length)
    return { value: this.text.slice(start, end), end }
  }

  private quotedCell(start: number): Cell | 'open' | 'misplaced' {
    let at = this.text.indexOf('"', start)
    while (at !== -1 && this.text[at + 1] === '"') at = this.text.indexOf('"', at + 2)
    if (at === -1) return 'open'
    let end = at + 1
    while (this.text[end] === ' ') end += 1
    const value = this.text.slice(start, at).replaceAll('""', '"')
    const isEnd =
      end >= this.text.length ||
      this.text[end] === '\n' ||
      this.text[end] === '\r' ||
      this.text.startsWith(this.separator, end)
    return isEnd ? { value, end } : 'misplaced'
  }

  /** Only the line it began on is given up. */
  private faulty(fault: RowFaultCode, start: number): Found {
    const line = this.line
    this.line += 1
    return { row: { line, fault }, end: this.behindLineEnd(this.lineEnd(start)) }
  }

  private rowOf(cells: readonly string[]): CsvRow | null {
    const { line } = this
    if (cells.length === 1 && cells[0]?.trim() === '') return null
    if (cells.some((cell) => cell.includes('\0'))) return { line, fault: 'ROW_NOT_TEXT' }
    return { line, cells }
  }

  private giveUpRow(rows: CsvRow[]): void {
    if (!this.isInLongRow) rows.push({ line: this.line, fault: 'ROW_TOO_LONG' })
    this.isInLongRow = true
    this.text = ''
  }

  private endOfLongRow(start: number): Found | null {
    const end = this.lineEnd(start)
    if (end === Infinity) return null
    this.isInLongRow = false
    this.line += 1
    return { row: null, end: this.behindLineEnd(end) }
  }

  private lineEnd(start: number): number {
    return Math.min(this.nextOf('\n', start), this.nextOf('\r', start))
  }

  /** A return at the end of a part may be the first half of a line end. */
  private isHalfLineEnd(end: number, isLast: boolean): boolean {
    return !isLast && this.text[end] === '\r' && end + 1 >= this.text.length
  }

  private behindLineEnd(end: number): number {
    if (end === Infinity) return this.text.length
    return this.text[end] === '\r' && this.text[end + 1] === '\n' ? end + 2 : end + 1
  }

  private nextOf(character: string, from: number): number {
    const known = this.next.get(character)
    if (known !== undefined && known >= from) return known
    const found = this.text.indexOf(character, from)
    const next = found === -1 ? Infinity : found
    this.next.set(character, next)
    return next
  }
}

interface Found {
  readonly row: CsvRow | null
  /** Where the next row begins. */
  readonly end: number
}

interface Cell {
  readonly value: string
  /** Its separator or line end, or the end of the text. */
  readonly end: number
}

const linesIn = (text: string): number => (text.match(/\r\n|\n|\r/g) ?? []).length
