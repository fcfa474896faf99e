import type { ManagedTransaction } from 'neo4j-driver'
import { recordKey } from './store.ts'
import type { ResolvedRecord } from './store.ts'

/** One batch in the caller's transaction. Statements take all rows at once (`UNWIND`), not one row each. */
export async function writeRecords(
  transaction: ManagedTransaction,
  tenant: string,
  records: readonly ResolvedRecord[],
): Promise<void> {
  const pids = [...new Set(records.map(({ pid }) => pid))]
  const base = await takeNumbers(transaction, tenant, pids.length + records.length)
  const people = pids.map((pid, index) => ({ pid, position: base + index + 1 }))
  const rows = records.map((record, index) => recordRow(record, base + pids.length + index + 1))
  const keys = rows.map(({ key }) => key)
  await transaction.run(PUT_PEOPLE, { tenant, people })
  await transaction.run(PUT_RECORDS, { tenant, rows })
  await transaction.run(OWN_RECORDS, { tenant, rows })
  await transaction.run(DROP_EDGES, { tenant, keys })
  await transaction.run(HAS, { tenant, edges: edgesOf(records, ({ identifiers }) => identifiers) })
  await transaction.run(USES, { tenant, edges: edgesOf(records, ({ devices }) => latest(devices)) })
  await transaction.run(WORKS_FOR, {
    tenant,
    edges: edgesOf(records, ({ account }) => (account === null ? [] : [account])),
  })
  await transaction.run(LIVES_IN, {
    tenant,
    edges: edgesOf(records, ({ household }) => (household === null ? [] : [{ id: household }])),
  })
}

/** The counter is also the lock: writers of one tenant take turns from here to the end of their transaction. */
async function takeNumbers(transaction: ManagedTransaction, tenant: string, count: number): Promise<number> {
  const { records } = await transaction.run(
    `MERGE (c:IdentityCounter {tenant: $tenant, name: 'order'}) ON CREATE SET c.last = 0
     SET c.last = c.last + toInteger($count) RETURN c.last - toInteger($count) AS base`,
    { tenant, count },
  )
  return Number(records[0]?.get('base'))
}

const recordRow = (record: ResolvedRecord, seq: number) => {
  const { source, recordId, givenName, familyName, email, phone, dateOfBirth, region, language, pid } = record
  const properties = { source, recordId, givenName, familyName, email, phone, dateOfBirth, region, language }
  return { key: recordKey(record), seq, pid, properties }
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

const PUT_PEOPLE = `UNWIND $people AS row
  MERGE (p:Person {tenant: $tenant, pid: row.pid}) ON CREATE SET p.position = toInteger(row.position)`

/** Replacing keeps `seq`: a record that comes again stays where it was. */
const PUT_RECORDS = `UNWIND $rows AS row
  MERGE (r:Record {tenant: $tenant, key: row.key}) ON CREATE SET r.seq = toInteger(row.seq)
  SET r += row.properties`

const OWN_RECORDS = `UNWIND $rows AS row
  MATCH (r:Record {tenant: $tenant, key: row.key}) WHERE NOT EXISTS { (:Person)-[:OWNS]->(r) }
  MATCH (p:Person {tenant: $tenant, pid: row.pid})
  CREATE (p)-[:OWNS]->(r)`

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
  CREATE (r)-[:WORKS_FOR {name: edge.name}]->(a)`

const LIVES_IN = `UNWIND $edges AS edge
  MATCH (r:Record {tenant: $tenant, key: edge.key})
  MERGE (h:Household {tenant: $tenant, id: edge.id})
  CREATE (r)-[:LIVES_IN]->(h)`
