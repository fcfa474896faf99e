import type { MergeDecision, PossibleMatch, RecordNode, Separation } from './decision.ts'
import { presentPairOf } from './find-record.ts'
import type { GraphReader, RecordFacts } from './graph-port.ts'
import { separationsBetween } from './merge-records.ts'
import { type Moment, momentOf, presentIn } from './moment.ts'

/** Why two records, or people, are one person, or why they are not. */
export interface Why {
  readonly a: RecordNode
  readonly b: RecordNode
  readonly isSame: boolean
  /** The shortest way of decisions from `a` to `b`, each with the evidence it was made on. */
  readonly path: readonly Step[]
  /** Nulls and empty lists where they are one. */
  readonly whyNot: WhyNot
}

export interface Step {
  readonly from: RecordNode
  readonly to: RecordNode
  readonly decision: MergeDecision
}

export interface WhyNot {
  readonly separations: readonly Separation[]
  /** Decisions between these people that were taken back, or wait for consent. */
  readonly undone: readonly MergeDecision[]
  readonly waiting: readonly MergeDecision[]
  readonly matches: readonly PossibleMatch[]
  /** What the two records have in common, none of which joined them. */
  readonly inCommon: readonly string[]
}

const NOTHING: WhyNot = { separations: [], undone: [], waiting: [], matches: [], inCommon: [] }

export interface WhyQuestion {
  /** Pids, of people or of single records. */
  readonly a: string
  readonly b: string
  /** Milliseconds since the epoch; null: now. */
  readonly asOf: number | null
}

export async function whySamePerson(graph: GraphReader, { a, b, asOf }: WhyQuestion): Promise<Why> {
  const around = asOf === null ? await graph.around?.([a, b]) : undefined
  const [one, other] = await presentPairOf(graph, a, b, around?.found)
  const moment = around === undefined ? await momentOf(graph, one, asOf) : presentIn(around, one)
  const path = shortestPath(moment, one.id, other.id)
  if (path !== null) return { a: one, b: other, isSame: true, path, whyNot: NOTHING }
  return { a: one, b: other, isSame: false, path: [], whyNot: await whyNot(graph, one, other) }
}

/** Breadth first, the older decision first where several ways are equally short. Null: there is no way. */
export function shortestPath({ nodes, merges }: Moment, from: number, to: number): readonly Step[] | null {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const steps = stepsFrom(byId, merges)
  const cameBy = new Map<number, Step | null>(byId.has(from) ? [[from, null]] : [])
  // A map goes on with what is put in meanwhile.
  for (const id of cameBy.keys())
    for (const step of steps.get(id) ?? []) if (!cameBy.has(step.to.id)) cameBy.set(step.to.id, step)
  if (!cameBy.has(to)) return null
  const path: Step[] = []
  for (let step = cameBy.get(to); step; step = cameBy.get(step.from.id)) path.unshift(step)
  return path
}

function stepsFrom(
  byId: ReadonlyMap<number, RecordNode>,
  merges: readonly MergeDecision[],
): ReadonlyMap<number, readonly Step[]> {
  const steps = new Map<number, Step[]>()
  for (const decision of merges.toSorted((one, other) => one.position - other.position)) {
    const [a, b] = [byId.get(decision.a), byId.get(decision.b)]
    if (a === undefined || b === undefined) continue
    steps.set(a.id, [...(steps.get(a.id) ?? []), { from: a, to: b, decision }])
    steps.set(b.id, [...(steps.get(b.id) ?? []), { from: b, to: a, decision }])
  }
  return steps
}

async function whyNot(graph: GraphReader, a: RecordNode, b: RecordNode): Promise<WhyNot> {
  const [ours, theirs] = [await idsOf(graph, a), await idsOf(graph, b)]
  const between = (one: { readonly a: number; readonly b: number }): boolean =>
    (ours.has(one.a) && theirs.has(one.b)) || (ours.has(one.b) && theirs.has(one.a))
  const merges = (await graph.mergesOf([...ours])).filter(between)
  const [one, other] = await graph.facts([a.id, b.id])
  return {
    separations: await separationsBetween(graph, a, b),
    undone: merges.filter(({ undone }) => undone !== null),
    waiting: merges.filter(({ undone, effectiveAt }) => undone === null && effectiveAt === null),
    matches: (await graph.matchesOf([...ours])).filter(between),
    inCommon: one === undefined || other === undefined ? [] : inCommon(one, other),
  }
}

const idsOf = async (graph: GraphReader, node: RecordNode): Promise<ReadonlySet<number>> =>
  new Set([node.id, ...(node.pid === null ? [] : await graph.members([node.pid])).map(({ id }) => id)])

function inCommon(one: RecordFacts, other: RecordFacts): string[] {
  const tokens = new Set(other.identifiers.map(({ token }) => token))
  return [
    ...new Set(
      one.identifiers.filter(({ token }) => tokens.has(token)).map(({ kind }) => kind.toLowerCase()),
    ),
    ...(one.household !== null && one.household === other.household ? ['household'] : []),
    ...(one.account !== null && one.account === other.account ? ['account'] : []),
    ...(one.devices.some((device) => other.devices.includes(device)) ? ['device'] : []),
  ]
}
