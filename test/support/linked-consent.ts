import type { Link, LinkedConsent, Unlink } from '../../subgraphs/identity/graph/linked-consent.ts'

/** Consent as identity sees it, in a map; it can be made unreachable. */
export function fakeLinkedConsent() {
  const links = new Map<string, Link>()
  const unlinked = new Set<string>()
  const calls: string[] = []
  let isReachable = true
  const reached = (call: string): void => {
    calls.push(call)
    if (!isReachable) throw new Error('Consent does not answer.')
  }
  const consent: LinkedConsent = {
    async link(asked: readonly Link[]) {
      reached('link')
      for (const link of asked) if (!unlinked.has(link.decisionId)) links.set(link.decisionId, link)
    },
    async unlink(asked: readonly Unlink[]) {
      reached('unlink')
      for (const { decisionId } of asked) {
        links.delete(decisionId)
        unlinked.add(decisionId)
      }
      return []
    },
    saidWhileLinked: async () => [],
  }
  return {
    consent,
    links,
    calls,
    reachable(is: boolean) {
      isReachable = is
    },
    /** Whether two pids restrict one another. */
    isLinked(one: string, other: string): boolean {
      const reachedPids = new Set([one])
      for (const pid of reachedPids)
        for (const { pids } of links.values())
          if (pids.includes(pid)) for (const next of pids) reachedPids.add(next)
      return reachedPids.has(other)
    },
  }
}
