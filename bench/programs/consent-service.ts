// The consent subgraph over a database that is filled already: one process, as in production.
import { createReceiptKeys } from '../../subgraphs/consent/receipts/receipt-keys.ts'
import { createSqlConsentStore } from '../../subgraphs/consent/sql-store.ts'
import { consentMigration } from '../../subgraphs/consent/migration.ts'
import { createConsentSubgraph } from '../../subgraphs/consent/subgraph.ts'
import { keptReceiptSecrets } from '../../subgraphs/consent/receipts/kept-receipt-secrets.ts'
import { connectPostgres, openPglite } from '../../subgraphs/database.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'

const {
  BENCH_POSTGRES_URL: url,
  BENCH_DIRECTORY: directory = '',
  BENCH_GRANT_KEY: grantKey = '',
} = process.env
const engine =
  url === undefined ? await openPglite({ dataDir: `${directory}/pglite` }) : await connectPostgres(url)
const keys = createReceiptKeys(keptReceiptSecrets(directory))
const store = createSqlConsentStore(engine.database(consentMigration), keys)
const app = await serveSubgraph({
  ...createConsentSubgraph({ store }),
  name: 'consent',
  grantKey,
  clock: Date.now,
})
console.log(await app.listen({ host: '127.0.0.1', port: 0 }))
process.once('SIGTERM', () => {
  void app
    .close()
    .then(() => engine.close())
    .then(() => process.exit())
})
