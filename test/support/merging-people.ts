import { createLinks } from '../../subgraphs/consent/links/links.ts'
import { startSettler } from '../../subgraphs/identity/changes/settler.ts'
import type { ChangeFeed } from '../../subgraphs/identity/changes/change-feed.ts'
import { createMemoryFeed } from '../../subgraphs/identity/changes/memory-feed.ts'
import { type ConsentWork, consentWork } from '../../subgraphs/identity/graph/consent-work.ts'
import type { LinkedConsent } from '../../subgraphs/identity/graph/linked-consent.ts'
import { mergeRecords } from '../../subgraphs/identity/graph/merge-records.ts'
import { unmergeRecords } from '../../subgraphs/identity/graph/unmerge-records.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { linkedConsentIn } from '../../subgraphs/linked-consent.ts'
import type { ConsentNetwork } from './consent-network.ts'
import { loneRecord } from './lone-record.ts'

/** What a settler stands on; a test stands between. */
export interface Between {
  readonly work: ConsentWork
  readonly consent: LinkedConsent
  readonly feed: ChangeFeed
}

/** Identity with one record each of Ada, Bo, Cyd and Dee, in front of a consent service. */
export async function mergingPeople({ store: consentStore, barrier, clock }: ConsentNetwork) {
  const store = createMemoryIdentityStore()
  const pids = ['ada', 'bo', 'cyd', 'dee'] as const
  const nodes = await store.change((graph) =>
    graph.putRecords(
      pids.map((pid, index) => ({ ...loneRecord(index + 1), seed: pid, pid })),
      clock(),
    ),
  )
  const idOf = (pid: (typeof pids)[number]): number => nodes[pids.indexOf(pid)]?.id ?? 0
  const parts: Between = {
    work: consentWork(store),
    consent: linkedConsentIn(createLinks({ store: consentStore, barrier, clock })),
    feed: createMemoryFeed(clock),
  }
  const draft = { how: 'person', by: 'by-hand@1', evidence: [], prior: null, probability: null } as const
  return {
    ...parts,
    store,
    async merge(one: (typeof pids)[number], other: (typeof pids)[number]): Promise<string> {
      const records = { a: idOf(one), b: idOf(other), actor: 'clerk-7', reason: null }
      const merged = await store.change((graph) => mergeRecords(graph, { ...draft, ...records }, clock()))
      return merged.outcome === 'decided' ? merged.decision.decisionId : merged.outcome
    },
    async unmerge(decisionId: string): Promise<void> {
      const taken = { decisionId, actor: 'clerk-7', reason: null, keepApart: false }
      await store.change((graph) => unmergeRecords(graph, taken, clock()))
    },
    /** Under which pid each is found now. */
    async currentPids(): Promise<readonly (string | null | undefined)[]> {
      const found = await store.look((graph) => graph.bySeed(pids))
      return pids.map((pid) => found.find(({ seed }) => seed === pid)?.pid)
    },
    /** Runs until there is nothing to do any more, or it pauses after a failure. */
    async settleOnce(between: Partial<Between> = {}): Promise<{ readonly isDone: boolean }> {
      let settler: ReturnType<typeof startSettler> | undefined
      let log = 0
      await new Promise<void>((resolve) => {
        const pause = async (): Promise<void> => resolve()
        settler = startSettler({ ...parts, ...between, clock, log: () => (log += 1), pause: once(pause) })
      })
      await settler?.stop()
      return { isDone: log === 0 }
    },
  }
}

/** After the first pause nothing happens until the end. */
function once(pause: () => Promise<void>): (ms: number, signal: AbortSignal) => Promise<void> {
  return async (_ms, signal) => {
    await pause()
    if (!signal.aborted)
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
  }
}
