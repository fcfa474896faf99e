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
    region: string | null
    language: string | null
    household: string | null
    account_id: string | null
    says: readonly string[] | null
  }
}
