import type { RawRecord } from '../vault/raw-record.ts'

/** What can be asked for: each by itself, so that a warrant for an address does not also tell a birth date. */
export const RAW_FIELDS = {
  RECORD_ID: ({ recordId }) => [recordId],
  GIVEN_NAME: ({ givenName }) => [givenName],
  FAMILY_NAME: ({ familyName }) => [familyName],
  EMAIL: ({ email }) => [email],
  PHONE: ({ phone }) => [phone],
  LOYALTY: ({ loyalty }) => [loyalty],
  DATE_OF_BIRTH: ({ dateOfBirth }) => [dateOfBirth],
  HOUSEHOLD: ({ householdId }) => [householdId],
  COMPANY: ({ company }) => [company],
  DEVICES: ({ deviceIds }) => deviceIds ?? [],
} as const satisfies Record<string, (record: RawRecord) => readonly (string | undefined)[]>

export type RawField = keyof typeof RAW_FIELDS

export const isRawField = (name: string): name is RawField => Object.hasOwn(RAW_FIELDS, name)

/** Every value of the records in this field, each once. */
export function valuesOf(field: RawField, records: readonly RawRecord[]): readonly string[] {
  const read: (record: RawRecord) => readonly (string | undefined)[] = RAW_FIELDS[field]
  return [...new Set(records.flatMap((record) => read(record).flatMap((value) => value || [])))]
}
