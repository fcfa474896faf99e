import { ownersOf } from './components.ts'
import type { IdentityChange, MergeDecision, RecordNode } from './decision.ts'
import type { GraphReader, GraphWriter } from './graph-port.ts'

/** The people around some records: everybody they belong to, and what was decided about them. */
export interface Neighbourhood {
  /** By age. */
  readonly nodes: readonly RecordNode[]
  readonly merges: readonly MergeDecision[]
}

export async function neighbourhoodOf(graph: GraphReader, ids: readonly number[]): Promise<Neighbourhood> {
  const touched = await graph.byId(ids)
  const members = await graph.members([...new Set(touched.flatMap(({ pid }) => pid ?? []))])
  const nodes = [...new Map([...touched, ...members].map((node) => [node.id, node])).values()].toSorted(
    (one, other) => one.id - other.id,
  )
  return { nodes, merges: await graph.mergesOf(nodes.map(({ id }) => id)) }
}

/** Who a change moved. */
export interface Regrouped {
  /** Pids of the people before and after, oldest first. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly moved: readonly Moved[]
}

interface Moved {
  readonly record: RecordNode
  readonly to: string | null
}

export type ChangeNote = Pick<IdentityChange, 'type' | 'decisionId' | 'at'> & { readonly id: string }

/** What regrouping would do: the people as the decisions give them, against the owners as they are kept. */
export function regrouping({ nodes, merges }: Neighbourhood): Regrouped {
  const owners = ownersOf(nodes, merges)
  const to = (node: RecordNode): string | null => owners.get(node.id) ?? null
  return {
    from: [...new Set(nodes.flatMap(({ pid }) => pid ?? []))],
    to: [...new Set(nodes.flatMap((node) => to(node) ?? []))],
    moved: nodes.flatMap((node) => (to(node) === node.pid ? [] : [{ record: node, to: to(node) }])),
  }
}

/** After a decision about these records was written: gives every record the owner that follows, and notes who has to hear. */
export async function regroup(
  graph: GraphWriter,
  ids: readonly number[],
  note: ChangeNote,
): Promise<Regrouped> {
  const change = regrouping(await neighbourhoodOf(graph, ids))
  const { from, to, moved } = change
  await graph.putOwners(new Map(moved.map(({ record, to: owner }) => [record.id, owner])))
  if (note.type === 'record_deleted' || from.join() !== to.join())
    await graph.putChanges([{ ...note, position: await graph.takePositions(1), from, to }])
  return change
}
