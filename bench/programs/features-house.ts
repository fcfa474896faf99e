// The features subgraph alone, as it is built, over a PostgreSQL that is filled, in a process of its own.
import type { AddressInfo } from 'node:net'
import { subgraphKey } from '../../gateway/adapters/grant-signer.ts'
import type * as Database from '../../subgraphs/database.ts'
import type * as Migration from '../../subgraphs/features/migration.ts'
import type * as Store from '../../subgraphs/features/sql-store.ts'
import type * as Subgraph from '../../subgraphs/features/subgraph.ts'
import type * as Serve from '../../subgraphs/serve.ts'

/** What runs the sources of this bench names every function that is made, for each of thousands of fields. */
const built = (file: string): Promise<unknown> =>
  import(new URL(`../../dist/subgraphs/${file}`, import.meta.url).href)
const { connectPostgres } = (await built('database.js')) as typeof Database
const { featuresMigration } = (await built('features/migration.js')) as typeof Migration
const { createSqlFeaturesStore } = (await built('features/sql-store.js')) as typeof Store
const { createFeaturesSubgraph } = (await built('features/subgraph.js')) as typeof Subgraph
const { serveSubgraph } = (await built('serve.js')) as typeof Serve

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
