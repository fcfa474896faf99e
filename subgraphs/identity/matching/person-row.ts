/** What a column of a source may hold. Everything else in a row is not read. */
export const FIELD_KINDS = [
  'given_name',
  'family_name',
  'full_name',
  'date_of_birth',
  'email',
  'phone',
  'house_number',
  'street',
  'postcode',
  'city',
  'region',
  'national_id',
  'company',
] as const

export type FieldKind = (typeof FIELD_KINDS)[number]

/**
 * One row of one source, as it was written: matching folds, parses and drops placeholders itself.
 * Several columns of one kind (two address lines) come as one value, a line each.
 */
export interface PersonRow {
  /** Unique among all rows that are matched together. */
  readonly id: string
  readonly source: string
  readonly values: Readonly<Partial<Record<FieldKind, string>>>
}
