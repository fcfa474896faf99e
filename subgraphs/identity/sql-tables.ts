export interface IdentityTables {
  record: {
    seq: string
    source: string | null
    record_id: string | null
    seed: string
    pid: string | null
    was_person: boolean
    since: string
    gone_at: string | null
    heir_by: string | null
    given_name: string | null
    family_name: string | null
    email: string | null
    phone: string | null
    date_of_birth: string | null
    region: string | null
    language: string | null
    household: string | null
    account_id: string | null
    account_name: string | null
  }
}
