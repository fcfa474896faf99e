import { type Kysely, sql } from 'kysely'
import type { IdentityChange, MergeDecision, PossibleMatch, RecordNode } from './graph/decision.ts'
import type { GraphReader, GraphWriter, Surroundings } from './graph/graph-port.ts'
import {
  type FactsRow,
  type MatchRow,
  type MergeRow,
  NODE,
  type NodeRow,
  type StatementRow,
  matchOf,
  mergeOf,
  mergeRow,
  nodeOf,
  separationOf,
  statementRow,
} from './sql-graph-rows.ts'
import type { IdentityTables } from './sql-tables.ts'

type Db = Kysely<IdentityTables>

/** Decisions and nodes as tables: what never changes of a decision in one column, what may in columns of their own. */
export const readSqlGraph = (db: Db): GraphReader => ({
  ...readNodes(db),
  ...readMerges(db),
  ...readMatches(db),
  around: (pids) => readAround(db, pids),
  async untoldChanges(limit) {
    const { rows } = await sql<{
      body: IdentityChange
    }>`select body from untold_change order by position limit ${limit}`.execute(db)
    return rows.map(({ body }) => body)
  },
})

interface AroundRow {
  readonly found: readonly NodeRow[] | null
  readonly members: readonly NodeRow[] | null
  readonly merges: readonly MergeRow[] | null
}

/** As arrays of what was found before, so that each step goes by an index. */
async function readAround(db: Db, pids: readonly string[]): Promise<Surroundings> {
  const { rows } = await sql<AroundRow>`
    with found as materialized (
      select ${NODE} from record where seq = any(array(
        select seq from record where seed = any(${pids}) union select record from former_pid where pid = any(${pids})))
    ), members as materialized (
      select ${NODE} from record where pid = any(array(select pid from found where pid is not null))
    ), ids as materialized (select array(select seq from members) as ids)
    select (select json_agg(found order by seq) from found) as found,
      (select json_agg(members order by seq) from members) as members,
      (select json_agg(merge order by position) from merge
        where a = any((select ids from ids)::bigint[]) or b = any((select ids from ids)::bigint[])) as merges`.execute(
    db,
  )
  const { found, members, merges } = rows[0] ?? { found: null, members: null, merges: null }
  return {
    found: (found ?? []).map(nodeOf),
    members: (members ?? []).map(nodeOf),
    merges: (merges ?? []).map(mergeOf),
  }
}

type NodeReads = 'bySeed' | 'byKey' | 'byId' | 'nodesAfter' | 'countNodes' | 'members' | 'facts'

function readNodes(db: Db): Pick<GraphReader, NodeReads> {
  const nodes = async (where: ReturnType<typeof sql>): Promise<RecordNode[]> =>
    (await sql<NodeRow>`select ${NODE} from record where ${where} order by seq`.execute(db)).rows.map(nodeOf)
  return {
    bySeed: (pids) =>
      nodes(
        sql`seq in (select seq from record where seed = any(${pids})
                    union select record from former_pid where pid = any(${pids}))`,
      ),
    byKey: (keys) =>
      nodes(
        sql`(source, record_id) in (select split_part(key, e'\\x1f', 1), split_part(key, e'\\x1f', 2) from unnest(${keys}::text[]) as key)`,
      ),
    byId: (ids) => nodes(sql`seq = any(${ids}::bigint[])`),
    async nodesAfter(id, limit) {
      const { rows } = await sql<NodeRow>`
        select ${NODE} from record where seq > ${id} order by seq limit ${limit}`.execute(db)
      return rows.map(nodeOf)
    },
    async countNodes() {
      const { rows } = await sql<{ count: string }>`select count(*) as count from record`.execute(db)
      return Number(rows[0]?.count)
    },
    members: (pids) => nodes(sql`pid = any(${pids})`),
    async facts(ids) {
      const { rows } = await sql<FactsRow>`
        select seq as id, says, household, account_id as account,
          coalesce((select json_agg(json_build_object('kind', kind, 'token', token) order by kind collate "C")
                    from has where record = seq), '[]') as identifiers,
          array(select id from device where record = seq order by id collate "C") as devices
        from record where seq = any(${ids}::bigint[]) and gone_at is null order by seq`.execute(db)
      return rows.map((row) => ({ ...row, id: Number(row.id) }))
    },
  }
}

