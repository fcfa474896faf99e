import neo4j, { type Driver, type ManagedTransaction, Neo4jError } from 'neo4j-driver'
import { CodedFailure } from '../coded-failure.ts'
import { type Owned, groupByPid } from './group-by-pid.ts'
import { NAMED_BY_PID, readNeo4jGraph, writeNeo4jGraph } from './neo4j-graph.ts'
import { renameInNeo4j } from './neo4j-rename.ts'
import { lockGraph, writeNeo4jRecords } from './neo4j-write.ts'
import { CONNECTED_STEPS, MOST_CARRIERS } from './store.ts'
import type {
  Carrier,
  ConnectedRecord,
  IdentityStore,
  PeoplePage,
  StoredAccount,
  StoredDevice,
  StoredHousehold,
  StoredIdentifier,
  StoredRecord,
} from './store.ts'

export interface Neo4jOptions {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly database?: string
  /** Graphs of different tenants in one database do not see one another. */
  readonly tenant?: string
  /** How long a change that could not be made is tried again; default: the driver's, half a minute. */
  readonly retryMs?: number
}

/**
 * The identity graph on Neo4j 5.26 or later, community edition is enough:
 * `(:Person)-[:OWNS]->(:Record)-[:HAS]->(:Identifier)`, `(:Record)-[:USES]->(:Device)`, `-[:WORKS_FOR]->(:Account)`,
 * `-[:LIVES_IN]->(:Household)`; `(:Unmerge)-[:UNDOES]->(:Decision)-[:ABOUT]->(:Record)`, and where a decision is in force
 * `(:Record)-[:SAME]->(:Record)`. Every node carries its tenant: community edition has one database for all.
 */
export async function createNeo4jIdentityStore(options: Neo4jOptions): Promise<IdentityStore> {
  const { url, user, password, database, retryMs, tenant = 'default' } = options
  // Positions and counts are far below 2^53, so JavaScript numbers it is, everywhere.
  const driver = neo4j.driver(url, neo4j.auth.basic(user, password), {
    disableLosslessIntegers: true,
    ...(retryMs !== undefined && { maxTransactionRetryTime: retryMs }),
  })
  const session = () => driver.session(database === undefined ? {} : { database })
  try {
    await createConstraints(session())
    await refuseRawRecords(session(), tenant)
  } catch (error) {
    await driver.close()
    throw error
  }

  /** Managed: a transient failure or a lost leader is tried again by the driver. */
  const managed = async <T>(mode: 'executeRead' | 'executeWrite', work: Work<T>): Promise<T> => {
    const open = session()
    try {
      return await open[mode](work)
    } catch (error) {
      throw isAway(error) ? new CodedFailure('GRAPH_UNAVAILABLE', 'Neo4j') : error
    } finally {
      await open.close()
    }
  }
  return {
    ...readIdentity(tenant, (work) => managed('executeRead', work)),
    look: (work) => managed('executeRead', (transaction) => work(readNeo4jGraph(transaction, tenant))),
    change: (work) =>
      managed('executeWrite', async (transaction) => {
        await lockGraph(transaction, tenant)
        const graph = writeNeo4jGraph(transaction, tenant)
        return work({
          ...graph,
          ...writeNeo4jRecords(transaction, tenant),
          ...renameInNeo4j(transaction, tenant),
        })
      }),
    close: () => driver.close(),
  }
}

/** The driver has tried for as long as it was told to. */
const isAway = (error: unknown): boolean =>
  error instanceof Neo4jError && (error.code === 'ServiceUnavailable' || error.code === 'SessionExpired')

type Work<T> = (transaction: ManagedTransaction) => Promise<T>
type Read = <T>(work: Work<T>) => Promise<T>

