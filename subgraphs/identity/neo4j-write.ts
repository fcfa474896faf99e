import type { ManagedTransaction } from 'neo4j-driver'
import type { RecordNode } from './graph/decision.ts'
import { NODE, type NodeRow, nodeOf } from './neo4j-graph-rows.ts'
import { type IdentityWriter, type ResolvedRecord, recordKey } from './store.ts'

/** What records say, in the caller's transaction. Statements take all rows at once (`UNWIND`), not one row each. */
export const writeNeo4jRecords = (
  transaction: ManagedTransaction,
  tenant: string,
): Pick<IdentityWriter, 'putRecords' | 'markGone'> => {
  const run = async (cypher: string, parameters: Record<string, unknown>) =>
    (await transaction.run(cypher, { tenant, ...parameters })).records
  return {
    async putRecords(records, at) {
      if (records.length === 0) return []
      await run(FORGET_GONE, { seeds: records.map(({ seed }) => seed) })
      const base = await takeNumbers(transaction, tenant, records.length)
      const rows = records.map((record, index) => recordRow(record, base + index + 1))
      const put = await run(PUT_RECORDS, { rows, at })
      const nodes = new Map(put.map((row) => nodeEntry(row.toObject() as NodeRow)))
      // Whoever has another number than was taken for it was there before.
      const fresh = rows.filter(({ key, id }) => nodes.get(key)?.id === id)
      const replaced = rows.filter(({ key, id }) => nodes.get(key)?.id !== id)
      if (fresh.length > 0) await run(OWN_RECORDS, { rows: fresh })
      if (replaced.length > 0) await run(DROP_EDGES, { keys: replaced.map(({ key }) => key) })
      await putEdges(records, run)
      return rows.flatMap(({ key }) => nodes.get(key) ?? [])
    },
    async markGone(id, { at, heirBy }) {
      const [row] = await run(`MATCH (r:Record {tenant: $tenant, id: toInteger($id)}) RETURN r.key AS key`, {
        id,
      })
      await run(DROP_EDGES, { keys: [row?.get('key') as string] })
      await run(MARK_GONE, { id, at, heirBy })
    },
  }
}

type Run = (cypher: string, parameters: Record<string, unknown>) => Promise<unknown>

async function putEdges(records: readonly ResolvedRecord[], run: Run): Promise<void> {
  const edges = {
    [HAS]: edgesOf(records, ({ identifiers }) => identifiers),
    [USES]: edgesOf(records, ({ devices }) => latest(devices)),
    [WORKS_FOR]: edgesOf(records, ({ account }) => (account === null ? [] : [{ id: account }])),
    [LIVES_IN]: edgesOf(records, ({ household }) => (household === null ? [] : [{ id: household }])),
  }
  for (const [cypher, found] of Object.entries(edges))
    // oxlint-disable-next-line no-await-in-loop -- a transaction runs one statement at a time
    if (found.length > 0) await run(cypher, { edges: found })
}

const nodeEntry = (row: NodeRow): [string, RecordNode] => {
  const node = nodeOf(row)
  return [node.key ?? '', node]
}

/** Writers of one tenant take turns from here to the end of their transaction: owners follow from all decisions there are. */
export const lockGraph = async (transaction: ManagedTransaction, tenant: string): Promise<void> =>
  void (await takeNumbers(transaction, tenant, 0))

/** The counter is also the lock: writers of one tenant take turns from here to the end of their transaction. */
async function takeNumbers(transaction: ManagedTransaction, tenant: string, count: number): Promise<number> {
  const { records } = await transaction.run(
    `MERGE (c:IdentityCounter {tenant: $tenant, name: 'order'}) ON CREATE SET c.last = 0
     SET c.last = c.last + toInteger($count) RETURN c.last - toInteger($count) AS base`,
    { tenant, count },
  )
  return Number(records[0]?.get('base'))
}

