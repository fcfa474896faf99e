import type { ManagedTransaction } from 'neo4j-driver'
import type { GraphWriter, RecordRename, Renaming } from './graph/graph-port.ts'

/** Names under another key, in the caller's transaction. */
export function renameInNeo4j(
  transaction: ManagedTransaction,
  tenant: string,
): Pick<GraphWriter, 'renameRecords' | 'forgetElderPids' | 'forgetGonePids'> {
  const run = (cypher: string, parameters: Record<string, unknown>) =>
    transaction.run(cypher, { tenant, ...parameters })
  return {
    async renameRecords(renames) {
      if (renames.length === 0) return
      await run(RENAME_SEEDS, { rows: pairs(renames, ({ seed }) => listOf(seed)) })
      await run(ADD_IDENTIFIERS, { rows: identifierRows(renames) })
      await run(DROP_IDENTIFIERS, { rows: identifierRows(renames.filter(({ keepsElders }) => !keepsElders)) })
      for (const [label, edge, read] of NAMED_NODES) {
        const rows = pairs(renames, read)
        // oxlint-disable-next-line no-await-in-loop -- one transaction runs one statement at a time
        await run(renameNodes(label), { rows })
        // oxlint-disable-next-line no-await-in-loop
        await run(moveEdges(label, edge), { rows })
      }
    },
    forgetElderPids: async (ids) => void (await run(FORGET_ELDER_PIDS, { ids })),
    forgetGonePids: async (ids) => void (await run(FORGET_GONE_PIDS, { ids })),
  }
}

/** Somebody else's record may have been written under the new name already: then the two nodes become one. */
const NAMED_NODES: readonly (readonly [
  label: string,
  edge: string,
  read: (rename: RecordRename) => readonly Renaming[],
])[] = [
  ['Device', 'USES', ({ devices }) => devices],
  ['Account', 'WORKS_FOR', ({ account }) => listOf(account)],
  ['Household', 'LIVES_IN', ({ household }) => listOf(household)],
]

const listOf = (renaming: Renaming | null): readonly Renaming[] => (renaming === null ? [] : [renaming])

const pairs = (renames: readonly RecordRename[], read: (rename: RecordRename) => readonly Renaming[]) =>
  renames.flatMap((rename) =>
    read(rename).flatMap(({ elders, newest }) => elders.map((elder) => ({ id: rename.id, elder, newest }))),
  )

const identifierRows = (renames: readonly RecordRename[]) =>
  renames.flatMap(({ id, identifiers }) =>
    identifiers.flatMap(({ kind, elders, newest }) => elders.map((elder) => ({ id, kind, elder, newest }))),
  )

const RENAME_SEEDS = `UNWIND $rows AS row
  MATCH (r:Record {tenant: $tenant, id: toInteger(row.id)}) WHERE r.seed = row.elder
  MERGE (f:FormerPid {tenant: $tenant, pid: row.elder}) MERGE (f)-[:NAMES]->(r)
  SET r.seed = row.newest
  WITH row MATCH (p:Person {tenant: $tenant, pid: row.elder}) SET p.pid = row.newest`

const ADD_IDENTIFIERS = `UNWIND $rows AS row
  MATCH (r:Record {tenant: $tenant, id: toInteger(row.id)})-[:HAS]->(:Identifier {tenant: $tenant, token: row.elder})
  MERGE (i:Identifier {tenant: $tenant, token: row.newest}) ON CREATE SET i.kind = row.kind
  MERGE (r)-[:HAS]->(i)`

const DROP_IDENTIFIERS = `UNWIND $rows AS row
  MATCH (r:Record {tenant: $tenant, id: toInteger(row.id)})-[has:HAS]->(i:Identifier {tenant: $tenant, token: row.elder})
  DELETE has WITH DISTINCT i WHERE NOT EXISTS { (i)<--() } DELETE i`

const renameNodes = (label: string): string => `UNWIND $rows AS row
  WITH DISTINCT row.elder AS elder, row.newest AS newest
  MATCH (n:${label} {tenant: $tenant, id: elder})
  WHERE NOT EXISTS { MATCH (:${label} {tenant: $tenant, id: newest}) } SET n.id = newest`

const moveEdges = (label: string, edge: string): string => `UNWIND $rows AS row
  WITH DISTINCT row.elder AS elder, row.newest AS newest
  MATCH (old:${label} {tenant: $tenant, id: elder}) MATCH (now:${label} {tenant: $tenant, id: newest})
  MATCH (r:Record)-[edge:${edge}]->(old)
  FOREACH (_ IN CASE WHEN EXISTS { (r)-[:${edge}]->(now) } THEN [] ELSE [1] END |
    CREATE (r)-[copy:${edge}]->(now) SET copy = properties(edge))
  DELETE edge WITH DISTINCT old WHERE NOT EXISTS { (old)<--() } DELETE old`

const FORGET_ELDER_PIDS = `UNWIND $ids AS id
  MATCH (:Record {tenant: $tenant, id: toInteger(id)})<-[:NAMES]-(f:FormerPid) DETACH DELETE f`

const FORGET_GONE_PIDS = `UNWIND $ids AS id
  MATCH (r:Record {tenant: $tenant, id: toInteger(id)}) WHERE r.goneAt IS NOT NULL
  SET r.seed = 'gone_' + toString(r.id) WITH r MATCH (:Person)-[owns:OWNS]->(r) DELETE owns`