function readIdentity(tenant: string, read: Read): Omit<IdentityStore, 'look' | 'change' | 'close'> {
  const rows = <R>(cypher: string, parameters: Record<string, unknown>): Promise<R[]> =>
    read((transaction) => run<R>(transaction, cypher, { tenant, ...parameters }))
  const grouped = async <T extends object>(cypher: string, pids: readonly string[]) =>
    groupByPid<T>(await rows<Owned<T>>(cypher, { pids }))

  return {
    records: (pids) => grouped<StoredRecord>(RECORDS, pids),
    identifiers: (pids) => grouped<StoredIdentifier>(IDENTIFIERS, pids),
    devices: (pids) => grouped<StoredDevice>(DEVICES, pids),
    accounts: (pids) => grouped<StoredAccount>(ACCOUNTS, pids),
    async households(pids) {
      const found = await rows<Owned<StoredHousehold>>(HOUSEHOLDS, { pids })
      return new Map(found.map(({ pid, id, members }) => [pid, { id, members }]))
    },
    page: (first, after) => read((transaction) => page(transaction, { tenant, first, after })),
    async holders(tokens) {
      const found = await rows<{ token: string; pids: string[] }>(HOLDERS, { tokens })
      return new Map(found.map(({ token, pids }) => [token, pids]))
    },
    async carriers(tokens) {
      const found = await rows<{ token: string; carriers: Carrier[] }>(CARRIERS, { tokens })
      return new Map(found.map(({ token, carriers }) => [token, carriers]))
    },
    async owners(keys) {
      const found = await rows<{ key: string; pid: string }>(OWNERS, { keys })
      return new Map(found.map(({ key, pid }) => [key, pid]))
    },
    connected: (pid) => read((transaction) => connected(transaction, { tenant, pid })),
  }
}

const run = async <R>(
  transaction: ManagedTransaction,
  cypher: string,
  parameters: Record<string, unknown>,
): Promise<R[]> => (await transaction.run(cypher, parameters)).records.map((record) => record.toObject() as R)

/** Uniqueness is all community edition can promise; that a property is there, the write has to see to. */
const CONSTRAINTS = Object.entries({
  person: ['Person', 'pid'],
  record: ['Record', 'key'],
  record_id: ['Record', 'id'],
  record_seed: ['Record', 'seed'],
  identifier: ['Identifier', 'token'],
  device: ['Device', 'id'],
  account: ['Account', 'id'],
  household: ['Household', 'id'],
  identitycounter: ['IdentityCounter', 'name'],
  decision: ['Decision', 'id'],
  unmerge: ['Unmerge', 'id'],
  separation: ['Separation', 'id'],
  possible_match: ['PossibleMatch', 'id'],
  untold_change: ['UntoldChange', 'id'],
  former_pid: ['FormerPid', 'pid'],
}).map(
  ([name, [label, key]]) =>
    `CREATE CONSTRAINT assent_${name} IF NOT EXISTS FOR (n:${label}) REQUIRE (n.tenant, n.${key}) IS UNIQUE`,
)

const INDEXES = Object.entries({
  person_position: ['Person', 'position'],
  decision_consent: ['Decision', 'consent'],
  possible_match_open: ['PossibleMatch', 'openAt'],
}).map(
  ([name, [label, key]]) =>
    `CREATE INDEX assent_${name} IF NOT EXISTS FOR (n:${label}) ON (n.tenant, n.${key})`,
)

async function createConstraints(session: ReturnType<Driver['session']>): Promise<void> {
  try {
    for (const statement of [...CONSTRAINTS, ...INDEXES]) {
      // eslint-disable-next-line no-await-in-loop -- one session runs one statement at a time
      await session.run(statement)
    }
    await session.run('CALL db.awaitIndexes(60)')
  } finally {
    await session.close()
  }
}

/** A graph of a version that kept names and addresses in it is not taken over. Throws `SCHEMA_OF_ANOTHER_VERSION`. */
async function refuseRawRecords(session: ReturnType<Driver['session']>, tenant: string): Promise<void> {
  try {
    const { records } = await session.run(
      `MATCH (r:Record {tenant: $tenant}) WHERE r.givenName IS NOT NULL RETURN r.id LIMIT 1`,
      { tenant },
    )
    if (records.length > 0) throw new CodedFailure('SCHEMA_OF_ANOTHER_VERSION', 'Neo4j, raw values in it')
  } finally {
    await session.close()
  }
}

/** `asked` is the pid that was asked about; its record has an owner by now. */
const OWNED = `UNWIND $pids AS pid WITH DISTINCT pid ${NAMED_BY_PID}
  MATCH (named)<-[:OWNS]-(p:Person) WITH pid AS asked, p
  MATCH (p)-[:OWNS]->(r:Record) WHERE r.goneAt IS NULL`

const RECORDS = `${OWNED}
  RETURN asked AS pid, r.source AS source, r.recordId AS recordId, r.region AS region, r.language AS language
  ORDER BY r.id`

const IDENTIFIERS = `${OWNED} MATCH (r)-[:HAS]->(i:Identifier)
  WITH asked AS pid, i.kind AS kind, i.token AS token, r.source AS source, min(r.id) AS seq
  RETURN pid, kind, token, source ORDER BY seq, kind`

