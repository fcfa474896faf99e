/** One row of a CSV file, with the number of the line it begins on. */
export type CsvRow =
  | { readonly line: number; readonly cells: readonly string[] }
  | { readonly line: number; readonly fault: string }

/**
 * Reads CSV as RFC 4180 has it (quoted cells may hold commas, quotes and line ends), one row at a time, whatever the
 * chunks. Also takes bare `\n` and `\r` as line ends, a byte order mark, and quotes inside an unquoted cell.
 */
export async function* readCsv(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<CsvRow> {
  const decoder = new TextDecoder()
  const reader = new RowReader()
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
    yield* reader.read(text)
  }
  yield* reader.read(decoder.decode())
  yield* reader.end()
}

/** A quote that is never closed would take the rest of the file into one cell. */
const LONGEST_ROW = 64 * 1024

/** Where we are between two chunks. */
class RowReader {
  private cells: string[] = []
  private cell = ''
  /** `closed`: behind a quote inside a quoted cell, which either ends it or, doubled, stands for itself. */
  private state: 'plain' | 'quoted' | 'closed' = 'plain'
  private line = 1
  private start = 1
  private length = 0
  private isTooLong = false
  private followsReturn = false;

  *read(text: string): Generator<CsvRow> {
    for (const character of text) {
      const isSecondHalf = character === '\n' && this.followsReturn
      this.followsReturn = character === '\r'
      if (isSecondHalf) {
        if (this.state === 'quoted') this.cell += character
        continue
      }
      const isLineEnd = character === '\n' || character === '\r'
      if (isLineEnd) this.line += 1
      if (isLineEnd && (this.state !== 'quoted' || this.isTooLong)) yield* this.finishRow()
      else this.take(character)
    }
  }

  *end(): Generator<CsvRow> {
    if (this.state === 'quoted') yield { line: this.start, fault: 'a quote is not closed' }
    else yield* this.finishRow()
  }

  private take(character: string): void {
    this.length += 1
    if (this.length > LONGEST_ROW) this.isTooLong = true
    if (this.isTooLong) return
    if (this.state === 'quoted') this.takeQuoted(character)
    else if (character === ',') this.finishCell()
    else if (character === '"' && this.state === 'closed') this.reopen(character)
    else if (character === '"' && this.cell === '') this.state = 'quoted'
    else if (character !== '\uFEFF' || this.start > 1) this.cell += character
  }

  private takeQuoted(character: string): void {
    if (character === '"') this.state = 'closed'
    else this.cell += character
  }

  private reopen(character: string): void {
    this.cell += character
    this.state = 'quoted'
  }

  private finishCell(): void {
    this.cells.push(this.cell)
    this.cell = ''
    this.state = 'plain'
  }

  private *finishRow(): Generator<CsvRow> {
    this.finishCell()
    const { cells, start: line } = this
    const isEmpty = cells.length === 1 && cells[0] === ''
    if (this.isTooLong) yield { line, fault: `longer than ${LONGEST_ROW} characters: is a quote not closed?` }
    else if (!isEmpty) yield { line, cells }
    this.cells = []
    this.start = this.line
    this.length = 0
    this.isTooLong = false
  }
}
