export interface CsvRow {
  readonly cells: readonly string[]
  /** In the file, from 1. */
  readonly line: number
}

interface Columns {
  /** In this order. */
  readonly names: readonly string[]
  /** How many of them have to be there. */
  readonly least: number
  readonly wrong: (line: number, what: string) => Error
}

/** The rows below the header. A cell has no line break inside: none of ours needs one. Throws at the first line that is not a row. */
export function* csvRows(text: string, { names, least, wrong }: Columns): Generator<CsvRow> {
  const lines = linesOf(text)
  const [header] = lines
  const columns = header === undefined ? null : cellsOf(header.text)
  const isHeader = columns?.every((name, at) => name.trim() === names[at]) === true
  if (!isHeader || columns.length < least) throw wrong(1, 'header')
  for (const { text: line, number } of lines.slice(1)) {
    const cells = cellsOf(line)
    if (cells?.length !== columns.length) throw wrong(number, 'row')
    yield { cells, line: number }
  }
}

const linesOf = (text: string): readonly { readonly text: string; readonly number: number }[] =>
  text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, at) => ({ text: line.endsWith('\r') ? line.slice(0, -1) : line, number: at + 1 }))
    .filter((line) => line.text !== '')

/** Null where quotes do not fit (RFC 4180). */
const cellsOf = (line: string): readonly string[] | null => {
  if (!line.includes('"')) return line.split(',')
  if (!QUOTED.test(line)) return null
  return [...line.matchAll(CELL)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  )
}

const QUOTED = /^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$/
const CELL = /(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g
