import neo4j, { type ManagedTransaction } from 'neo4j-driver'
import type { IdentityChange, MergeDecision, PossibleMatch, RecordNode } from './graph/decision.ts'
import type { GraphReader, GraphWriter, RecordFacts, Surroundings } from './graph/graph-port.ts'
import {
  type MatchRow,
  type MergeRow,
  NODE,
  NODE_MAP,
  type NodeRow,
  type StatementRow,
  isInForce,
  matchOf,
  mergeOf,
  mergeRow,
  nodeOf,
  sameRow,
  separationOf,
  statementRow,
  unmergeRow,
} from './neo4j-graph-rows.ts'

type Rows = <R>(cypher: string, parameters: Record<string, unknown>) => Promise<R[]>

const rowsOf =
  (transaction: ManagedTransaction, tenant: string): Rows =>
  async <R>(cypher: string, parameters: Record<string, unknown>) =>
    (await transaction.run(cypher, { tenant, ...parameters })).records.map((row) => row.toObject() as R)

/** Decisions and nodes as nodes; what never changes of a decision in one property, what may in properties of their own. */
export function readNeo4jGraph(transaction: ManagedTransaction, tenant: string): GraphReader {
  const rows = rowsOf(transaction, tenant)
  return {
    ...readNodes(rows),
    ...readMerges(rows),
    ...readMatches(rows),
    around: (pids) => readAround(rows, pids),
    untoldChanges: async (limit) =>
      (
        await rows<{ body: string }>(
          `MATCH (c:UntoldChange {tenant: $tenant}) RETURN c.body AS body ORDER BY c.position LIMIT $limit`,
          { limit: neo4j.int(limit) },
        )
      ).map(({ body }) => JSON.parse(body) as IdentityChange),
  }
}

interface AroundRow {
  readonly found: readonly NodeRow[]
  readonly members: readonly NodeRow[]
  readonly merges: readonly MergeRow[]
}

/** One question where it would be three: of a graph that answers in a millisecond most is the way there and back. */
async function readAround(rows: Rows, pids: readonly string[]): Promise<Surroundings> {
  const [row = { found: [], members: [], merges: [] }] = await rows<AroundRow>(AROUND, { pids })
  const { found, members, merges } = row
  return { found: found.map(nodeOf), members: members.map(nodeOf), merges: merges.map(mergeOf) }
}

type NodeReads = 'bySeed' | 'byKey' | 'byId' | 'nodesAfter' | 'countNodes' | 'members' | 'facts'

function readNodes(rows: Rows): Pick<GraphReader, NodeReads> {
  const nodes = async (match: string, parameters: Record<string, unknown>): Promise<RecordNode[]> =>
    (
      await rows<NodeRow>(
        `${match} OPTIONAL MATCH (p:Person)-[:OWNS]->(r) RETURN ${NODE('r', 'p.pid')} ORDER BY id`,
        parameters,
      )
    ).map(nodeOf)
  return {
    bySeed: (pids) =>
      nodes(`UNWIND $pids AS pid WITH DISTINCT pid ${NAMED_BY_PID} WITH DISTINCT named AS r`, { pids }),
    byKey: (keys) => nodes(`MATCH (r:Record {tenant: $tenant}) WHERE r.key IN $keys`, { keys }),
    byId: (ids) =>
      nodes(`UNWIND $ids AS id WITH DISTINCT id MATCH (r:Record {tenant: $tenant, id: toInteger(id)})`, {
        ids,
      }),
    nodesAfter: (id, limit) =>
      nodes(`MATCH (r:Record {tenant: $tenant}) WHERE r.id > $id WITH r ORDER BY r.id LIMIT $limit`, {
        id,
        limit: neo4j.int(limit),
      }),
    async countNodes() {
      const [row] = await rows<{ count: number }>(
        `MATCH (r:Record {tenant: $tenant}) RETURN count(r) AS count`,
        {},
      )
      return Number(row?.count)
    },
    members: async (pids) => (await rows<NodeRow>(MEMBERS, { pids })).map(nodeOf),
    facts: (ids) => rows<RecordFacts>(FACTS, { ids }),
  }
}

const aboutRecords = (label: string): string =>
  `UNWIND $ids AS id MATCH (:Record {tenant: $tenant, id: toInteger(id)})<-[:ABOUT]-(d:${label}) WITH DISTINCT d`

function readMerges(rows: Rows): Pick<GraphReader, 'mergesOf' | 'merges' | 'untoldMerges' | 'separationsOf'> {
  const merges = async (match: string, parameters: Record<string, unknown>): Promise<MergeDecision[]> =>
    (
      await rows<MergeRow>(
        `${match} RETURN ${STATEMENT}, d.effectiveAt AS effectiveAt, d.fields AS fields, d.undone AS undone,
           d.consent AS consent
         ORDER BY position LIMIT $limit`,
        parameters,
      )
    ).map(mergeOf)
  return {
    mergesOf: (ids) => merges(aboutRecords('Decision'), { ids, limit: EVERY }),
    merges: (ids) => merges(`MATCH (d:Decision {tenant: $tenant}) WHERE d.id IN $ids`, { ids, limit: EVERY }),
    untoldMerges: (state, limit) =>
      merges(`MATCH (d:Decision {tenant: $tenant, consent: $state})`, { state, limit: neo4j.int(limit) }),
    async separationsOf(ids) {
      const cypher = `${aboutRecords('Separation')} RETURN ${STATEMENT} ORDER BY position`
      return (await rows<StatementRow>(cypher, { ids })).map(separationOf)
    },
  }
}

