import type { MergeDecision, PossibleMatch, RecordNode, Separation } from './graph/decision.ts'

/** Records by number, as they stand in the decisions that are shown. */
export type Nodes = ReadonlyMap<number, RecordNode>

export const shownInstant = (at: number): string => new Date(at).toISOString()

export const shownRecord = ({ seed, pid, goneAt }: RecordNode): object => ({
  pid: seed,
  currentPid: pid,
  isGone: goneAt !== null,
})

const GONE = { pid: '', currentPid: null, isGone: true }

const shownPair = ({ a, b }: { readonly a: number; readonly b: number }, nodes: Nodes): object => {
  return { a: refIn(nodes, a), b: refIn(nodes, b) }
}

/** A record by its number, as far as it is among these. */
export function refIn(nodes: Nodes, id: number): object {
  const node = nodes.get(id)
  return node === undefined ? GONE : shownRecord(node)
}

const CONSENT_OUTCOMES = {
  silent: 'NOT_CONCERNED',
  asked: 'WAITING',
  linked: 'LINKED',
  ending: 'ENDING',
  unlinked: 'UNLINKED',
} as const

export function shownMerge(decision: MergeDecision, nodes: Nodes): object {
  const { decisionId, how, by, evidence, prior, probability, actor, at, reason } = decision
  const { effectiveAt, fields, undone, consent } = decision
  return {
    decisionId,
    by,
    evidence,
    prior,
    probability,
    actor,
    reason,
    ...shownPair(decision, nodes),
    how: how.toUpperCase(),
    total: totalOf(decision),
    at: shownInstant(at),
    state: stateOf(decision),
    effectiveAt: effectiveAt === null ? null : shownInstant(effectiveAt),
    consent: CONSENT_OUTCOMES[consent],
    // Records by number: who asks for them has them looked up (`subgraph.ts`).
    fields,
    undone: undone === null ? null : { ...undone, at: shownInstant(undone.at) },
  }
}

const stateOf = ({ undone, effectiveAt }: MergeDecision): 'PENDING' | 'EFFECTIVE' | 'UNDONE' => {
  if (undone !== null) return 'UNDONE'
  return effectiveAt === null ? 'PENDING' : 'EFFECTIVE'
}

/** Null where anything does not weigh: then the sum would say less than was looked at. */
const totalOf = ({ prior, evidence }: Pick<MergeDecision, 'prior' | 'evidence'>): number | null =>
  evidence.reduce<number | null>(
    (sum, { weight }) => (sum === null || weight === null ? null : sum + weight),
    prior,
  )

export const shownSeparation = (separation: Separation, nodes: Nodes): object => ({
  ...separation,
  ...shownPair(separation, nodes),
  at: shownInstant(separation.at),
})

export const shownMatch = (match: PossibleMatch, nodes: Nodes): object => ({
  ...match,
  ...shownPair(match, nodes),
  total: totalOf(match),
  at: shownInstant(match.at),
  verdict: match.decided?.verdict.toUpperCase() ?? null,
  actor: match.decided?.actor ?? null,
  decisionId: match.decided?.decisionId ?? null,
})
