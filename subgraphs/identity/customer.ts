import type { StoredRecord } from './store.ts'

/** One person as the graph shows them to anybody who may see the graph. */
export interface Customer {
  readonly pid: string
  readonly displayName: string | null
  readonly region: string | null
}

/**
 * Many records, one person: each value is that of the first record that has one. Simple on purpose, and the same
 * for every store, since the records come in the order they were imported.
 */
export const customerOf = (pid: string, records: readonly StoredRecord[]): Customer => ({
  pid,
  displayName: firstOf(records, displayNameOf),
  region: firstOf(records, (record) => record.region),
})

function firstOf(
  records: readonly StoredRecord[],
  read: (record: StoredRecord) => string | null,
): string | null {
  for (const record of records) {
    const value = read(record)
    if (value !== null) return value
  }
  return null
}

/** Given name and initial ("Ada L."): enough to tell two people in a list apart, too little to find one elsewhere. */
function displayNameOf({ givenName, familyName }: StoredRecord): string | null {
  const [initial] = familyName
  const name = [capitalised(givenName), ...(initial === undefined ? [] : [`${initial.toUpperCase()}.`])].join(
    ' ',
  )
  return name.trim() || null
}

const capitalised = (name: string): string =>
  name === name.toLowerCase() ? name.replace(/(^|[\s-])\p{L}/gu, (letters) => letters.toUpperCase()) : name
