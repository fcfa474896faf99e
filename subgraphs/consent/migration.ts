import type { Migration } from '../database.ts'
import { firstSeenStatements } from './door/sql-first-seen.ts'
import { leaseLengths, leaseRenewals, leaseStatements } from './leases/sql-lease-store.ts'
import { linkStatements } from './links/sql-link-tables.ts'
import { outboxStatements, voidDeliveries } from './outbox/sql-outbox.ts'
import { summaryStatements } from './outbox/sql-summaries.ts'
import { CHANGE_EXPIRY, CHANGE_ORIGIN, RECEIPT_TABLES } from './receipts/sql-tables.ts'
import { headsOfPeople } from './sql-heads-of-people.ts'
import { timeMarkStatements } from './sql-time-mark.ts'

/** The tables of the consent subgraph, room by room. A room appends its statements here; what was released stays. */
export const consentMigration: Migration = {
  schema: 'consent',
  role: 'assent_consent',
  statements: [
    ...RECEIPT_TABLES,
    ...leaseStatements,
    ...outboxStatements,
    ...firstSeenStatements,
    ...CHANGE_ORIGIN,
    ...voidDeliveries,
    ...leaseRenewals,
    ...summaryStatements,
    ...timeMarkStatements,
    ...linkStatements,
    ...CHANGE_EXPIRY,
    ...headsOfPeople,
    ...leaseLengths,
  ],
}