const recordRow = (record: ResolvedRecord, id: number) => {
  const { source, recordId, seed, pid, region, language, says } = record
  const properties = { source, recordId, region, language, says }
  return { key: recordKey(record), id, seed, pid, properties }
}

const edgesOf = <T extends object>(
  records: readonly ResolvedRecord[],
  read: (record: ResolvedRecord) => readonly T[],
) => records.flatMap((record) => read(record).map((target) => ({ key: recordKey(record), ...target })))

/** A source may tell of one device twice; the last time it was seen counts. */
const latest = (devices: ResolvedRecord['devices']): ResolvedRecord['devices'] => [
  ...new Map(
    devices.toSorted((a, b) => (a.lastSeen < b.lastSeen ? -1 : 1)).map((device) => [device.id, device]),
  ).values(),
]

/** A record that was gone and comes again is a new one, and takes its pid back. */
const FORGET_GONE = `MATCH (r:Record {tenant: $tenant}) WHERE r.seed IN $seeds AND r.goneAt IS NOT NULL
  SET r.seed = r.seed + '~' + toString(r.id)
  WITH r MATCH (:Person)-[owns:OWNS]->(r) DELETE owns`

/** Replacing keeps the number: a record that comes again stays where it was. */
const PUT_RECORDS = `UNWIND $rows AS row
  MERGE (r:Record {tenant: $tenant, key: row.key})
  ON CREATE SET r.id = toInteger(row.id), r.seed = row.seed, r.wasPerson = row.seed = row.pid, r.since = $at
  SET r += row.properties
  WITH r, row OPTIONAL MATCH (p:Person)-[:OWNS]->(r)
  RETURN ${NODE('r', 'coalesce(p.pid, row.pid)')}`

/** A person is there as long as somebody owns records, and stands where the record is that the pid is the seed of. */
const OWN_RECORDS = `UNWIND $rows AS row
  MATCH (r:Record {tenant: $tenant, key: row.key}) WHERE NOT EXISTS { (:Person)-[:OWNS]->(r) }
  MERGE (p:Person {tenant: $tenant, pid: row.pid}) ON CREATE SET p.position = r.id
  CREATE (p)-[:OWNS]->(r)`

const MARK_GONE = `MATCH (r:Record {tenant: $tenant, id: toInteger($id)})
  SET r.goneAt = $at, r.heirBy = $heirBy, r.key = null, r.source = null, r.recordId = null, r.region = null,
    r.language = null, r.says = null
  WITH r MATCH (r)-[same:SAME]-() DELETE same`

/** What no record points at any more goes too: a token without a record is data about nobody we serve. */
const DROP_EDGES = `MATCH (r:Record {tenant: $tenant})-[edge:HAS|USES|WORKS_FOR|LIVES_IN]->(target) WHERE r.key IN $keys
  DELETE edge WITH DISTINCT target WHERE NOT EXISTS { (target)<--() } DELETE target`

const HAS = `UNWIND $edges AS edge
  MATCH (r:Record {tenant: $tenant, key: edge.key})
  MERGE (i:Identifier {tenant: $tenant, token: edge.token}) ON CREATE SET i.kind = edge.kind
  CREATE (r)-[:HAS]->(i)`

const USES = `UNWIND $edges AS edge
  MATCH (r:Record {tenant: $tenant, key: edge.key})
  MERGE (d:Device {tenant: $tenant, id: edge.id})
  CREATE (r)-[:USES {kind: edge.kind, lastSeen: edge.lastSeen}]->(d)`

const WORKS_FOR = `UNWIND $edges AS edge
  MATCH (r:Record {tenant: $tenant, key: edge.key})
  MERGE (a:Account {tenant: $tenant, id: edge.id})
  CREATE (r)-[:WORKS_FOR]->(a)`

const LIVES_IN = `UNWIND $edges AS edge
  MATCH (r:Record {tenant: $tenant, key: edge.key})
  MERGE (h:Household {tenant: $tenant, id: edge.id})
  CREATE (r)-[:LIVES_IN]->(h)`
