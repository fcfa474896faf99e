import { randomUUID } from 'node:crypto'
import { codedError } from '../../coded-error.ts'
import type { ConsentKnows, MergeDecision } from './decision.ts'
import { fieldsOfPeople } from './field-outcomes.ts'
import type { GraphReader, GraphWriter } from './graph-port.ts'
import { type Regrouped, regroup } from './regroup.ts'

export interface UnmergeDraft {
  readonly decisionId: string
  readonly actor: string
  readonly reason: string | null
  /** Also say that the two are never the same, so that no rule or model makes them one again. */
  readonly keepApart: boolean
}

export interface Unmerged extends Regrouped {
  readonly decisionId: string
  readonly undoes: MergeDecision
}

/**
 * Takes back one merge decision, in whatever order they were made: the records belong to whom the remaining decisions
 * give them. Consent is told afterwards and restricts by both until it has heard.
 */
export async function unmergeRecords(graph: GraphWriter, draft: UnmergeDraft, at: number): Promise<Unmerged> {
  const merge = await undoable(graph, draft.decisionId)
  const [decisionId, position] = [`u_${randomUUID()}`, await graph.takePositions(1)]
  const { actor, reason } = draft
  const undone = { decisionId, position, actor, at, reason, fields: [] }
  const undoes: MergeDecision = { ...merge, undone, consent: ended(merge.consent) }
  await graph.putMerges([undoes])
  if (draft.keepApart) {
    const { a, b } = merge
    await graph.putSeparations([
      { decisionId: `s_${randomUUID()}`, position: await graph.takePositions(1), a, b, actor, at, reason },
    ])
  }
  const change = await regroup(graph, [merge.a, merge.b], {
    id: decisionId,
    type: 'unmerged',
    decisionId,
    at,
  })
  if (change.moved.length === 0) return { decisionId, undoes, ...change }
  const told: MergeDecision = {
    ...undoes,
    undone: { ...undone, fields: await fieldsOfPeople(graph, change.to) },
  }
  await graph.putMerges([told])
  return { decisionId, undoes: told, ...change }
}

/** A decision that is there and in force, or waits to be. */
export async function undoable(graph: GraphReader, decisionId: string): Promise<MergeDecision> {
  if (/^[us]_/.test(decisionId)) throw codedError('DECISION_NOT_A_MERGE', 'decisionId')
  const [merge] = await graph.merges([decisionId])
  if (merge === undefined) throw codedError('DECISION_UNKNOWN', 'decisionId')
  if (merge.undone !== null) throw codedError('ALREADY_UNMERGED', 'decisionId')
  return merge
}

/** What consent has to hear when a decision ends: nothing, if it never heard of it. */
export const ended = (consent: ConsentKnows): ConsentKnows =>
  consent === 'asked' || consent === 'linked' ? 'ending' : consent
