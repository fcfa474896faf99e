import { Document, isSeq } from 'yaml'
import { CodedFailure } from '../../../coded-failure.ts'
import type { FieldKind } from '../person-row.ts'
import { fitOf } from './kind-of-values.ts'
import { ID_HEADERS, kindOfHeader, TRUTH_WORDS, wordsOf } from './kind-of-header.ts'
import type { TableMapping } from './mapping.ts'

/** A table as far as it was looked at. */
export interface TableSample {
  readonly file: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/**
 * What the columns seem to hold, by their names and by what stands in them. A name that its values speak against counts
 * for nothing; values alone are believed only where they cannot be anything else.
 */
export const proposeMapping = ({ file, columns, rows }: TableSample): TableMapping => {
  const valuesOf = (at: number): readonly string[] =>
    rows.map((row) => row[at]?.trim() ?? '').filter((value) => value !== '')
  const samples = columns.map((_, at) => valuesOf(at))
  const id = idColumn(columns, samples, rows.length)
  if (id === null)
    throw new CodedFailure('MATCH_MAPPING_NEEDED', `${file}: no column has a name and values like an id`)
  const kinds = new Map<string, FieldKind>()
  columns.forEach((column, at) => {
    if (column === '' || column === id) return
    const kind = kindOf(column, samples[at] ?? [])
    if (kind !== null) kinds.set(column, kind)
  })
  if (kinds.size === 0)
    throw new CodedFailure('MATCH_MAPPING_NEEDED', `${file}: no column says anything about a person`)
  const fields = namesSettled(kinds)
  return {
    id,
    fields,
    ignore: columns.filter((column) => column !== '' && column !== id && !fields.has(column)),
  }
}

/** As a mapping file says it, to be kept and corrected. */
export const mappingAsYaml = ({ id, fields, ignore }: TableMapping): string => {
  const document = new Document({ id, fields: Object.fromEntries(fields), ignore })
  const ignored = document.get('ignore')
  if (isSeq(ignored)) ignored.flow = true
  return document.toString({ lineWidth: 110, flowCollectionPadding: false })
}

const kindOf = (column: string, values: readonly string[]): FieldKind | null => {
  const named = kindOfHeader(column)
  if (named !== null && (fitOf(named, values) ?? 1) >= LEAST_FIT) return named
  return (fitOf('email', values) ?? 0) >= SURE_FIT ? 'email' : null
}

/** Of a named column's values, how many must look like it: files are full of errors. */
const LEAST_FIT = 0.6
const SURE_FIT = 0.9

/** "name" beside a given name is the family name, and "nome" beside a family name the given one. */
const namesSettled = (kinds: ReadonlyMap<string, FieldKind>): ReadonlyMap<string, FieldKind> => {
  const found = new Set(kinds.values())
  if (found.has('given_name') === found.has('family_name')) return kinds
  const other = found.has('given_name') ? 'family_name' : 'given_name'
  return new Map(
    Array.from(kinds, ([column, kind]) => [column, kind === 'full_name' ? other : kind] as const),
  )
}

const idColumn = (
  columns: readonly string[],
  samples: readonly (readonly string[])[],
  rows: number,
): string | null => {
  const isUnique = (at: number): boolean => {
    const values = samples[at] ?? []
    return values.length === rows && new Set(values).size === rows
  }
  const candidates = columns.filter(
    (column, at) => column !== '' && isUnique(at) && !wordsOf(column).some((word) => TRUTH_WORDS.has(word)),
  )
  const named = ID_HEADERS.flatMap((header) =>
    candidates.filter((column) => wordsOf(column).join(' ') === header),
  )
  const ending = candidates.filter((column) =>
    /^(id|key|nr|number|uuid|guid|no)$/.test(wordsOf(column).at(-1) ?? ''),
  )
  const unnamed = candidates.filter((column) => kindOfHeader(column) === null)
  return [...named, ...ending.filter((column) => kindOfHeader(column) === null), ...unnamed][0] ?? null
}
