import type { RecordNode } from './graph/decision.ts'
import { nameOf } from './records-then.ts'
import type { StoredRecord } from './store.ts'
import type { RawRecord } from './vault/raw-record.ts'

/** One person as the graph shows them to anybody who may see the graph. What they are called is in the vault. */
export interface Customer {
  readonly pid: string
  readonly region: string | null
}

/**
 * Many records, one person: each value is that of the first record that has one. Simple on purpose, and the same
 * for every store, since the records come in the order they were imported.
 */
export const customerOf = (pid: string, records: readonly StoredRecord[]): Customer => ({
  pid,
  region: records.find(({ region }) => region !== null)?.region ?? null,
})

export interface Contact {
  readonly email: string | null
  readonly phone: string | null
}

export const contactOf = (records: readonly RawRecord[]): Contact => ({
  email: records.find(({ email }) => email !== undefined)?.email ?? null,
  phone: records.find(({ phone }) => phone !== undefined)?.phone ?? null,
})

/** Given name and initial ("Ada L."): enough to tell two people in a list apart, too little to find one elsewhere. */
export function displayNameOf(records: readonly RawRecord[]): string | null {
  for (const { givenName = '', familyName = '' } of records) {
    const [initial] = familyName
    const shown = [capitalised(givenName), ...(initial === undefined ? [] : [`${initial.toUpperCase()}.`])]
    const name = shown.join(' ').trim()
    if (name !== '') return name
  }
  return null
}

const capitalised = (name: string): string =>
  name === name.toLowerCase() ? name.replace(/(^|[\s-])\p{L}/gu, (letters) => letters.toUpperCase()) : name

/** Which record a field of a person is taken from. Never what stands in it. */
export interface FieldOrigin {
  readonly field: string
  readonly record: RecordNode
}

/** One for each field that some record has a value of; by the rules that answer the fields of `Customer`. */
const FIELDS: Readonly<Record<string, (records: readonly RawRecord[]) => string | null>> = {
  displayName: displayNameOf,
  region: (records) => records.find(({ region }) => region !== undefined)?.region ?? null,
  email: (records) => contactOf(records).email,
  phone: (records) => contactOf(records).phone,
}

/** The fields that this record has a value of. */
export const fieldsSaid = (record: RawRecord): readonly string[] =>
  Object.entries(FIELDS).flatMap(([field, read]) => (read([record]) === null ? [] : [field]))

export async function fieldOrigins(
  records: readonly RecordNode[],
  open: (name: string) => Promise<RawRecord | null>,
): Promise<readonly FieldOrigin[]> {
  const opened = await Promise.all(
    records.map(async (record) => {
      const [name] = nameOf(record)
      return { record, raw: name === undefined ? null : await open(name) }
    }),
  )
  return Object.entries(FIELDS).flatMap(([field, read]) => {
    const first = opened.find(({ raw }) => raw !== null && read([raw]) !== null)
    return first === undefined ? [] : [{ field, record: first.record }]
  })
}
