import { open } from '../../seal.ts'
import type { Asker, Room, ShownRequest } from './asking.ts'
import { type KeptRequest, type RequestState, stateOf } from './kept-request.ts'
import { recordStep, ruling } from './record-step.ts'
import { readEntry, type TrailEntry } from './trail.ts'

export interface ListArguments {
  readonly state: RequestState | null
  readonly first: number
}

/** What this person may see, the newest first; of who may see nothing the list is empty. */
export async function listRequests(
  asker: Asker,
  { state, first }: ListArguments,
  room: Room,
): Promise<readonly ShownRequest[]> {
  const member = asker.name === null ? null : room.staff.byName(asker.name)
  if (member === null) return []
  const now = room.clock()
  const seen = (await room.store.requests(LOOKED_THROUGH))
    .filter((request) => state === null || stateOf(request, now) === state)
    .filter((request) => ruling('see', { asker, member, request }, room).isAllowed)
    .slice(0, Math.min(Math.max(first, 0), MOST_SHOWN))
  return Promise.all(seen.map((request) => shown(request, room)))
}

const LOOKED_THROUGH = 500
const MOST_SHOWN = 100

export async function shown(request: KeptRequest, { ring }: Pick<Room, 'ring'>): Promise<ShownRequest> {
  const { reason: sealed, records: _records, revision: _revision, ...rest } = request
  const bound = `assent reason ${request.id}`
  const key = await ring.unwrap(sealed.key, bound)
  const reason = key && open(sealed.sealed, key, Buffer.from(bound))
  return { ...rest, reason: reason?.toString() ?? '' }
}

export interface TrailArguments {
  /** Behind this position. */
  readonly after: number
  readonly first: number
}

/** Who looked at the trail stands in the trail. */
export async function readTrail(
  asker: Asker,
  { after, first }: TrailArguments,
  room: Room,
): Promise<readonly (TrailEntry & { readonly position: number })[]> {
  const member = asker.name === null ? null : room.staff.byName(asker.name)
  const { isAllowed, policies } = ruling('readTrail', { asker, member, request: null }, room)
  await recordStep(
    {
      asker,
      member,
      told: { event: 'trail read', request: null, pid: null, fields: [], ticket: null, reason: null },
      verdict: async () =>
        isAllowed ? { next: null, policies } : { denied: 'REIDENTIFICATION_NOT_ALLOWED', policies },
    },
    room,
  )
  const links = await room.store.trail(after, Math.min(Math.max(first, 0), MOST_ENTRIES))
  return links.map(({ position, entry }) => ({ position, ...readEntry(entry) }))
}

const MOST_ENTRIES = 500
