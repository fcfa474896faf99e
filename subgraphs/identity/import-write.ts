import { randomUUID } from 'node:crypto'
import type { MergeDecision, RecordNode } from './graph/decision.ts'
import { fieldsOfJoins } from './graph/field-outcomes.ts'
import { proposeMatches } from './graph/possible-matches.ts'
import { unmergeRecords } from './graph/unmerge-records.ts'
import type { ImportPlan, Pair } from './import-plan.ts'
import { SHARED_IDENTIFIER } from './same-person.ts'
import type { IdentityWriter } from './store.ts'

export interface Written {
  readonly owners: ReadonlyMap<string, string>
  readonly newPeople: number
  readonly possibleMatches: number
  readonly takenBack: number
}

/** Everything a batch comes to, in one change. */
export async function writeImport(plan: ImportPlan, graph: IdentityWriter, at: number): Promise<Written> {
  const targets = await graph.byKey([...new Set([...plan.joins, ...plan.matches].map(({ other }) => other))])
  const owners = new Map(targets.map(({ key, pid }) => [key ?? '', pid ?? '']))
  const joins = new Map(plan.joins.toReversed().map((join) => [join.key, join]))
  const records = plan.drafts.map(({ key, record }) => {
    const join = joins.get(key)
    // One that is replaced keeps its owner; whoever joins it in this batch has to find it.
    const pid = owners.get(key) ?? owners.get(join?.other ?? '') ?? record.seed
    owners.set(key, pid)
    return { ...record, pid }
  })
  const nodes = await graph.putRecords(records, at)
  const ids = new Map([...targets, ...nodes].map(({ key, id }) => [key ?? '', id]))
  const fresh = nodes.filter(({ key }) => plan.fresh.has(key ?? ''))
  await putJoins(plan.joins, { ids, fresh, graph, at })
  const possibleMatches = await proposeMatches(
    graph,
    numbered(plan.matches, ids).map(({ a, b, evidence }) => ({
      a,
      b,
      evidence,
      how: 'rule',
      by: SHARED_IDENTIFIER,
      prior: null,
      probability: null,
    })),
    at,
  )
  for (const decisionId of plan.takenBack) {
    const draft = { decisionId, actor: SHARED_IDENTIFIER, reason: TAKEN_BACK, keepApart: false }
    // oxlint-disable-next-line no-await-in-loop -- each is taken back from what the last one left
    await unmergeRecords(graph, draft, at)
  }
  return {
    owners: new Map(nodes.map(({ key, pid }) => [key ?? '', pid ?? ''])),
    newPeople: nodes.filter(({ key, pid, seed }) => pid === seed && plan.fresh.has(key ?? '')).length,
    possibleMatches,
    takenBack: plan.takenBack.length,
  }
}

const TAKEN_BACK = 'The records do not bear out the rule any more.'

interface Target {
  readonly ids: ReadonlyMap<string, number>
  /** Records that were not there before. */
  readonly fresh: readonly RecordNode[]
  readonly graph: IdentityWriter
  readonly at: number
}

/** Nobody was ever answered under the pid of a record that joins as it comes, so nobody's consent changes. */
async function putJoins(joins: readonly Pair[], { ids, fresh, graph, at }: Target): Promise<void> {
  // A store that was lost while it committed may have the batch already.
  const there = await graph.mergesOf(numbered(joins, ids).map(({ b }) => b))
  const known = new Set(there.filter(({ undone }) => undone === null).map(pairOf))
  const pairs = numbered(joins, ids).filter((pair) => !known.has(pairOf(pair)))
  if (pairs.length === 0) return
  const joined = new Set(pairs.map(({ b }) => b))
  const outcomes = await fieldsOfJoins(
    graph,
    fresh.filter(({ id }) => joined.has(id)),
  )
  // The first decision about a record joins it; what else speaks for it changes nothing any more.
  const firsts = new Map(pairs.toReversed().map((pair) => [pair.b, pair]))
  const position = await graph.takePositions(pairs.length)
  await graph.putMerges(
    pairs.map((pair, index): MergeDecision => ({
      decisionId: `m_${randomUUID()}`,
      position: position + index,
      ...pair,
      fields: firsts.get(pair.b) === pair && outcomes.has(pair.b) ? (outcomes.get(pair.b) ?? null) : [],
      at,
      effectiveAt: at,
      ...JOINED,
    })),
  )
}

const pairOf = ({ a, b }: { readonly a: number; readonly b: number }): string => `${a} ${b}`

const JOINED = {
  how: 'rule',
  by: SHARED_IDENTIFIER,
  actor: SHARED_IDENTIFIER,
  prior: null,
  probability: null,
  reason: null,
  isJoin: true,
  undone: null,
  consent: 'silent',
} as const

/** A record that is gone by now is nobody's other. */
const numbered = (pairs: readonly Pair[], ids: ReadonlyMap<string, number>) =>
  pairs.flatMap(({ key, other, evidence }) => {
    const [one, two] = [ids.get(key), ids.get(other)]
    return one === undefined || two === undefined
      ? []
      : [{ a: Math.min(one, two), b: Math.max(one, two), evidence }]
  })
