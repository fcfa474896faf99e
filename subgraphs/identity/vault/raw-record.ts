/** What a source system says about one customer and could tell who it is. It is read in the vault and nowhere else. */
export interface RawRecord {
  readonly source: string
  /** Unique within its source, and in some sources a name, an e-mail address or a number of a person. */
  readonly recordId: string
  readonly givenName?: string
  readonly familyName?: string
  readonly email?: string
  readonly phone?: string
  readonly loyalty?: string
  /** ISO 8601 date, `1990-02-09`. */
  readonly dateOfBirth?: string
  readonly householdId?: string
  readonly company?: string
  readonly deviceIds?: readonly string[]
  /** Names nobody, and says whose national phone number this is. ISO 3166-1 alpha-2. */
  readonly region?: string
}