function readMerges(db: Db): Pick<GraphReader, 'mergesOf' | 'merges' | 'untoldMerges' | 'separationsOf'> {
  const merges = async (where: ReturnType<typeof sql>): Promise<MergeDecision[]> =>
    (await sql<MergeRow>`select * from merge where ${where}`.execute(db)).rows.map(mergeOf)
  return {
    mergesOf: (ids) => merges(sql`a = any(${ids}::bigint[]) or b = any(${ids}::bigint[]) order by position`),
    merges: (ids) => merges(sql`decision_id = any(${ids}) order by position`),
    untoldMerges: (state, limit) => merges(sql`consent = ${state} order by position limit ${limit}`),
    async separationsOf(ids) {
      const { rows } = await sql<StatementRow>`
        select * from separation where a = any(${ids}::bigint[]) or b = any(${ids}::bigint[]) order by position`.execute(
        db,
      )
      return rows.map(separationOf)
    },
  }
}

function readMatches(db: Db): Pick<GraphReader, 'matchesOf' | 'match' | 'openMatches'> {
  const matches = async (where: ReturnType<typeof sql>): Promise<PossibleMatch[]> =>
    (await sql<MatchRow>`select * from possible_match where ${where}`.execute(db)).rows.map(matchOf)
  return {
    matchesOf: (ids) =>
      matches(sql`a = any(${ids}::bigint[]) or b = any(${ids}::bigint[]) order by position`),
    match: async (id) => (await matches(sql`decision_id = ${id}`))[0] ?? null,
    openMatches: (first, after) =>
      matches(sql`decided is null and position > ${after} and exists (
        select from record as one join record as other on other.seq = b
        where one.seq = a and one.gone_at is null and other.gone_at is null and one.pid <> other.pid)
        order by position limit ${first}`),
  }
}

type SqlWriter = Omit<GraphWriter, 'markGone' | 'renameRecords' | 'forgetElderPids' | 'forgetGonePids'>

export const writeSqlGraph = (db: Db): SqlWriter => ({
  ...readSqlGraph(db),
  ...writeDecisions(db),
  async takePositions(count) {
    const { rows } = await sql<{ last: string }>`
      select setval('decision_position', nextval('decision_position') + ${count} - 1) as last`.execute(db)
    return Number(rows[0]?.last) - count + 1
  },
  async putOwners(owners) {
    const rows = [...owners].map(([seq, pid]) => ({ seq, pid }))
    await sql`update record set pid = row.pid, was_person = was_person or (record.seed = row.pid and gone_at is null)
      from json_to_recordset(${asJson(rows)}) as row (seq bigint, pid text) where record.seq = row.seq`.execute(
      db,
    )
  },
  async putChanges(changes) {
    await sql`insert into untold_change (id, position, body)
      select id, position, body from json_to_recordset(${asJson(changes.map((body) => ({ id: body.id, position: body.position, body })))})
      as row (id text, position bigint, body json)`.execute(db)
  },
  async toldChanges(ids) {
    await sql`delete from untold_change where id = any(${ids})`.execute(db)
  },
})

const writeDecisions = (db: Db): Pick<SqlWriter, 'putMerges' | 'putSeparations' | 'putMatches'> => ({
  async putMerges(merges) {
    if (merges.length === 0) return
    await sql`insert into merge (decision_id, position, a, b, body, effective_at, fields, undone, consent)
      select decision_id, position, a, b, body, effective_at, fields, undone, consent
      from json_to_recordset(${asJson(merges.map(mergeRow))}) as row (
        decision_id text, position bigint, a bigint, b bigint, body json, effective_at bigint, fields json, undone json,
        consent text)
      on conflict (decision_id) do update
      set effective_at = excluded.effective_at, fields = excluded.fields, undone = excluded.undone,
        consent = excluded.consent`.execute(db)
  },
  async putSeparations(separations) {
    if (separations.length === 0) return
    await sql`insert into separation (decision_id, position, a, b, body)
      select decision_id, position, a, b, body from json_to_recordset(${asJson(separations.map(statementRow))})
      as row (decision_id text, position bigint, a bigint, b bigint, body json)`.execute(db)
  },
  async putMatches(matches) {
    if (matches.length === 0) return
    const rows = matches.map(({ matchId, decided, ...rest }) => ({
      ...statementRow({ ...rest, decisionId: matchId }),
      decided,
    }))
    await sql`insert into possible_match (decision_id, position, a, b, body, decided)
      select decision_id, position, a, b, body, decided from json_to_recordset(${asJson(rows)})
      as row (decision_id text, position bigint, a bigint, b bigint, body json, decided json)
      on conflict (decision_id) do update set body = excluded.body, decided = excluded.decided`.execute(db)
  },
})

/** One JSON value a statement: ten thousand rows as parameters would be more than a statement may have. */
export const asJson = (rows: readonly unknown[]) => sql`${JSON.stringify(rows)}::json`
