import type {
  MergeDecision,
  PossibleMatch,
  RecordNode,
  Separation,
  UnmergeDecision,
} from './graph/decision.ts'

export const NODE = (record: string, pid: string): string =>
  `${record}.id AS id, ${record}.key AS key, ${record}.seed AS seed, ${pid} AS pid, ${record}.wasPerson AS wasPerson,
   ${record}.since AS since, ${record}.goneAt AS goneAt, ${record}.heirBy AS heirBy`

/** The same as a map. */
export const NODE_MAP = (record: string, pid: string): string =>
  `{id: ${record}.id, key: ${record}.key, seed: ${record}.seed, pid: ${pid}, wasPerson: ${record}.wasPerson,
   since: ${record}.since, goneAt: ${record}.goneAt, heirBy: ${record}.heirBy}`

export type NodeRow = RecordNode

export const nodeOf = ({ id, key, seed, pid, wasPerson, since, goneAt, heirBy }: NodeRow): RecordNode => ({
  id,
  key,
  seed,
  pid,
  wasPerson,
  since,
  goneAt,
  heirBy,
})

export interface StatementRow {
  readonly decisionId: string
  readonly position: number
  readonly a: number
  readonly b: number
  readonly body: string
}

export interface MergeRow extends StatementRow {
  readonly effectiveAt: number | null
  readonly fields: string | null
  readonly undone: string | null
  readonly consent: MergeDecision['consent']
}

export interface MatchRow extends StatementRow {
  readonly decided: string | null
}

const statementOf = ({ decisionId, position, a, b, body }: StatementRow): object => ({
  decisionId,
  position,
  a,
  b,
  ...(JSON.parse(body) as object),
})

export const separationOf = (row: StatementRow): Separation => statementOf(row) as Separation

export const statementRow = ({
  decisionId,
  position,
  a,
  b,
  ...body
}: Omit<Separation, 'actor' | 'reason'>) => ({
  decisionId,
  position,
  a,
  b,
  body: JSON.stringify(body),
})

export const isInForce = ({ effectiveAt, undone }: MergeDecision): boolean =>
  effectiveAt !== null && undone === null

export const mergeOf = (row: MergeRow): MergeDecision => ({
  ...(statementOf(row) as MergeDecision),
  effectiveAt: row.effectiveAt,
  fields: row.fields === null ? null : (JSON.parse(row.fields) as MergeDecision['fields']),
  undone: row.undone === null ? null : undoneOf(row.undone),
  consent: row.consent,
})

/** One from before it was kept what became of fields has none. */
const undoneOf = (body: string): UnmergeDecision => {
  const undone = JSON.parse(body) as UnmergeDecision
  return { ...undone, fields: undone.fields ?? null }
}

export const mergeRow = ({ effectiveAt, fields, undone, consent, ...rest }: MergeDecision) => ({
  ...statementRow(rest),
  effectiveAt,
  consent,
  fields: fields === null ? null : JSON.stringify(fields),
  undone: undone === null ? null : JSON.stringify(undone),
})

/** Of the edge that holds two records together, so that whoever looks at the graph sees by what. */
export const sameRow = ({ decisionId, a, b, by, probability }: MergeDecision) => ({
  decisionId,
  a,
  b,
  by,
  probability,
})

/** Of a decision that was taken back, the one that did it. */
export const unmergeRow = ({ decisionId, undone }: MergeDecision) => {
  if (undone === null) return []
  const { decisionId: id, position, actor, at, reason } = undone
  return [{ undoes: decisionId, id, position, actor, at, reason }]
}

export function matchOf({ decided, ...row }: MatchRow): PossibleMatch {
  const { decisionId, ...rest } = statementOf(row) as PossibleMatch & { decisionId: string }
  return {
    ...rest,
    matchId: decisionId,
    decided: decided === null ? null : (JSON.parse(decided) as PossibleMatch['decided']),
  }
}
