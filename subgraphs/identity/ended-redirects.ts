import { isGone } from './graph/decision.ts'
import type { GraphReader, GraphStore } from './graph/graph-port.ts'
import { howBuilt } from './graph/how-built.ts'
import type { ChangeFeed } from './changes/change-feed.ts'

/** Which of these pids, each of which leads to another one's person, nobody is answered under any more. */
export type EndedRedirects = (pids: readonly string[]) => Promise<ReadonlySet<string>>

/**
 * A pid that lost a merge keeps answering until its consumers have been told by event: every consumer that is waited for has
 * acknowledged the change by which it was lost. Where that change is not to be found it goes on answering, and so does
 * the pid of a record that was deleted, and one of an elder key, which ends with its key. An unmerge gives it back.
 */
export const redirectsUntilHeard =
  (graph: GraphStore, feed: Pick<ChangeFeed, 'areHeard'>): EndedRedirects =>
  async (pids) => {
    const ended = new Set<string>()
    for (const pid of pids) {
      // oxlint-disable-next-line no-await-in-loop -- seldom more than one
      const decisionId = await graph.look((reader) => lostBy(reader, pid))
      // oxlint-disable-next-line no-await-in-loop
      if (decisionId !== null && (await feed.areHeard([decisionId]))) ended.add(pid)
    }
    return ended
  }

/** The decision through which a person lost this pid; its change has the same id. */
async function lostBy(graph: GraphReader, pid: string): Promise<string | null> {
  const [node] = await graph.bySeed([pid])
  if (node === undefined || node.seed !== pid || node.pid === pid || isGone(node)) return null
  const built = await howBuilt(graph, pid, null)
  const step = built?.steps.find(({ joined, pid: now }) => joined.includes(pid) && now !== pid)
  return step?.decision.decisionId ?? null
}