function readMatches(rows: Rows): Pick<GraphReader, 'matchesOf' | 'match' | 'openMatches'> {
  const matches = async (match: string, parameters: Record<string, unknown>): Promise<PossibleMatch[]> => {
    const cypher = `${match} RETURN ${STATEMENT}, d.decided AS decided ORDER BY position LIMIT $limit`
    return (await rows<MatchRow>(cypher, parameters)).map(matchOf)
  }
  const byId = `MATCH (d:PossibleMatch {tenant: $tenant, id: $id})`
  return {
    matchesOf: (ids) => matches(aboutRecords('PossibleMatch'), { ids, limit: EVERY }),
    match: async (id) => (await matches(byId, { id, limit: EVERY }))[0] ?? null,
    openMatches: (first, after) => matches(OPEN_MATCHES, { after, limit: neo4j.int(first) }),
  }
}

type Neo4jWriter = Omit<GraphWriter, 'markGone' | 'renameRecords' | 'forgetElderPids' | 'forgetGonePids'>

export function writeNeo4jGraph(transaction: ManagedTransaction, tenant: string): Neo4jWriter {
  const rows = rowsOf(transaction, tenant)
  return {
    ...readNeo4jGraph(transaction, tenant),
    async takePositions(count) {
      const [row] = await rows<{ last: number }>(
        `MERGE (c:IdentityCounter {tenant: $tenant, name: 'decisions'}) ON CREATE SET c.last = 0
         SET c.last = c.last + toInteger($count) RETURN c.last AS last`,
        { count },
      )
      return Number(row?.last) - count + 1
    },
    async putMerges(merges) {
      const [drawn, wiped] = [merges.filter(isInForce), merges.filter((merge) => !isInForce(merge))]
      await rows(PUT_MERGES, { rows: merges.map(mergeRow) })
      if (drawn.length > 0) await rows(DRAW_SAME, { rows: drawn.map(sameRow) })
      if (wiped.length > 0) await rows(WIPE_SAME, { rows: wiped.map(statementRow) })
      const undone = merges.flatMap(unmergeRow)
      if (undone.length > 0) await rows(PUT_UNMERGES, { rows: undone })
    },
    putSeparations: async (separations) =>
      void (await rows(putStatements('Separation'), { rows: separations.map(statementRow) })),
    async putMatches(matches) {
      await rows(putStatements('PossibleMatch', 'd.decided = row.decided, d.openAt = row.openAt'), {
        rows: matches.map(({ matchId, decided, ...rest }) => ({
          ...statementRow({ ...rest, decisionId: matchId }),
          decided: decided === null ? null : JSON.stringify(decided),
          openAt: decided === null ? rest.position : null,
        })),
      })
    },
    async putOwners(owners) {
      const left = await rows<{ pid: string }>(PUT_OWNERS, {
        rows: [...owners].map(([id, pid]) => ({ id, pid })),
      })
      await rows(DROP_EMPTY, { pids: left.map(({ pid }) => pid) })
    },
    async putChanges(changes) {
      await rows(
        `UNWIND $rows AS row CREATE (:UntoldChange {tenant: $tenant, id: row.id, position: row.position, body: row.body})`,
        {
          rows: changes.map((body) => ({ id: body.id, position: body.position, body: JSON.stringify(body) })),
        },
      )
    },
    toldChanges: async (ids) =>
      void (await rows(`MATCH (c:UntoldChange {tenant: $tenant}) WHERE c.id IN $ids DELETE c`, { ids })),
  }
}

const EVERY = neo4j.int(2 ** 31 - 1)

/** The record that `pid` is the seed of, or was before its key was changed. */
export const NAMED_BY_PID = `CALL { WITH pid MATCH (named:Record {tenant: $tenant, seed: pid}) RETURN named
  UNION WITH pid MATCH (:FormerPid {tenant: $tenant, pid: pid})-[:NAMES]->(named:Record) RETURN named }`

const MEMBERS = `UNWIND $pids AS pid WITH DISTINCT pid
  MATCH (o:Person {tenant: $tenant, pid: pid})-[:OWNS]->(r:Record) RETURN ${NODE('r', 'pid')} ORDER BY id`

