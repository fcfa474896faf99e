import { CodedFailure } from '../../../coded-failure.ts'
import type { FieldKind, PersonRow } from '../person-row.ts'
import { detached } from '../text/detached.ts'
import { cleanValue, type DateOrder, type Dropped } from './clean-value.ts'
import type { CsvRow, RowFaultCode } from './csv-reader.ts'
import type { TableMapping } from './mapping.ts'
import type { Table } from './open-table.ts'

/** A table with what is known of it. */
export interface Source {
  /** Short, and unique among the sources of one run. */
  readonly name: string
  readonly table: Table
  readonly mapping: TableMapping
  readonly dateOrder: DateOrder
}

export interface RowFault {
  readonly file: string
  readonly line: number
  readonly code: RowFaultCode
}

export interface ColumnCounts {
  readonly column: string
  readonly kind: FieldKind
  /** Rows that say anything here. */
  filled: number
  readonly dropped: Record<Dropped, number>
}

export interface SourceCounts {
  readonly source: Source
  records: number
  broken: number
  readonly columns: readonly ColumnCounts[]
}

/** What was read, filled as rows are handed out. */
export interface Reading {
  readonly sources: readonly SourceCounts[]
  /** The first of them; how many there are is counted per source. */
  readonly faults: readonly RowFault[]
  /** Ids that stand in more than one source. */
  sharedIds: number
  /** The rows of all sources, one after the other. To be read once. */
  rows(onBytes: (bytes: number) => void): AsyncGenerator<PersonRow>
}

export interface ReadingOptions {
  /** Rows that cannot be read are left out; else they are what is wrong. */
  readonly isSkippingBroken: boolean
  /** Ids are written with the name of their source before them. */
  readonly isQualifying: boolean
  readonly mostRows?: number
}

/** A row and its key are one number where candidates are found. */
const MOST_ROWS = 2 ** 21

/**
 * Reads sources as rows of people. By default one broken row refuses all of it, after everything was read, so that all
 * faults are told at once: a row that is silently missing is a person who is silently kept apart.
 */
export const createReading = (sources: readonly Source[], options: ReadingOptions): Reading => {
  const faults: RowFault[] = []
  const counts = sources.map(countsOf)
  const ids: Ids = new Map()
  const reading: Reading = {
    sources: counts,
    faults,
    sharedIds: 0,
    async *rows(onBytes) {
      let before = 0
      for (const [at, count] of counts.entries()) {
        const { table } = count.source
        const start = before
        const rowOf = rowReader(count, { ids, at, reading, ...options })
        for await (const part of table.rows((bytes) => onBytes(start + bytes))) {
          yield* readable(part, rowOf, (line, code) =>
            noteFault(faults, count, { file: table.file, line, code }),
          )
          if (ids.size > (options.mostRows ?? MOST_ROWS))
            throw new CodedFailure('TABLES_TOO_LARGE', table.file)
        }
        before += table.bytes
      }
      ids.clear()
      refuse(reading, options)
    },
  }
  return reading
}

function* readable(
  rows: readonly CsvRow[],
  rowOf: (row: CsvRow) => PersonRow | RowFaultCode,
  onFault: (line: number, code: RowFaultCode) => void,
): Generator<PersonRow> {
  for (const row of rows) {
    const read = rowOf(row)
    if (typeof read === 'object') yield read
    else onFault(row.line, read)
  }
}

/** Id → the number of the source it was first seen in. */
type Ids = Map<string, number>

interface Context extends ReadingOptions {
  readonly ids: Ids
  readonly at: number
  readonly reading: Reading
}

const MOST_FAULTS_KEPT = 1000

const noteFault = (faults: RowFault[], count: SourceCounts, fault: RowFault): void => {
  count.broken += 1
  if (faults.length < MOST_FAULTS_KEPT) faults.push(fault)
}

const refuse = ({ sources, faults, sharedIds }: Reading, { isSkippingBroken }: ReadingOptions): void => {
  const broken = sources.reduce((sum, source) => sum + source.broken, 0)
  if (broken > 0 && !isSkippingBroken) throw new CodedFailure('TABLE_ROWS_BROKEN', toldFaults(faults, broken))
  if (sharedIds > 0) throw new CodedFailure('TABLE_IDS_SHARED', `${sharedIds} ids`)
}

const MOST_FAULTS_TOLD = 20

const toldFaults = (faults: readonly RowFault[], broken: number): string => {
  const told = faults.slice(0, MOST_FAULTS_TOLD).map(({ file, line, code }) => `\n  ${file}:${line}  ${code}`)
  const rest = broken - told.length
  return `${broken}:${told.join('')}${rest > 0 ? `\n  and ${rest} more` : ''}\n`
}

const countsOf = (source: Source): SourceCounts => ({
  source,
  records: 0,
  broken: 0,
  columns: Array.from(source.mapping.fields, ([column, kind]) => ({
    column,
    kind,
    filled: 0,
    dropped: { placeholder: 0, nobodys: 0, unreadable: 0 },
  })),
})

const rowReader = (counts: SourceCounts, context: Context): ((row: CsvRow) => PersonRow | RowFaultCode) => {
  const { source, columns } = counts
  const idAt = source.table.columns.indexOf(source.mapping.id)
  const places = columns.map((column) => ({ column, at: source.table.columns.indexOf(column.column) }))
  return (row) => {
    if ('fault' in row) return row.fault
    const written = detached(row.cells[idAt]?.trim() ?? '')
    if (written === '') return 'ROW_WITHOUT_ID'
    const id = context.isQualifying ? `${source.name}:${written}` : written
    const seen = context.ids.get(id)
    if (seen === context.at) return 'ROW_ID_REPEATED'
    if (seen !== undefined) context.reading.sharedIds += 1
    context.ids.set(id, context.at)
    counts.records += 1
    const values: Partial<Record<FieldKind, string>> = {}
    for (const { column, at } of places) addValue(values, column, row.cells[at] ?? '', source.dateOrder)
    return { id, source: source.name, values }
  }
}

/** Several columns of one kind come as one value, a line each. */
const addValue = (
  values: Partial<Record<FieldKind, string>>,
  column: ColumnCounts,
  cell: string,
  order: DateOrder,
): void => {
  if (cell === '') return
  const cleaned = cleanValue(column.kind, cell, order)
  if ('dropped' in cleaned) column.dropped[cleaned.dropped] += 1
  else if (cleaned.value !== '') {
    column.filled += 1
    const before = values[column.kind]
    values[column.kind] = before === undefined ? cleaned.value : `${before}\n${cleaned.value}`
  }
}
