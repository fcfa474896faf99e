import type { WrappedKey } from '../vault/data-key-ring.ts'
import type { KeptRequest } from './kept-request.ts'
import type { Tip, TrailLink } from './trail.ts'

/** Where requests and the trail are kept. A step and its entry in the trail are written together, or not at all. */
export interface ReidentificationStore {
  /** One at a time, whatever replica it is done on; what `work` wrote is there when it resolves, and gone when it throws. */
  inTurn<T>(work: (turn: Turn) => Promise<T>): Promise<T>
  request(id: string): Promise<KeptRequest | null>
  /** The newest first. */
  requests(limit: number): Promise<readonly KeptRequest[]>
  /** Behind this position, in their order. */
  trail(after: number, limit: number): Promise<readonly TrailLink[]>

  /** What the trail is sealed with, wrapped; null: it was never made. */
  trailKey(): Promise<WrappedKey | null>
  /** There is one for ever: a second one is left out. */
  keepTrailKey(key: WrappedKey): Promise<void>
}

export interface Turn {
  readonly tip: Tip
  request(id: string): Promise<KeptRequest | null>
  /** Who asked since this instant: one person a request. */
  requestersSince(at: number): Promise<readonly string[]>
  /** New, or the step after the one that is there. */
  put(request: KeptRequest): Promise<void>
  append(link: TrailLink): Promise<void>
}
