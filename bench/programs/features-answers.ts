// What the features subgraph answers, as it is built, without a wire: GraphQL with its directives over a PostgreSQL that is filled.
import { text } from 'node:stream/consumers'
import type { Grant } from '../../directives/grant.ts'
import type * as Database from '../../subgraphs/database.ts'
import type * as Quick from '../../subgraphs/execute/quick-operations.ts'
import type * as Migration from '../../subgraphs/features/migration.ts'
import type * as Store from '../../subgraphs/features/sql-store.ts'
import type * as Subgraph from '../../subgraphs/features/subgraph.ts'
import type * as Schema from '../../subgraphs/subgraph-schema.ts'

/** What is to be asked, and with whose grant. */
export interface AnswersAsked {
  readonly query: string
  readonly grant: Grant
  /** Who is asked about, so many a question, one question after the other. */
  readonly people: readonly string[]
  readonly atOnce: number
  readonly questions: number
}

const built = (file: string): Promise<unknown> =>
  import(new URL(`../../dist/subgraphs/${file}`, import.meta.url).href)
const { connectPostgres } = (await built('database.js')) as typeof Database
const { featuresMigration } = (await built('features/migration.js')) as typeof Migration
const { createSqlFeaturesStore } = (await built('features/sql-store.js')) as typeof Store
const { createFeaturesSubgraph } = (await built('features/subgraph.js')) as typeof Subgraph
const { subgraphSchema } = (await built('subgraph-schema.js')) as typeof Schema
const { quickOperations } = (await built('execute/quick-operations.js')) as typeof Quick

const { query, grant, people, atOnce, questions } = JSON.parse(await text(process.stdin)) as AnswersAsked
const engine = await connectPostgres(process.env['BENCH_POSTGRES_URL'] ?? '')
const store = createSqlFeaturesStore(engine.database<never>(featuresMigration))
const subgraph = createFeaturesSubgraph({ store, clock: Date.now })
const ask = quickOperations(subgraphSchema(subgraph))

const took: number[] = []
for (let turn = 0; turn < questions; turn += 1) {
  const asked = Array.from({ length: atOnce }, (_, n) => ({
    __typename: 'Customer',
    pid: people[(turn * atOnce + n) % people.length],
  }))
  const context = { grant, loaders: subgraph.loaders?.(), clock: Date.now }
  const begun = performance.now()
  // oxlint-disable-next-line no-await-in-loop -- one question after the other
  const answer = await ask({ query, variables: { people: asked }, context, isGateways: true })
  const written = JSON.stringify(answer)
  took.push(performance.now() - begun)
  if (written.length < atOnce * 100) throw new Error(`Not everybody was answered: ${written}`)
}
await engine.close()
process.stdout.write(JSON.stringify(took))
