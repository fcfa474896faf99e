import type { Generated } from 'kysely'

export interface IdentityTables {
  person: { pid: string; position: Generated<string> }
  record: {
    seq: Generated<string>
    source: string
    record_id: string
    pid: string
    given_name: string
    family_name: string
    email: string | null
    phone: string | null
    date_of_birth: string | null
    region: string | null
    language: string | null
    household: string | null
    account_id: string | null
    account_name: string | null
  }
  has: { record: string; kind: 'EMAIL' | 'PHONE' | 'LOYALTY'; token: string }
  device: { record: string; id: string; kind: string; last_seen: string }
}