const AROUND = `UNWIND $pids AS pid WITH DISTINCT pid ${NAMED_BY_PID}
  WITH DISTINCT named ORDER BY named.id OPTIONAL MATCH (p:Person)-[:OWNS]->(named)
  WITH collect(${NODE_MAP('named', 'p.pid')}) AS found, collect(DISTINCT p) AS people
  CALL { WITH people UNWIND people AS o MATCH (o)-[:OWNS]->(r:Record) WITH o, r ORDER BY r.id
    RETURN collect(r) AS theirs, collect(${NODE_MAP('r', 'o.pid')}) AS members }
  CALL { WITH theirs UNWIND theirs AS r MATCH (r)<-[:ABOUT]-(d:Decision) WITH DISTINCT d ORDER BY d.position
    RETURN collect({decisionId: d.id, position: d.position, a: d.a, b: d.b, body: d.body,
      effectiveAt: d.effectiveAt, fields: d.fields, undone: d.undone, consent: d.consent}) AS merges }
  RETURN found, members, merges`

const FACTS = `UNWIND $ids AS id WITH DISTINCT id
  MATCH (r:Record {tenant: $tenant, id: toInteger(id)}) WHERE r.goneAt IS NULL
  RETURN r.id AS id, r.says AS says,
    COLLECT { MATCH (r)-[:HAS]->(i) RETURN {kind: i.kind, token: i.token} ORDER BY i.kind } AS identifiers,
    head(COLLECT { MATCH (r)-[:LIVES_IN]->(h) RETURN h.id }) AS household,
    head(COLLECT { MATCH (r)-[:WORKS_FOR]->(a) RETURN a.id }) AS account,
    COLLECT { MATCH (r)-[:USES]->(d) RETURN d.id ORDER BY d.id } AS devices
  ORDER BY id`

const STATEMENT = `d.id AS decisionId, d.position AS position, d.a AS a, d.b AS b, d.body AS body`

const ABOUT = `WITH d, row WHERE NOT EXISTS { (d)-[:ABOUT]->() }
  UNWIND [row.a, row.b] AS id
  MATCH (r:Record {tenant: $tenant, id: toInteger(id)}) CREATE (d)-[:ABOUT]->(r)`

const putStatements = (label: string, state = 'd.position = row.position'): string => `UNWIND $rows AS row
  MERGE (d:${label} {tenant: $tenant, id: row.decisionId})
  ON CREATE SET d.position = row.position, d.a = toInteger(row.a), d.b = toInteger(row.b)
  SET d.body = row.body, ${state} ${ABOUT}`

const PUT_MERGES = putStatements(
  'Decision',
  'd.effectiveAt = row.effectiveAt, d.fields = row.fields, d.undone = row.undone, d.consent = row.consent',
)

const DRAW_SAME = `UNWIND $rows AS row
  MATCH (a:Record {tenant: $tenant, id: toInteger(row.a)}), (b:Record {tenant: $tenant, id: toInteger(row.b)})
  WHERE a.goneAt IS NULL AND b.goneAt IS NULL
  MERGE (a)-[same:SAME {decision: row.decisionId}]->(b) SET same.by = row.by, same.probability = row.probability`

const PUT_UNMERGES = `UNWIND $rows AS row MATCH (d:Decision {tenant: $tenant, id: row.undoes})
  MERGE (u:Unmerge {tenant: $tenant, id: row.id})
  ON CREATE SET u.position = row.position, u.actor = row.actor, u.at = row.at, u.reason = row.reason
  MERGE (u)-[:UNDOES]->(d)`

const WIPE_SAME = `UNWIND $rows AS row
  MATCH (:Record {tenant: $tenant, id: toInteger(row.a)})-[same:SAME {decision: row.decisionId}]->() DELETE same`

/** A person is there as long as somebody owns records, and stands where the record is that the pid is the seed of. */
const PUT_OWNERS = `UNWIND $rows AS row
  MATCH (r:Record {tenant: $tenant, id: toInteger(row.id)})
  OPTIONAL MATCH (r)<-[owns:OWNS]-(old:Person)
  OPTIONAL MATCH (root:Record {tenant: $tenant, seed: row.pid})
  DELETE owns
  FOREACH (pid IN CASE WHEN row.pid IS NULL THEN [] ELSE [row.pid] END |
    MERGE (p:Person {tenant: $tenant, pid: pid}) ON CREATE SET p.position = root.id
    CREATE (p)-[:OWNS]->(r)
    SET r.wasPerson = r.wasPerson OR (r.seed = pid AND r.goneAt IS NULL))
  WITH DISTINCT old WHERE old IS NOT NULL RETURN old.pid AS pid`

const DROP_EMPTY = `MATCH (p:Person {tenant: $tenant}) WHERE p.pid IN $pids AND NOT EXISTS { (p)-[:OWNS]->() }
  DELETE p`

const OPEN_MATCHES = `MATCH (d:PossibleMatch {tenant: $tenant}) WHERE d.openAt > $after
  MATCH (one:Record {tenant: $tenant, id: d.a})<-[:OWNS]-(p:Person) WHERE one.goneAt IS NULL
  MATCH (other:Record {tenant: $tenant, id: d.b})<-[:OWNS]-(q:Person) WHERE other.goneAt IS NULL AND p <> q
  WITH d`
