import { randomUUID } from 'node:crypto'
import { codedError } from '../../coded-error.ts'
import { type Evidence, type MergeDecision, type RecordNode, type Separation, isGone } from './decision.ts'
import type { GraphReader, GraphWriter } from './graph-port.ts'

export interface MergeDraft {
  readonly a: number
  readonly b: number
  readonly how: MergeDecision['how']
  readonly by: string
  readonly evidence: readonly Evidence[]
  readonly prior: number | null
  readonly probability: number | null
  readonly actor: string
  readonly reason: string | null
}

export type MergeOutcome =
  | { readonly outcome: 'decided'; readonly decision: MergeDecision }
  /** It was decided of these two records before, or somebody asks to merge a person with themselves. */
  | { readonly outcome: 'already' }
  /** Somebody said that these people are not the same. Only of rules and models. */
  | { readonly outcome: 'separated' }

/**
 * Writes the decision that two records are one person's. Of a rule or a model also where others join them already: it
 * goes on holding them together when those are taken back. It takes effect when consent has heard of it (`consent-work.ts`):
 * until then nobody is shown anything new. Rules and models ask in vain where a separation stands; a person may.
 */
export async function mergeRecords(graph: GraphWriter, draft: MergeDraft, at: number): Promise<MergeOutcome> {
  const [a, b] = await presentPair(graph, draft)
  if ((draft.how === 'person' && a.pid === b.pid) || (await isDecided(graph, a, b)))
    return { outcome: 'already' }
  if (draft.how !== 'person' && (await areSeparated(graph, a, b))) return { outcome: 'separated' }
  const decision: MergeDecision = {
    ...draft,
    a: a.id,
    b: b.id,
    decisionId: `m_${randomUUID()}`,
    position: await graph.takePositions(1),
    at,
    isJoin: false,
    effectiveAt: null,
    fields: null,
    undone: null,
    consent: 'asked',
  }
  await graph.putMerges([decision])
  return { outcome: 'decided', decision }
}

/** The two records, the older one first. */
export async function presentPair(
  graph: GraphReader,
  { a, b }: { readonly a: number; readonly b: number },
): Promise<readonly [RecordNode, RecordNode]> {
  const [one, other] = await graph.byId([a, b])
  if (a === b) throw codedError('MERGE_WITH_ONESELF', 'a, b')
  if (one === undefined || other === undefined || isGone(one) || isGone(other))
    throw codedError('RECORD_UNKNOWN', 'a, b')
  return [one, other]
}

async function isDecided(graph: GraphReader, a: RecordNode, b: RecordNode): Promise<boolean> {
  const merges = await graph.mergesOf([a.id])
  return merges.some((merge) => merge.undone === null && [merge.a, merge.b].includes(b.id))
}

/** Whether anybody said of any two records of these two people that they are not one person's. */
export async function areSeparated(graph: GraphReader, a: RecordNode, b: RecordNode): Promise<boolean> {
  return (await separationsBetween(graph, a, b)).length > 0
}

export async function separationsBetween(
  graph: GraphReader,
  a: RecordNode,
  b: RecordNode,
): Promise<readonly Separation[]> {
  const [ours, theirs] = await Promise.all([idsOf(graph, a), idsOf(graph, b)])
  const separations = await graph.separationsOf([...ours])
  const isPair = (one: Separation): boolean => [one.a, one.b].every((id) => id === a.id || id === b.id)
  if (a.pid === b.pid) return separations.filter(isPair)
  return separations.filter(
    (one) => (ours.has(one.a) && theirs.has(one.b)) || (ours.has(one.b) && theirs.has(one.a)),
  )
}

const idsOf = async (graph: GraphReader, { pid }: RecordNode): Promise<ReadonlySet<number>> =>
  new Set((pid === null ? [] : await graph.members([pid])).map(({ id }) => id))
