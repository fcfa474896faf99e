import type { Asker, ReidentificationOptions, Room, ShownRequest } from './asking.ts'
import { approve, redeem, type Redeemed, refuse } from './decide-request.ts'
import {
  listRequests,
  type ListArguments,
  readTrail,
  shown,
  type TrailArguments,
} from './look-at-requests.ts'
import { type ReidentificationInput, requestReidentification } from './request-reidentification.ts'
import type { TrailEntry } from './trail.ts'
import { openTrailKey } from './trail-key.ts'

/**
 * The way back from a pid to a person: asked for with a legal ticket, approved by two others, gone through once, and
 * written down in full (GDPR Art. 4(5): additional information is subject to technical and organisational measures).
 */
export interface Reidentification {
  request(asker: Asker, input: ReidentificationInput): Promise<ShownRequest>
  approve(asker: Asker, id: string): Promise<ShownRequest>
  refuse(asker: Asker, id: string): Promise<ShownRequest>
  redeem(asker: Asker, id: string): Promise<Redeemed>
  list(asker: Asker, which: ListArguments): Promise<readonly ShownRequest[]>
  trail(asker: Asker, which: TrailArguments): Promise<readonly (TrailEntry & { readonly position: number })[]>
}

/** Throws `TRAIL_KEY_UNREADABLE`. */
export async function openReidentification(options: ReidentificationOptions): Promise<Reidentification> {
  const room: Room = { ...options, trailKey: await openTrailKey(options.store, options.ring) }
  return {
    request: async (asker, input) => shown(await requestReidentification(asker, input, room), room),
    approve: async (asker, id) => shown(await approve(asker, id, room), room),
    refuse: async (asker, id) => shown(await refuse(asker, id, room), room),
    redeem: (asker, id) => redeem(asker, id, room),
    list: (asker, which) => listRequests(asker, which, room),
    trail: (asker, which) => readTrail(asker, which, room),
  }
}
