import type { MergeDecision, RecordNode, Separation, UnmergeDecision } from './decision.ts'
import { recordOf } from './find-record.ts'
import type { GraphReader } from './graph-port.ts'

/** A statement about records that are, or were, one person's. */
export type HistoryEntry =
  | { readonly kind: 'merge'; readonly position: number; readonly decision: MergeDecision }
  | {
      readonly kind: 'unmerge'
      readonly position: number
      readonly decision: MergeDecision
      readonly undone: UnmergeDecision
    }
  | { readonly kind: 'separation'; readonly position: number; readonly separation: Separation }

export interface MergeHistory {
  readonly entries: readonly HistoryEntry[]
  /** Every record the entries name. */
  readonly nodes: ReadonlyMap<number, RecordNode>
}

/** All that was ever decided about the records of this person, what was taken back included, in order. */
export async function mergeHistory(graph: GraphReader, pid: string): Promise<MergeHistory> {
  const node = await recordOf(graph, pid, 'pid')
  const members = node.pid === null ? [node] : [node, ...(await graph.members([node.pid]))]
  const ids = [...new Set(members.map(({ id }) => id))]
  const [merges, separations] = [await graph.mergesOf(ids), await graph.separationsOf(ids)]
  const entries: HistoryEntry[] = [
    ...merges.map((decision) => ({ kind: 'merge', position: decision.position, decision }) as const),
    ...merges.flatMap((decision) =>
      decision.undone === null
        ? []
        : [
            {
              kind: 'unmerge',
              position: decision.undone.position,
              decision,
              undone: decision.undone,
            } as const,
          ],
    ),
    ...separations.map((one) => ({ kind: 'separation', position: one.position, separation: one }) as const),
  ]
  const named = [...merges, ...separations].flatMap(({ a, b }) => [a, b])
  const nodes = await graph.byId([...new Set(named)])
  return {
    entries: entries.toSorted((one, other) => one.position - other.position),
    nodes: new Map(nodes.map((one) => [one.id, one])),
  }
}
