import { codedError } from '../../coded-error.ts'
import { type RecordNode, isGone } from './decision.ts'
import type { GraphReader } from './graph-port.ts'

/** A record, named by the pid it is the seed of. Gone ones are found, too: their pid may still lead somewhere. */
export async function recordOf(graph: GraphReader, pid: string, place: string): Promise<RecordNode> {
  const [node] = await graph.bySeed([pid])
  if (node === undefined) throw codedError('RECORD_UNKNOWN', place)
  return node
}

/** A record that is there, of the person whom the pid leads to: its own if it is there, else their oldest. */
export async function presentRecordOf(graph: GraphReader, pid: string, place: string): Promise<RecordNode> {
  const node = await recordOf(graph, pid, place)
  if (!isGone(node)) return node
  const members = node.pid === null ? [] : await graph.members([node.pid])
  const oldest = members.find((member) => !isGone(member))
  if (oldest === undefined) throw codedError('RECORD_UNKNOWN', place)
  return oldest
}

/** Two of them, mostly with one question. */
export async function presentPairOf(
  graph: GraphReader,
  a: string,
  b: string,
  known?: readonly RecordNode[],
): Promise<readonly [RecordNode, RecordNode]> {
  const found = new Map((known ?? (await graph.bySeed([a, b]))).map((node) => [node.seed, node]))
  const present = async (pid: string, place: string): Promise<RecordNode> => {
    const node = found.get(pid)
    return node === undefined || isGone(node) ? presentRecordOf(graph, pid, place) : node
  }
  return [await present(a, 'a'), await present(b, 'b')]
}
