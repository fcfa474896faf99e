import type { CustomerRecord } from './store.ts'
import type { RawRecord } from './vault/raw-record.ts'

/** What of a record goes into the vault: texts without what is around them, and no empty ones. */
export function rawOf(record: CustomerRecord): RawRecord {
  const said = TEXTS.flatMap((field) => {
    const text = record[field]?.replaceAll('\0', '').trim()
    return text ? [[field, text] as const] : []
  })
  const deviceIds = record.devices.map(({ id }) => id)
  const { source, recordId } = record
  return { source, recordId, ...Object.fromEntries(said), ...(deviceIds.length > 0 && { deviceIds }) }
}

const TEXTS = [
  'givenName',
  'familyName',
  'email',
  'phone',
  'loyalty',
  'dateOfBirth',
  'householdId',
  'company',
  'region',
] as const
