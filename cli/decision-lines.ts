import type { MergeDecision, PossibleMatch } from '../subgraphs/identity/graph/decision.ts'

/** A decision with its waterfall, for a terminal. */
export const decisionLines = (decision: MergeDecision): readonly string[] => {
  const { decisionId, how, by, actor, at, probability, prior, evidence, undone } = decision
  const odds = probability === null ? '' : `, probability ${probability.toFixed(4)}`
  const weighed = evidence.map(({ field, level, weight }) => line(weight, `${field}: ${level}`))
  const total = evidence.reduce<number | null>(
    (sum, { weight }) => (sum === null || weight === null ? null : sum + weight),
    prior,
  )
  return [
    `  ${decisionId}  ${how} ${by}, ${actor}, ${new Date(at).toISOString()}${odds}`,
    ...(prior === null ? [] : [line(prior, 'before anything was compared')]),
    ...weighed,
    ...(total === null ? [] : [line(total, 'together, log2 odds')]),
    ...(undone === null ? [] : [`    taken back by ${undone.actor}`]),
  ]
}

/** Which record each field of the person is taken from since a merge: pids and field names, never a value. */
export const fieldLines = ({ fields }: MergeDecision, pids: ReadonlyMap<number, string>): readonly string[] =>
  (fields ?? []).map(({ field, rule, won, lost }) => {
    const over = lost === null ? '' : ` over ${pids.get(lost) ?? 'a record that is gone'}`
    return `    ${field}: from ${pids.get(won) ?? 'a record that is gone'}${over} (${rule})`
  })

const line = (weight: number | null, what: string): string =>
  `    ${(weight === null ? '·' : `${weight < 0 ? '' : '+'}${weight.toFixed(2)}`).padStart(8)}  ${what}`

export const matchLine = ({
  matchId,
  position,
  by,
  probability,
  evidence,
  decided,
}: PossibleMatch): string => {
  const said = evidence.map(({ field, level }) => `${field} ${level}`).join(', ')
  const odds = probability === null ? '' : ` ${probability.toFixed(4)}`
  return `${position}  ${matchId}  ${by}${odds}  ${said}${decided === null ? '' : `  ${decided.verdict}`}`
}
