import { parse } from 'yaml'
import { CodedFailure } from '../../coded-failure.ts'

/** What a row can say. `key` tells rows apart that would else say the same; the rest is said of the receipt. */
export const ROW_FIELDS = [
  'key',
  'subject',
  'scope',
  'status',
  'at',
  'expiresAt',
  'channel',
  'region',
  'brand',
  'source',
  'surface',
  'actor',
  'noticeVersion',
  'noticeLanguage',
  'legalBasis',
  'controller',
  'recipients',
  'withdrawalMethod',
] as const

export type RowField = (typeof ROW_FIELDS)[number]

const REQUIRED: readonly RowField[] = ['subject', 'scope', 'status', 'at']

/** Where the value of a field is taken from: a column, perhaps with other words than ours, or the same for all rows. */
export type FieldSource =
  | { readonly column: string; readonly values: ReadonlyMap<string, string> | null }
  | { readonly constant: string }

export type Mapping = ReadonlyMap<RowField, FieldSource>

/** What holds without a mapping: columns are named as the fields are, and no other column may be there. */
export const OWN_NAMES: Mapping = new Map(
  ROW_FIELDS.map((field) => [field, { column: field, values: null }] as const),
)

/**
 * Reads `field: column`, `field: { column, values: { theirs: ours } }` and `field: { constant }`.
 * Throws `IMPORT_MAPPING_INVALID` with the first place that cannot be meant.
 */
export function readMapping(text: string): Mapping {
  const fields = Object.entries(mapOf(parsed(text), 'the document'))
  const mapping = new Map(fields.map(([field, source]) => [fieldNamed(field), sourceOf(source, field)]))
  for (const field of REQUIRED) if (!mapping.has(field)) throw invalid(`${field} is missing`)
  return mapping
}

function parsed(text: string): unknown {
  try {
    return parse(text, { schema: 'core', maxAliasCount: 0 })
  } catch {
    throw invalid('not YAML')
  }
}

function fieldNamed(name: string): RowField {
  const field = ROW_FIELDS.find((known) => known === name)
  if (field === undefined) throw invalid('a name that is not a field')
  return field
}

function sourceOf(source: unknown, field: string): FieldSource {
  if (typeof source === 'string' && source !== '') return { column: source, values: null }
  const { column, values, constant, ...others } = mapOf(source, field)
  if (Object.keys(others).length > 0) throw invalid(field)
  if (typeof constant === 'string' && column === undefined && values === undefined) return { constant }
  if (typeof column !== 'string' || column === '' || constant !== undefined) throw invalid(field)
  return { column, values: values === undefined ? null : wordsOf(values, field) }
}

function wordsOf(values: unknown, field: string): ReadonlyMap<string, string> {
  const words = Object.entries(mapOf(values, `${field}.values`))
  return new Map(
    words.map(([theirs, ours]) => {
      if (typeof ours !== 'string') throw invalid(`${field}.values`)
      return [theirs, ours]
    }),
  )
}

function mapOf(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(place)
  return value as Readonly<Record<string, unknown>>
}

function invalid(place: string): CodedFailure {
  return new CodedFailure('IMPORT_MAPPING_INVALID', place)
}
