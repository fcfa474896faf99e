import { CodedFailure } from '../../coded-failure.ts'
import { hasTwinNames } from '../receipts/twin-names.ts'
import { csvCells } from './csv-cells.ts'
import type { Fault } from './file-records.ts'
import { type Mapping, OWN_NAMES, ROW_FIELDS, type RowField } from './mapping.ts'

/** What a row says, as text; a list for `recipients` alone. Fields that are empty are not in it. */
export type RowValues = ReadonlyMap<RowField, string | readonly string[]>

/** Reads the records of one file. */
export type ReadRow = (text: string, line: number) => RowValues | Fault

/** Throws `IMPORT_FILE_UNREADABLE` when the header has not the columns that are mapped, or some that nobody would read. */
export function csvRows(header: string, mapping: Mapping): ReadRow {
  const columns = csvCells(header)
  const repeated = columns.find((column, index) => columns.indexOf(column) !== index)
  if (repeated !== undefined) throw unreadable(`line 1, column ${columns.indexOf(repeated) + 1} comes twice`)
  checkColumns(columns, mapping)
  const places = new Map(columns.map((column, index) => [column, index]))
  return (text, line) => {
    const cells = csvCells(text)
    if (cells.length !== columns.length)
      return unreadableRow(`line ${line}, ${cells.length} cells for ${columns.length} columns`)
    return mapped(mapping, line, (column) => cells[places.get(column) ?? -1])
  }
}

/** Without a mapping a column that is no field is a mistake: consent that should run out would never. */
function checkColumns(columns: readonly string[], mapping: Mapping): void {
  const known: ReadonlySet<string> = new Set(ROW_FIELDS)
  if (mapping === OWN_NAMES) {
    const stray = columns.findIndex((column) => !known.has(column))
    if (stray !== -1) throw unreadable(`line 1, column ${stray + 1} is not a field`)
    return
  }
  for (const [field, source] of mapping)
    if ('column' in source && !columns.includes(source.column))
      throw unreadable(`line 1, no column for ${field}`)
}

export function ndjsonRows(mapping: Mapping): ReadRow {
  const known: ReadonlySet<string> = new Set(ROW_FIELDS)
  return (text, line) => {
    const row = objectOf(text)
    if (row === null) return unreadableRow(`line ${line}, JSON`)
    if (hasTwinNames(text)) return unreadableRow(`line ${line}, a name comes twice`)
    if (mapping === OWN_NAMES && Object.keys(row).some((name) => !known.has(name)))
      return { code: 'IMPORT_VALUE_INVALID', place: `line ${line}, a member that is not a field` }
    return mapped(mapping, line, (column) => (Object.hasOwn(row, column) ? row[column] : undefined))
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function mapped(mapping: Mapping, line: number, read: (column: string) => unknown): RowValues | Fault {
  const values = new Map<RowField, string | readonly string[]>()
  for (const [field, source] of mapping) {
    const raw = 'constant' in source ? source.constant : read(source.column)
    if (raw === undefined || raw === null || raw === '') continue
    const words = 'constant' in source ? null : source.values
    const value = valueOf(field, words === null ? raw : words.get(wordOf(raw)))
    if (value === null) return { code: 'IMPORT_VALUE_INVALID', place: `line ${line}, ${field}` }
    values.set(field, value)
  }
  return values
}

/** `true` and `1` are words, too, where a mapping says what they stand for. */
function wordOf(raw: unknown): string {
  return typeof raw === 'string' ? raw : JSON.stringify(raw)
}

/** In CSV recipients are separated by semicolons. Null: not a value of this field. */
function valueOf(field: RowField, raw: unknown): string | readonly string[] | null {
  if (field !== 'recipients') return typeof raw === 'string' ? raw : null
  const all: unknown = typeof raw === 'string' ? raw.split(';').map((one) => one.trim()) : raw
  return Array.isArray(all) && all.every((one) => typeof one === 'string') ? all : null
}

function unreadable(place: string): CodedFailure {
  return new CodedFailure('IMPORT_FILE_UNREADABLE', place)
}

function unreadableRow(place: string): Fault {
  return { code: 'IMPORT_ROW_UNREADABLE', place }
}
