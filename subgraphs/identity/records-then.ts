import { isGone, type RecordNode } from './graph/decision.ts'
import type { GraphReader } from './graph/graph-port.ts'
import { momentOf } from './graph/moment.ts'

/** A pid at a past time, in milliseconds since the epoch. */
export interface PidThen {
  readonly pid: string
  readonly at: number
}

/**
 * What the vault calls the records that made the person then, and are this person's still: what has become somebody else's
 * since is under their consent and not under this one. Null: nobody has this pid, or nobody had it then.
 */
export async function recordsThen(
  graph: GraphReader,
  { pid, at }: PidThen,
): Promise<readonly string[] | null> {
  const [node] = await graph.bySeed([pid])
  if (node === undefined || node.pid === null) return null
  const moment = await momentOf(graph, node, at)
  if (moment.pid === null) return null
  const theirs = new Set((await graph.members([node.pid])).filter((one) => !isGone(one)).map(({ id }) => id))
  return moment.nodes.flatMap((one) => (theirs.has(one.id) ? nameOf(one) : []))
}

/** What the vault calls a record: its key is its source and that. */
export const nameOf = ({ key }: RecordNode): string[] => key?.split('\u001f').slice(1) ?? []
