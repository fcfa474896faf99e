import { CodedFailure } from '../coded-failure.ts'
import { readCsv, type CsvRow } from './csv.ts'
import { type ImportOptions, importRecords } from './import-records.ts'
import { recordKey } from './store.ts'
import type { CustomerRecord } from './store.ts'

export interface ImportReport {
  /** Rows that were read, without the header. */
  readonly rows: number
  readonly imported: number
  readonly newPeople: number
  /** Of somebody who was erased: they do not come back. */
  readonly erased: number
  readonly faults: readonly RowFault[]
}

/** Names the place and the column, never what was in it. */
interface RowFault {
  readonly line: number
  readonly problem: string
}

export interface CrmImportOptions extends ImportOptions {
  /** Where these people live, and whose national phone numbers these are. ISO 3166-1 alpha-2. */
  readonly region?: string
  /** Called after each batch with the rows read so far. */
  readonly onProgress?: (rows: number) => void
}

/** Imports a CRM export as it streams in. A row that cannot be read is reported and left out, the others come in. */
export async function importCrmCsv(
  stream: AsyncIterable<string | Uint8Array>,
  { region = '', onProgress, ...into }: CrmImportOptions,
): Promise<ImportReport> {
  const faults: RowFault[] = []
  const seen = new Set<string>()
  let [rows, imported, newPeople, erased] = [0, 0, 0, 0]
  let batch: CustomerRecord[] = []
  const flush = async (): Promise<void> => {
    const result = await importRecords(batch, into)
    imported += batch.length - result.refused
    erased += result.refused
    newPeople += result.newPeople
    batch = []
    onProgress?.(rows)
  }

  const lines = readCsv(stream)
  const read = rowReader(await lines.next(), region)
  for await (const row of lines) {
    rows += 1
    const outcome = read(row)
    const key = 'record' in outcome ? recordKey(outcome.record) : ''
    if ('problem' in outcome) faults.push({ line: row.line, problem: outcome.problem })
    else if (seen.has(key))
      faults.push({ line: row.line, problem: 'rec_id: this source has it on an earlier line' })
    else batch.push(outcome.record)
    seen.add(key)
    if (batch.length >= BATCH) await flush()
  }
  await flush()
  return { rows, imported, newPeople, erased, faults }
}

const BATCH = 2000

/**
 * The columns the product reads. What is not listed is dropped here, in the parser: `true_id` is the answer that
 * matching is scored against, and addresses are of no use to anybody yet (GDPR Art. 5(1)(c), data minimisation).
 */
const COLUMNS = [
  'rec_id',
  'source',
  'given_name',
  'surname',
  'email',
  'phone',
  'date_of_birth',
  'company',
] as const
const REQUIRED: readonly Column[] = ['rec_id', 'source']

type Column = (typeof COLUMNS)[number]
type Outcome = { readonly record: CustomerRecord } | { readonly problem: string }

function rowReader(header: IteratorResult<CsvRow>, region: string): (row: CsvRow) => Outcome {
  if (header.done === true) throw new CodedFailure('CRM_FILE_UNREADABLE', 'it is empty')
  if ('fault' in header.value)
    throw new CodedFailure('CRM_FILE_UNREADABLE', `line ${header.value.line}: ${header.value.fault}`)
  const names = header.value.cells.map((cell) => cell.trim().toLowerCase())
  const missing = COLUMNS.filter((column) => !names.includes(column))
  if (missing.length > 0)
    throw new CodedFailure('CRM_FILE_UNREADABLE', `line 1 does not name ${missing.join(', ')}`)
  const places = new Map(COLUMNS.map((column) => [column, names.indexOf(column)]))

  return (row) => {
    if ('fault' in row) return { problem: row.fault }
    if (row.cells.length !== names.length)
      return { problem: `${row.cells.length} cells, but the first line names ${names.length} columns` }
    const cell = (column: Column): string => row.cells[places.get(column) ?? -1]?.trim() ?? ''
    const empty = REQUIRED.find((column) => cell(column) === '')
    if (empty !== undefined) return { problem: `${empty}: is empty` }
    const date = cell('date_of_birth')
    if (date !== '' && !isCalendarDate(date))
      return { problem: 'date_of_birth: is not a date like 1990-02-09' }
    return { record: recordOf(cell, region) }
  }
}

const recordOf = (cell: (column: Column) => string, region: string): CustomerRecord => ({
  recordId: cell('rec_id'),
  source: cell('source'),
  givenName: cell('given_name'),
  familyName: cell('surname'),
  email: cell('email'),
  phone: cell('phone'),
  company: cell('company'),
  dateOfBirth: cell('date_of_birth'),
  region,
  devices: [],
})

/** A thirtieth of February is read as a day in March: what comes back must be what was written. */
function isCalendarDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
