import { codedError } from '../../coded-error.ts'
import type { SubgraphErrorCode } from '../../error-catalogue.ts'
import type { Asker, Room } from './asking.ts'
import type { Action, Ruling } from './authority.ts'
import type { KeptRequest } from './kept-request.ts'
import type { Turn } from './reidentification-store.ts'
import type { StaffMember } from './staff.ts'
import { linkAfter, type TrailEntry } from './trail.ts'

/** What somebody did, for the trail. */
export type Told = Omit<TrailEntry, 'at' | 'person' | 'name' | 'client' | 'denied' | 'policies'>

/** What comes of it: the step that is taken, or why none is. */
export type Verdict =
  | { readonly next: KeptRequest | null; readonly policies: readonly string[] }
  | { readonly denied: SubgraphErrorCode; readonly place?: string; readonly policies: readonly string[] }

export interface Attempt {
  readonly asker: Asker
  readonly member: StaffMember | null
  readonly told: Told
  /** Asked within the turn; null: what it was judged by is no longer so, and it is to be judged again. */
  readonly verdict: (turn: Turn) => Promise<Verdict | null>
}

/**
 * Writes the step and its entry in the trail together, also where the step is refused, and only then lets anybody know.
 * What cannot be written did not happen: throws `AUDIT_UNAVAILABLE`, and nothing was revealed. False: judge again.
 */
export async function recordStep(attempt: Attempt, room: Room): Promise<boolean> {
  const verdict = await inTurn(room, async (turn) => {
    const judged = await attempt.verdict(turn)
    if (judged === null) return null
    if ('next' in judged && judged.next !== null) await turn.put(judged.next)
    await turn.append(linkAfter(turn.tip, entryOf(attempt, judged, room.clock()), room.trailKey))
    return judged
  })
  if (verdict !== null && 'denied' in verdict) throw codedError(verdict.denied, verdict.place)
  return verdict !== null
}

async function inTurn<T>({ store, log }: Room, work: (turn: Turn) => Promise<T>): Promise<T> {
  try {
    return await store.inTurn(work)
  } catch (error) {
    log?.(
      { error: (error as Error).name, code: (error as { code?: unknown }).code },
      'The trail cannot be written.',
    )
    throw codedError('AUDIT_UNAVAILABLE')
  }
}

function entryOf({ asker, member, told }: Attempt, verdict: Verdict, at: number): TrailEntry {
  return {
    ...told,
    at,
    person: member?.person ?? null,
    name: asker.name?.slice(0, 256) ?? null,
    client: asker.client,
    denied: 'denied' in verdict ? verdict.denied : null,
    policies: verdict.policies,
  }
}

/** What the policies say; who is nobody of the staff is not even asked about. */
export function ruling(
  action: Action,
  { asker, member, request }: { asker: Asker; member: StaffMember | null; request: KeptRequest | null },
  { authority }: Pick<Room, 'authority'>,
): Ruling {
  if (member === null) return { isAllowed: false, policies: [] }
  return authority.rule({
    action,
    person: member.person,
    roles: member.roles,
    purpose: asker.purpose,
    client: asker.client,
    request: request && {
      id: request.id,
      requester: request.requester,
      approvers: request.approvals.map(({ person }) => person),
      fields: request.fields,
      ticket: request.ticket,
    },
  })
}
