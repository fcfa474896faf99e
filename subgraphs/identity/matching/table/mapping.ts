import { parse } from 'yaml'
import { CodedFailure } from '../../../coded-failure.ts'
import { FIELD_KINDS, type FieldKind } from '../person-row.ts'
import { nearestName } from './nearest-name.ts'

/** What the columns of a table hold. */
export interface TableMapping {
  readonly id: string
  readonly fields: ReadonlyMap<string, FieldKind>
  /** Columns somebody decided to leave out; what is in neither list is left out, too. */
  readonly ignore: readonly string[]
}

/** Reads `id: <column>`, `fields: {<column>: <kind>}`, `ignore: [<column>…]`. `place` is named in faults. */
export const readTableMapping = (text: string, place: string): TableMapping => {
  const invalid = (problem: string): CodedFailure =>
    new CodedFailure('MATCH_MAPPING_INVALID', `${place}: ${problem}`)
  const document = mapOf(parsed(text, invalid))
  if (document === null) throw invalid('it is not a map')
  const { id, fields, ignore = [], ...others } = document
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw invalid(`${unknown} is none of id, fields, ignore`)
  if (typeof id !== 'string' || id === '') throw invalid('id has to name a column')
  const kinds = mapOf(fields)
  if (kinds === null || Object.keys(kinds).length === 0) throw invalid('fields has to name columns')
  if (!Array.isArray(ignore) || !ignore.every((column): column is string => typeof column === 'string'))
    throw invalid('ignore has to be a list of columns')
  return {
    id,
    fields: new Map(Object.entries(kinds).map(([column, kind]) => [column, kindOf(column, kind, invalid)])),
    ignore,
  }
}

/** Every column that is to be read must be in the table, and be one thing only. What is left out need not be there. */
export const checkMapping = (mapping: TableMapping, columns: readonly string[], place: string): void => {
  const read = [mapping.id, ...mapping.fields.keys()]
  for (const column of read) {
    if (columns.includes(column)) continue
    const near = nearestName(column, columns)
    throw new CodedFailure(
      'MATCH_MAPPING_INVALID',
      `${place}: there is no column ${column}${near === null ? '' : `; did you mean ${near}?`}`,
    )
  }
  const named = [...read, ...mapping.ignore]
  const twice = named.find((column, at) => named.indexOf(column) !== at)
  if (twice !== undefined)
    throw new CodedFailure('MATCH_MAPPING_INVALID', `${place}: column ${twice} is named twice`)
}

type Invalid = (problem: string) => CodedFailure

const parsed = (text: string, invalid: Invalid): unknown => {
  try {
    return parse(text, { schema: 'core', maxAliasCount: 0 })
  } catch {
    throw invalid('it is not YAML')
  }
}

const mapOf = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null

const kindOf = (column: string, kind: unknown, invalid: Invalid): FieldKind => {
  const known = FIELD_KINDS.find((name) => name === kind)
  if (known !== undefined) return known
  const near = typeof kind === 'string' ? nearestName(kind, FIELD_KINDS) : null
  throw invalid(
    `the kind of ${column} is none of ${FIELD_KINDS.join(', ')}${near === null ? '' : `; did you mean ${near}?`}`,
  )
}
