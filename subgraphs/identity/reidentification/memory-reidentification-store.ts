import type { WrappedKey } from '../vault/data-key-ring.ts'
import type { KeptRequest } from './kept-request.ts'
import type { ReidentificationStore } from './reidentification-store.ts'
import { EMPTY_TRAIL, type TrailLink } from './trail.ts'

/** Everything in maps. For tests and for reading. */
export function createMemoryReidentificationStore(): ReidentificationStore {
  const requests = new Map<string, KeptRequest>()
  const links: TrailLink[] = []
  let trailKey: WrappedKey | null = null
  let last: Promise<unknown> = Promise.resolve()
  return {
    inTurn(work) {
      const turn = last.then(async () => {
        const drafts: KeptRequest[] = []
        const draftLinks: TrailLink[] = []
        const result = await work({
          tip: links.at(-1) ?? EMPTY_TRAIL,
          request: async (id) => requests.get(id) ?? null,
          requestersSince: async (at) =>
            [...requests.values()]
              .filter(({ requestedAt }) => requestedAt > at)
              .map(({ requester }) => requester),
          put: async (request) => void drafts.push(request),
          append: async (link) => void draftLinks.push(link),
        })
        for (const draft of drafts) requests.set(draft.id, draft)
        links.push(...draftLinks)
        return result
      })
      last = turn.catch(() => {})
      return turn
    },
    request: async (id) => requests.get(id) ?? null,
    requests: async (limit) => [...requests.values()].toReversed().slice(0, limit),
    trail: async (after, limit) => links.filter(({ position }) => position > after).slice(0, limit),
    trailKey: async () => trailKey,
    async keepTrailKey(key) {
      trailKey ??= key
    },
  }
}
