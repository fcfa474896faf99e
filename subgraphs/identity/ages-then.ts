import type { IdentityStore } from './store.ts'
import type { OpenedRecords, Vault } from './vault/vault.ts'

/** What one record says of how old somebody is, and by the law of which place that counts. */
export interface AgeThen {
  /** Whole years; null: nothing is said of it. `unreadable`: something is, and it cannot be read. */
  readonly age: number | 'unreadable' | null
  /** ISO 3166; null: nobody knows. */
  readonly region: string | null
}

export interface AskedAge {
  readonly pid: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** In the order asked: one for each record of the person; none of who has no record. */
export type AgesThen = (asked: readonly AskedAge[]) => Promise<readonly (readonly AgeThen[])[]>

/**
 * How old people were at a time, out of the vault: what leaves is a number of years, and never a birth date (GDPR Art. 5(1)(c)). A
 * record is that of the person it belongs to now, under whichever of their pids is asked.
 */
export const agesThenIn =
  (store: Pick<IdentityStore, 'records'>, vault: Pick<Vault, 'open'>): AgesThen =>
  async (asked) => {
    const records = await store.records([...new Set(asked.map(({ pid }) => pid))])
    const names = [...new Set([...records.values()].flat().map(({ recordId }) => recordId))]
    const opened = await vault.open(names)
    const refused = new Set(opened.refused)
    return asked.map(({ pid, at }) =>
      (records.get(pid) ?? []).map(({ recordId, region }) => ({
        region,
        age: refused.has(recordId) ? 'unreadable' : ageAt(bornOn(recordId, opened), at),
      })),
    )
  }

const bornOn = (name: string, { records }: OpenedRecords): string | null =>
  records.get(name)?.dateOfBirth ?? null

/** Birthdays that somebody has had, by the place on earth where the day begins last: nobody is taken for older than they are. */
function ageAt(born: string | null, at: number): AgeThen['age'] {
  if (born === null) return null
  const date = /^(\d{4})(-\d{2}-\d{2})$/.exec(born)
  if (date === null || Number.isNaN(Date.parse(born))) return 'unreadable'
  const today = new Date(at - LAST_DAWN_MS).toISOString()
  const [, year = '', day = ''] = date
  const hadBirthday = today.slice(4, 10) >= day
  return Number(today.slice(0, 4)) - Number(year) - (hadBirthday ? 0 : 1)
}

/** UTC−12. */
const LAST_DAWN_MS = 12 * 3_600_000
