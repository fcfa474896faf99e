import { inForceAmong } from './components.ts'
import { type MergeDecision, type RecordNode, isGone } from './decision.ts'
import type { GraphReader, Surroundings } from './graph-port.ts'

/** One person at one moment: the records that were theirs, and the decisions that made them one. */
export interface Moment {
  /** The pid of then; null: the record was not there. */
  readonly pid: string | null
  readonly nodes: readonly RecordNode[]
  readonly merges: readonly MergeDecision[]
}

/** The person whom a record belongs to: now, or at a time that is past (milliseconds since the epoch). */
export const momentOf = (graph: GraphReader, node: RecordNode, asOf: number | null): Promise<Moment> =>
  asOf === null ? present(graph, node) : past(graph, node, asOf)

/** The same of now, of somebody whose surroundings are known. */
export function presentIn({ members, merges }: Surroundings, { pid }: RecordNode): Moment {
  const theirs = members.filter((node) => node.pid === pid && !isGone(node))
  return { pid, nodes: theirs, merges: inForceAmong(theirs, merges) }
}

async function present(graph: GraphReader, { pid }: RecordNode): Promise<Moment> {
  const theirs = pid === null ? [] : (await graph.members([pid])).filter((node) => !isGone(node))
  const merges = await graph.mergesOf(theirs.map(({ id }) => id))
  return { pid, nodes: theirs, merges: inForceAmong(theirs, merges) }
}

/** Outwards from the record along what was in force then: what came of it later plays no part. */
async function past(graph: GraphReader, node: RecordNode, asOf: number): Promise<Moment> {
  if (!wasThere(node, asOf)) return { pid: null, nodes: [], merges: [] }
  const nodes = new Map([[node.id, node]])
  const merges = new Map<string, MergeDecision>()
  let frontier = [node.id]
  while (frontier.length > 0) {
    // oxlint-disable-next-line no-await-in-loop -- each step starts where the last one ended
    const found = (await graph.mergesOf(frontier)).filter((merge) => wasInForce(merge, asOf))
    const ends = found.flatMap(({ a, b }) => [a, b]).filter((id) => !nodes.has(id))
    // oxlint-disable-next-line no-await-in-loop
    const next = (await graph.byId([...new Set(ends)])).filter((one) => wasThere(one, asOf))
    for (const one of next) nodes.set(one.id, one)
    for (const merge of found)
      if (nodes.has(merge.a) && nodes.has(merge.b)) merges.set(merge.decisionId, merge)
    frontier = next.map(({ id }) => id)
  }
  const inOrder = [...nodes.values()].toSorted((one, other) => one.id - other.id)
  return { pid: inOrder[0]?.seed ?? null, nodes: inOrder, merges: [...merges.values()] }
}

const wasThere = ({ since, goneAt }: RecordNode, at: number): boolean =>
  since <= at && (goneAt === null || goneAt > at)

const wasInForce = ({ effectiveAt, undone }: MergeDecision, at: number): boolean =>
  effectiveAt !== null && effectiveAt <= at && (undone === null || undone.at > at)
