import { createSqlLeaseStore } from '../../../subgraphs/consent/leases/sql-lease-store.ts'
import { consentMigration } from '../../../subgraphs/consent/migration.ts'
import { createSqlConsentStore } from '../../../subgraphs/consent/sql-store.ts'
import { createConsentSubgraph } from '../../../subgraphs/consent/subgraph.ts'
import { connectPostgres } from '../../../subgraphs/database.ts'
import { serveSubgraph } from '../../../subgraphs/serve.ts'
import { createReceiptKeys, type ReceiptSecrets } from '../../../subgraphs/consent/receipts/receipt-keys.ts'

// One of several replicas of the consent service before one database.
process.once('disconnect', () => process.exit())

const [database = '', grantKey = '', secrets = ''] = process.argv.slice(2)
const db = (await connectPostgres(database)).database<unknown>(consentMigration)
const subgraph = createConsentSubgraph({
  store: createSqlConsentStore(db, createReceiptKeys(JSON.parse(secrets) as ReceiptSecrets)),
  leases: createSqlLeaseStore(db),
  lookEveryMs: 50,
})
const app = await serveSubgraph({ ...subgraph, name: 'consent', grantKey, clock: Date.now })
process.send?.({ url: await app.listen({ host: '127.0.0.1', port: 0 }) })
