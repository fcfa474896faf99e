import { sql } from 'kysely'
import type { MergeDecision, PossibleMatch, RecordNode, Separation } from './graph/decision.ts'
import type { RecordFacts } from './graph/graph-port.ts'

export const NODE = sql`seq, source, record_id, seed, pid, was_person, since, gone_at, heir_by`

export interface NodeRow {
  readonly seq: string
  readonly source: string | null
  readonly record_id: string | null
  readonly seed: string
  readonly pid: string | null
  readonly was_person: boolean
  readonly since: string
  readonly gone_at: string | null
  readonly heir_by: string | null
}

export const nodeOf = (row: NodeRow): RecordNode => ({
  id: Number(row.seq),
  key: row.source === null ? null : `${row.source}\u001f${row.record_id}`,
  seed: row.seed,
  pid: row.pid,
  wasPerson: row.was_person,
  since: Number(row.since),
  goneAt: row.gone_at === null ? null : Number(row.gone_at),
  heirBy: row.heir_by,
})

export type FactsRow = Omit<RecordFacts, 'id'> & { readonly id: string }

export interface StatementRow {
  readonly decision_id: string
  readonly position: string
  readonly a: string
  readonly b: string
  readonly body: object
}

export interface MergeRow extends StatementRow {
  readonly effective_at: string | null
  readonly fields: MergeDecision['fields']
  readonly undone: MergeDecision['undone']
  readonly consent: MergeDecision['consent']
}

export interface MatchRow extends StatementRow {
  readonly decided: PossibleMatch['decided']
}

const statementOf = ({ decision_id, position, a, b, body }: StatementRow) => ({
  decisionId: decision_id,
  position: Number(position),
  a: Number(a),
  b: Number(b),
  ...body,
})

export const separationOf = (row: StatementRow): Separation => statementOf(row) as Separation

export const statementRow = ({
  decisionId,
  position,
  a,
  b,
  ...body
}: Omit<Separation, 'actor' | 'reason'>) => ({
  decision_id: decisionId,
  position,
  a,
  b,
  body,
})

export const mergeOf = (row: MergeRow): MergeDecision => ({
  ...(statementOf(row) as MergeDecision),
  effectiveAt: row.effective_at === null ? null : Number(row.effective_at),
  fields: row.fields,
  undone: row.undone === null ? null : { ...row.undone, fields: row.undone.fields ?? null },
  consent: row.consent,
})

export const mergeRow = ({ effectiveAt, fields, undone, consent, ...rest }: MergeDecision) => ({
  ...statementRow(rest),
  effective_at: effectiveAt,
  fields,
  undone,
  consent,
})

export function matchOf({ decided, ...row }: MatchRow): PossibleMatch {
  const { decisionId, ...rest } = statementOf(row) as PossibleMatch & { decisionId: string }
  return { ...rest, matchId: decisionId, decided }
}
