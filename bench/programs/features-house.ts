// The features subgraph alone, over a PostgreSQL that is filled, in a process of its own.
import type { AddressInfo } from 'node:net'
import { subgraphKey } from '../../gateway/adapters/grant-signer.ts'
import { connectPostgres } from '../../subgraphs/database.ts'
import { featuresMigration } from '../../subgraphs/features/migration.ts'
import { createSqlFeaturesStore } from '../../subgraphs/features/sql-store.ts'
import { createFeaturesSubgraph } from '../../subgraphs/features/subgraph.ts'
import { serveSubgraph } from '../../subgraphs/serve.ts'

const { BENCH_POSTGRES_URL: url = '', BENCH_SECRET: secret = '' } = process.env

const engine = await connectPostgres(url)
const store = createSqlFeaturesStore(engine.database<never>(featuresMigration))
const app = await serveSubgraph({
  ...createFeaturesSubgraph({ store, clock: Date.now }),
  name: 'features',
  grantKey: subgraphKey(secret, 'features'),
  clock: Date.now,
})
await app.listen({ host: '127.0.0.1', port: 0 })
console.log(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
