import type { GraphReader } from './graph/graph-port.ts'

/** Where pids lead at this moment; who leads nowhere is not in it. A pid of before its key was changed finds its record, too, under another seed: those are looked up one by one. */
export async function pidsNow(
  graph: GraphReader,
  pids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map((await graph.bySeed(pids)).map((node) => [node.seed, node]))
  const current = new Map<string, string>()
  for (const asked of pids) {
    // oxlint-disable-next-line no-await-in-loop -- rare, and only while keys are changed
    const node = found.get(asked) ?? (await graph.bySeed([asked]))[0]
    if (node !== undefined && node.pid !== null) current.set(asked, node.pid)
  }
  return current
}
