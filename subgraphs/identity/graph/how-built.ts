import { Sets } from './components.ts'
import type { MergeDecision, RecordNode } from './decision.ts'
import { recordOf } from './find-record.ts'
import type { GraphReader } from './graph-port.ts'
import { momentOf } from './moment.ts'

/** How a person came together: their records, and the decisions in the order they took effect. */
export interface HowBuilt {
  /** The pid at the moment asked about. */
  readonly pid: string
  readonly records: readonly RecordNode[]
  readonly steps: readonly BuildStep[]
}

export interface BuildStep {
  readonly decision: MergeDecision
  readonly a: RecordNode
  readonly b: RecordNode
  /** Pids that became one by this step, oldest first; one alone: it only confirms what was joined before. */
  readonly joined: readonly string[]
  /** The pid from this step on, and how many records it has. */
  readonly pid: string
  readonly records: number
}

/** Null: nobody has this pid, or nobody had it then. */
export async function howBuilt(
  graph: GraphReader,
  pid: string,
  asOf: number | null,
): Promise<HowBuilt | null> {
  const moment = await momentOf(graph, await recordOf(graph, pid, 'pid'), asOf)
  if (moment.pid === null) return null
  return { pid: moment.pid, records: moment.nodes, steps: stepsOf(moment.nodes, moment.merges) }
}

function stepsOf(nodes: readonly RecordNode[], merges: readonly MergeDecision[]): BuildStep[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const sets = new Sets(nodes.map(({ id }) => id))
  const sizes = new Map(nodes.map(({ id }) => [id, 1]))
  const inOrder = merges.toSorted(
    (one, other) => (one.effectiveAt ?? 0) - (other.effectiveAt ?? 0) || one.position - other.position,
  )
  return inOrder.flatMap((decision) => {
    const [a, b] = [byId.get(decision.a), byId.get(decision.b)]
    if (a === undefined || b === undefined) return []
    const roots = [sets.rootOf(a.id), sets.rootOf(b.id)].toSorted((one, other) => one - other)
    const isNew = sets.join(a.id, b.id)
    const root = sets.rootOf(a.id)
    if (isNew)
      sizes.set(
        root,
        roots.reduce((sum, one) => sum + (sizes.get(one) ?? 0), 0),
      )
    const pidOf = (id: number): string => byId.get(id)?.seed ?? ''
    const joined = [...new Set(roots)].map(pidOf)
    return [{ decision, a, b, joined, pid: pidOf(root), records: sizes.get(root) ?? 0 }]
  })
}