const DEVICES = `${OWNED} MATCH (r)-[used:USES]->(d:Device)
  WITH asked AS pid, d.id AS id, used ORDER BY used.lastSeen DESC
  WITH pid, id, head(collect(used)) AS last
  RETURN pid, id, last.kind AS kind, last.lastSeen AS lastSeen ORDER BY lastSeen DESC, id`

const ACCOUNTS = `${OWNED} MATCH (r)-[:WORKS_FOR]->(a:Account)
  WITH asked AS pid, a.id AS id, r ORDER BY r.id
  WITH pid, id, head(collect(r.recordId)) AS record, min(r.id) AS seq
  RETURN pid, id, record ORDER BY seq`

const HOUSEHOLDS = `${OWNED} MATCH (r)-[:LIVES_IN]->(h:Household)
  WITH asked, r, h ORDER BY r.id
  WITH asked, head(collect(h)) AS h
  MATCH (h)<-[:LIVES_IN]-(:Record)<-[:OWNS]-(member:Person)
  WITH asked, h, member ORDER BY member.position
  RETURN asked AS pid, h.id AS id, collect(DISTINCT member.pid) AS members`

const HOLDERS = `MATCH (i:Identifier {tenant: $tenant})<-[:HAS]-(r:Record)<-[:OWNS]-(p:Person) WHERE i.token IN $tokens
  WITH i.token AS token, p.pid AS pid, min(r.id) AS seq ORDER BY seq
  RETURN token, collect(pid) AS pids`

const CARRIERS = `UNWIND $tokens AS token MATCH (i:Identifier {tenant: $tenant, token: token})
  CALL { WITH i MATCH (i)<-[:HAS]-(r:Record) RETURN r ORDER BY r.id LIMIT ${MOST_CARRIERS} }
  MATCH (r)<-[:OWNS]-(p:Person) WITH token, r, p ORDER BY r.id
  RETURN token, collect({key: r.key, pid: p.pid}) AS carriers`

const OWNERS = `MATCH (p:Person)-[:OWNS]->(r:Record {tenant: $tenant}) WHERE r.key IN $keys
  RETURN r.key AS key, p.pid AS pid`

interface PageQuestion {
  readonly tenant: string
  readonly first: number
  readonly after: number
}

async function page(
  transaction: ManagedTransaction,
  { tenant, first, after }: PageQuestion,
): Promise<PeoplePage> {
  const people = await run<{ pid: string; position: number }>(
    transaction,
    `MATCH (p:Person {tenant: $tenant}) WHERE p.position > $after
     RETURN p.pid AS pid, p.position AS position ORDER BY p.position LIMIT $limit`,
    { tenant, after, limit: neo4j.int(first + 1) },
  )
  const [all] = await run<{ total: number }>(
    transaction,
    `MATCH (p:Person {tenant: $tenant}) RETURN count(p) AS total`,
    { tenant },
  )
  return { people: people.slice(0, first), hasNextPage: people.length > first, total: all?.total ?? 0 }
}

/**
 * One step a query, each over distinct identifiers: a variable-length pattern walks every path, and through an
 * identifier that ten thousand records share there are a hundred million of them.
 */
async function connected(
  transaction: ManagedTransaction,
  { tenant, pid }: { readonly tenant: string; readonly pid: string },
): Promise<readonly ConnectedRecord[]> {
  type Row = ConnectedRecord & { readonly key: string; readonly seq: number }
  const columns = `p.pid AS pid, r.key AS key, r.id AS seq, r.source AS source, r.recordId AS recordId`
  const reached = await run<Row>(transaction, `${OWNED} RETURN ${columns}, 0 AS distance ORDER BY seq`, {
    tenant,
    pids: [pid],
  })
  let frontier = reached.map(({ key }) => key)
  for (let distance = 1; distance <= CONNECTED_STEPS && frontier.length > 0; distance += 1) {
    // eslint-disable-next-line no-await-in-loop -- each step starts where the last one ended
    const next = await run<Row>(
      transaction,
      `MATCH (from:Record {tenant: $tenant})-[:HAS]->(i:Identifier) WHERE from.key IN $frontier
       WITH DISTINCT i MATCH (i)<-[:HAS]-(r:Record) WHERE NOT r.key IN $seen
       WITH DISTINCT r MATCH (p:Person)-[:OWNS]->(r)
       RETURN ${columns}, $distance AS distance ORDER BY seq`,
      { tenant, frontier, seen: reached.map(({ key }) => key), distance },
    )
    reached.push(...next)
    frontier = next.map(({ key }) => key)
  }
  return reached.map(({ source, recordId, pid: owner, distance }) => ({
    source,
    recordId,
    pid: owner,
    distance,
  }))
}
