import { CodedFailure } from '../../../coded-failure.ts'
import { CsvReader, type CsvRow } from './csv-reader.ts'
import { encodingOf, type TableText, textOf } from './table-text.ts'

export interface TableOptions {
  /** Any label of the WHATWG Encoding Standard. Null: found out. */
  readonly encoding?: string | null
  /** Null: the one that cuts the first line into most columns. */
  readonly separator?: string | null
}

export interface Table extends TableText {
  readonly file: string
  readonly separator: string
  /** As the first line names them; unnamed ones are empty. */
  readonly columns: readonly string[]
  /** Every row below the first line, some at a time; read again as often as one likes. */
  rows(onBytes?: (bytes: number) => void): AsyncGenerator<readonly CsvRow[]>
}

/** Opens a table of which nothing is known but that its first line names the columns. */
export const openTable = async (file: string, options: TableOptions = {}): Promise<Table> => {
  const text = await encodingOf(file, options.encoding ?? null)
  const head = await headOf(file, text)
  const said = /^sep=([^\r\n])\r?\n/.exec(head)
  const separator = options.separator ?? said?.[1] ?? separatorOf(head)
  const columns = columnsOf(firstRow(said === null ? head : head.slice(said[0].length), separator), file)
  return {
    ...text,
    file,
    separator,
    columns,
    rows: (onBytes) =>
      rowsOf({ file, text, separator, width: columns.length, first: said === null ? 1 : 2 }, onBytes),
  }
}

interface Layout {
  readonly file: string
  readonly text: TableText
  readonly separator: string
  readonly width: number
  /** The line that names the columns. */
  readonly first: number
}

async function* rowsOf(
  { file, text, separator, width, first }: Layout,
  onBytes?: (bytes: number) => void,
): AsyncGenerator<readonly CsvRow[]> {
  const reader = new CsvReader(separator)
  let isHeaderRead = false
  const below = (rows: readonly CsvRow[]): readonly CsvRow[] => {
    if (isHeaderRead || rows.length === 0) return rows
    const names = rows.findIndex(({ line }) => line >= first)
    if (names === -1) return []
    isHeaderRead = true
    return rows.slice(names + 1)
  }
  for await (const part of textOf(file, text, onBytes))
    yield below(reader.read(part)).map((row) => fitted(row, width))
  yield below(reader.end()).map((row) => fitted(row, width))
}

/** Cells too many are forgiven where nothing is in them: programs end their lines with separators. */
const fitted = (row: CsvRow, width: number): CsvRow => {
  if ('fault' in row || row.cells.length === width) return row
  if (row.cells.length < width) return { line: row.line, fault: 'ROW_TOO_SHORT' }
  const isEmpty = row.cells.slice(width).every((cell) => cell.trim() === '')
  return isEmpty
    ? { line: row.line, cells: row.cells.slice(0, width) }
    : { line: row.line, fault: 'ROW_TOO_WIDE' }
}

const HEAD = 256 * 1024

const headOf = async (file: string, text: TableText): Promise<string> => {
  let head = ''
  for await (const part of textOf(file, text)) {
    head += part
    if (head.length >= HEAD) break
  }
  return head
}

const SEPARATORS = [',', ';', '\t', '|']

const separatorOf = (head: string): string => {
  const widths = SEPARATORS.map((separator) => {
    const row = firstRow(head, separator)
    return row !== null && 'cells' in row ? row.cells.length : 0
  })
  return SEPARATORS[widths.indexOf(Math.max(...widths))] ?? ','
}

const firstRow = (head: string, separator: string): CsvRow | null => {
  const reader = new CsvReader(separator)
  const first = reader.read(head.slice(0, HEAD)).at(0)
  return first ?? reader.end().at(0) ?? null
}

const columnsOf = (row: CsvRow | null, file: string): readonly string[] => {
  if (row === null) throw new CodedFailure('TABLE_EMPTY', file)
  if ('fault' in row) throw new CodedFailure('TABLE_UNREADABLE', `${file}, line ${row.line}: ${row.fault}`)
  const names = row.cells.map((cell) => cell.normalize('NFC').trim())
  const repeated = names.find((name, at) => name !== '' && names.indexOf(name) !== at)
  if (repeated !== undefined)
    throw new CodedFailure('TABLE_UNREADABLE', `${file}, line ${row.line} names ${repeated} twice`)
  return names
}
