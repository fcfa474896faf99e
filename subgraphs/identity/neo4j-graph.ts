import neo4j, { type ManagedTransaction } from 'neo4j-driver'
import type {
  IdentityChange,
  MergeDecision,
  PossibleMatch,
  RecordNode,
  Separation,
} from './graph/decision.ts'
import type { GraphReader, GraphWriter, RecordFacts } from './graph/graph-port.ts'

type Rows = <R>(cypher: string, parameters: Record<string, unknown>) => Promise<R[]>

const rowsOf =
  (transaction: ManagedTransaction, tenant: string): Rows =>
  async <R>(cypher: string, parameters: Record<string, unknown>) =>
    (await transaction.run(cypher, { tenant, ...parameters })).records.map((row) => row.toObject() as R)

/** Decisions and nodes as nodes; what never changes of a decision in one property, what may in properties of their own. */
export function readNeo4jGraph(transaction: ManagedTransaction, tenant: string): GraphReader {
  const rows = rowsOf(transaction, tenant)
  const nodes = async (match: string, parameters: Record<string, unknown>): Promise<RecordNode[]> =>
    (
      await rows<NodeRow>(
        `${match} OPTIONAL MATCH (p:Person)-[:OWNS]->(r) RETURN ${NODE('r', 'p.pid')} ORDER BY id`,
        parameters,
      )
    ).map(nodeOf)
  const merges = async (match: string, parameters: Record<string, unknown>): Promise<MergeDecision[]> =>
    (await rows<MergeRow>(`${match} RETURN ${STATEMENT}, d.effectiveAt AS effectiveAt, d.undone AS undone,
      d.consent AS consent ORDER BY position LIMIT $limit`, parameters)).map(mergeOf)
  const matches = async (match: string, parameters: Record<string, unknown>): Promise<PossibleMatch[]> =>
    (
      await rows<MatchRow>(
        `${match} RETURN ${STATEMENT}, d.decided AS decided ORDER BY position LIMIT $limit`,
        parameters,
      )
    ).map(matchOf)
  const ofRecords = (label: string): string =>
    `UNWIND $ids AS id MATCH (:Record {tenant: $tenant, id: toInteger(id)})<-[:ABOUT]-(d:${label}) WITH DISTINCT d`
  return {
    bySeed: (pids) => nodes(`MATCH (r:Record {tenant: $tenant}) WHERE r.seed IN $pids`, { pids }),
    byKey: (keys) => nodes(`MATCH (r:Record {tenant: $tenant}) WHERE r.key IN $keys`, { keys }),
    byId: (ids) => nodes(`UNWIND $ids AS id WITH DISTINCT id MATCH (r:Record {tenant: $tenant, id: toInteger(id)})`, { ids }),
    members: (pids) =>
      nodes(`MATCH (o:Person {tenant: $tenant})-[:OWNS]->(r:Record) WHERE o.pid IN $pids WITH r`, { pids }),
    facts: (ids) => rows<RecordFacts>(FACTS, { ids }),
    mergesOf: (ids) => merges(ofRecords('Decision'), { ids, limit: EVERY }),
    merges: (ids) => merges(`MATCH (d:Decision {tenant: $tenant}) WHERE d.id IN $ids`, { ids, limit: EVERY }),
    untoldMerges: (state, limit) =>
      merges(`MATCH (d:Decision {tenant: $tenant, consent: $state})`, { state, limit: neo4j.int(limit) }),
    separationsOf: async (ids) =>
      (
        await rows<StatementRow>(`${ofRecords('Separation')} RETURN ${STATEMENT} ORDER BY position`, { ids })
      ).map((row) => statementOf<Separation>(row)),
    matchesOf: (ids) => matches(ofRecords('PossibleMatch'), { ids, limit: EVERY }),
    match: async (id) =>
      (await matches(`MATCH (d:PossibleMatch {tenant: $tenant, id: $id})`, { id, limit: EVERY }))[0] ?? null,
    openMatches: (first, after) => matches(OPEN_MATCHES, { after, limit: neo4j.int(first) }),
    untoldChanges: async (limit) =>
      (
        await rows<{ body: string }>(
          `MATCH (c:UntoldChange {tenant: $tenant}) RETURN c.body AS body ORDER BY c.position LIMIT $limit`,
          { limit: neo4j.int(limit) },
        )
      ).map(({ body }) => JSON.parse(body) as IdentityChange),
  }
}

