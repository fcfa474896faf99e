import { randomUUID } from 'node:crypto'
import { codedError } from '../../coded-error.ts'
import type { MatchVerdict, MergeDecision, PossibleMatch, Separation } from './decision.ts'
import type { GraphWriter } from './graph-port.ts'
import { type MergeOutcome, mergeRecords, presentPair } from './merge-records.ts'

export type MatchDraft = Omit<PossibleMatch, 'matchId' | 'position' | 'at' | 'decided'>

/**
 * Puts pairs of records up for somebody to look at. A pair that was decided is not put up again, nor one that somebody
 * separated; how many were new is answered.
 */
export async function proposeMatches(
  graph: GraphWriter,
  drafts: readonly MatchDraft[],
  at: number,
): Promise<number> {
  if (drafts.length === 0) return 0
  const ids = [...new Set(drafts.flatMap(({ a, b }) => [a, b]))]
  const known = [...(await graph.matchesOf(ids)), ...(await graph.separationsOf(ids))]
  const pairs = new Set(known.map(pairOf))
  const fresh = drafts.filter((draft) => {
    const pair = pairOf(draft)
    const isNew = draft.a !== draft.b && !pairs.has(pair)
    pairs.add(pair)
    return isNew
  })
  if (fresh.length === 0) return 0
  const position = await graph.takePositions(fresh.length)
  await graph.putMatches(
    fresh.map((draft, index) => ({
      ...draft,
      a: Math.min(draft.a, draft.b),
      b: Math.max(draft.a, draft.b),
      matchId: `q_${randomUUID()}`,
      position: position + index,
      at,
      decided: null,
    })),
  )
  return fresh.length
}

const pairOf = ({ a, b }: { readonly a: number; readonly b: number }): string =>
  `${Math.min(a, b)} ${Math.max(a, b)}`

export interface MatchDecision {
  readonly matchId: string
  readonly verdict: MatchVerdict['verdict']
  readonly actor: string
  readonly reason: string | null
}

export type DecidedMatch =
  | { readonly match: PossibleMatch; readonly merge: MergeDecision | null; readonly separation: null }
  | { readonly match: PossibleMatch; readonly merge: null; readonly separation: Separation }

/** Somebody looked: the two are one person's, or never are. */
export async function decideMatch(
  graph: GraphWriter,
  { matchId, verdict, actor, reason }: MatchDecision,
  at: number,
): Promise<DecidedMatch> {
  const match = await graph.match(matchId)
  if (match === null) throw codedError('MATCH_UNKNOWN', 'matchId')
  if (match.decided !== null) throw codedError('MATCH_DECIDED', 'matchId')
  const decided = (decisionId: string): PossibleMatch => ({
    ...match,
    decided: { verdict, decisionId, actor, at },
  })
  if (verdict === 'separated') {
    const separation = await separateRecords(graph, { a: match.a, b: match.b, actor, reason }, at)
    await graph.putMatches([decided(separation.decisionId)])
    return { match: decided(separation.decisionId), merge: null, separation }
  }
  const { a, b, by, evidence, prior, probability } = match
  const outcome = await mergeRecords(
    graph,
    { a, b, how: 'person', by, evidence, prior, probability, actor, reason },
    at,
  )
  const merge = decisionOf(outcome)
  await graph.putMatches([decided(merge.decisionId)])
  return { match: decided(merge.decisionId), merge, separation: null }
}

function decisionOf(outcome: MergeOutcome): MergeDecision {
  if (outcome.outcome !== 'decided') throw codedError('MERGE_WITH_ONESELF', 'matchId')
  return outcome.decision
}

/** "Never the same": from now on no rule and no model makes these two records one person's. Merges there are stay. */
export async function separateRecords(
  graph: GraphWriter,
  draft: Pick<Separation, 'a' | 'b' | 'actor' | 'reason'>,
  at: number,
): Promise<Separation> {
  const [a, b] = await presentPair(graph, draft)
  const decisionId = `s_${randomUUID()}`
  const separation = { ...draft, a: a.id, b: b.id, decisionId, position: await graph.takePositions(2), at }
  await graph.putSeparations([separation])
  const pids = [a, b].flatMap(({ pid }) => pid ?? [])
  const note = { id: decisionId, type: 'separated', decisionId, at } as const
  await graph.putChanges([{ ...note, position: separation.position + 1, from: pids, to: pids }])
  return separation
}