type Neo4jWriter = Omit<GraphWriter, 'markGone'>

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
      if (drawn.length > 0) await rows(DRAW_SAME, { rows: drawn.map(statementRow) })
      if (wiped.length > 0) await rows(WIPE_SAME, { rows: wiped.map(statementRow) })
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
        { rows: changes.map((body) => ({ id: body.id, position: body.position, body: JSON.stringify(body) })) },
      )
    },
    toldChanges: async (ids) =>
      void (await rows(`MATCH (c:UntoldChange {tenant: $tenant}) WHERE c.id IN $ids DELETE c`, { ids })),
  }
}

const EVERY = neo4j.int(2 ** 31 - 1)

export const NODE = (record: string, pid: string): string =>
  `${record}.id AS id, ${record}.key AS key, ${record}.seed AS seed, ${pid} AS pid, ${record}.wasPerson AS wasPerson,
   ${record}.since AS since, ${record}.goneAt AS goneAt, ${record}.heirBy AS heirBy`

export type NodeRow = RecordNode

export const nodeOf = ({ id, key, seed, pid, wasPerson, since, goneAt, heirBy }: NodeRow): RecordNode => ({
  ...{ id, key, seed, pid, wasPerson, since, goneAt, heirBy },
})

const FACTS = `UNWIND $ids AS id WITH DISTINCT id
  MATCH (r:Record {tenant: $tenant, id: toInteger(id)}) WHERE r.goneAt IS NULL
  RETURN r.id AS id,
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
  'd.effectiveAt = row.effectiveAt, d.undone = row.undone, d.consent = row.consent',
)

const DRAW_SAME = `UNWIND $rows AS row
  MATCH (a:Record {tenant: $tenant, id: toInteger(row.a)}), (b:Record {tenant: $tenant, id: toInteger(row.b)})
  WHERE a.goneAt IS NULL AND b.goneAt IS NULL
  MERGE (a)-[:SAME {decision: row.decisionId}]->(b)`

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

interface StatementRow {
  readonly decisionId: string
  readonly position: number
  readonly a: number
  readonly b: number
  readonly body: string
}

interface MergeRow extends StatementRow {
  readonly effectiveAt: number | null
  readonly undone: string | null
  readonly consent: MergeDecision['consent']
}

interface MatchRow extends StatementRow {
  readonly decided: string | null
}

const statementOf = <T>({ decisionId, position, a, b, body }: StatementRow): T =>
  ({ decisionId, position, a, b, ...(JSON.parse(body) as object) }) as T

const statementRow = ({ decisionId, position, a, b, ...body }: Omit<Separation, 'actor' | 'reason'>) => ({
  ...{ decisionId, position, a, b },
  body: JSON.stringify(body),
})

const isInForce = ({ effectiveAt, undone }: MergeDecision): boolean => effectiveAt !== null && undone === null

const mergeOf = (row: MergeRow): MergeDecision => ({
  ...statementOf<MergeDecision>(row),
  effectiveAt: row.effectiveAt,
  undone: row.undone === null ? null : (JSON.parse(row.undone) as MergeDecision['undone']),
  consent: row.consent,
})

const mergeRow = ({ effectiveAt, undone, consent, ...rest }: MergeDecision) => ({
  ...statementRow(rest),
  ...{ effectiveAt, consent },
  undone: undone === null ? null : JSON.stringify(undone),
})

function matchOf({ decided, ...row }: MatchRow): PossibleMatch {
  const { decisionId, ...rest } = statementOf<PossibleMatch & { decisionId: string }>(row)
  return {
    ...rest,
    matchId: decisionId,
    decided: decided === null ? null : (JSON.parse(decided) as PossibleMatch['decided']),
  }
}
