import { randomBytes, randomUUID } from 'node:crypto'
import { seal } from '../../seal.ts'
import type { DataKeyRing } from '../vault/data-key-ring.ts'
import type { Asker, Room } from './asking.ts'
import type { KeptRequest, SealedReason } from './kept-request.ts'
import { isRawField, type RawField } from './raw-field.ts'
import { recordStep, ruling, type Verdict } from './record-step.ts'
import type { Turn } from './reidentification-store.ts'
import type { StaffMember } from './staff.ts'
import { sealOfReason } from './trail.ts'

export interface ReidentificationInput {
  readonly pid: string
  readonly fields: readonly string[]
  readonly legalTicket: string
  readonly reason: string
}

/** Asks who stands behind a pid. Throws what is refused, after it is in the trail. */
export async function requestReidentification(
  asker: Asker,
  input: ReidentificationInput,
  room: Room,
): Promise<KeptRequest> {
  const member = asker.name === null ? null : room.staff.byName(asker.name)
  const records = isPid(input.pid) ? await room.people.recordsOf(input.pid) : []
  const fault = faultOf(input, records)
  const request = await requestOf(input, { person: member?.person ?? '', records }, room)
  await recordStep(
    {
      asker,
      member,
      told: {
        event: 'requested',
        request: request.id,
        // What is nobody's pid may be a value that somebody wrote into the wrong place.
        pid: records.length > 0 ? input.pid : null,
        fields: request.fields,
        ticket: isTicket(input.legalTicket) ? input.legalTicket : null,
        reason: sealOfReason(input.reason, room.trailKey),
      },
      verdict: async (turn) => {
        const { isAllowed, policies } = ruling('request', { asker, member, request }, room)
        if (!isAllowed || member === null) return { denied: 'REIDENTIFICATION_NOT_ALLOWED', policies }
        if (fault !== null) return { denied: 'REIDENTIFICATION_INVALID', place: fault, policies }
        if (records.length === 0) return { denied: 'INVALID_SUBJECT', place: 'pid', policies }
        return (await overLimit(turn, member, room, policies)) ?? { next: request, policies }
      },
    },
    room,
  )
  return request
}

/** Rows of the store, and pids, are letters, digits, `_` and `-`. */
const isPid = (text: string): boolean => /^[\w-]{1,128}$/.test(text)

/** The name of a case in a system of its own: a word in which nothing else has a place. */
const isTicket = (text: string): boolean => /^[A-Za-z][\w./-]{2,63}$/.test(text)

const MOST_REASON = 2_000
const LEAST_REASON = 10

function faultOf(
  { fields, legalTicket, reason }: ReidentificationInput,
  records: readonly string[],
): string | null {
  if (!isTicket(legalTicket)) return 'legalTicket, 3 to 64 letters, digits and `_ . / -`, a letter first'
  if (reason.trim().length < LEAST_REASON || reason.length > MOST_REASON)
    return `reason, ${LEAST_REASON} to ${MOST_REASON} characters`
  if (fields.length === 0 || !fields.every(isRawField) || new Set(fields).size < fields.length)
    return 'fields, at least one, each once'
  return records.length > MOST_RECORDS ? 'pid, a person with more records than anybody has' : null
}

/** A person of so many records is a mistake of matching, and would reveal many people at once. */
const MOST_RECORDS = 200

async function requestOf(
  { pid, fields, legalTicket: ticket, reason }: ReidentificationInput,
  { person: requester, records }: { readonly person: string; readonly records: readonly string[] },
  { clock, terms, ring }: Room,
): Promise<KeptRequest> {
  const id = randomUUID()
  const requestedAt = clock()
  return {
    id,
    requester,
    pid,
    records,
    fields: fields.filter((field): field is RawField => isRawField(field)),
    ticket,
    reason: await sealReason(reason, id, ring),
    requestedAt,
    approvals: [],
    refusal: null,
    redeemedAt: null,
    expiresAt: requestedAt + terms.approveWithinMs,
    revision: 1,
  }
}

async function sealReason(reason: string, id: string, ring: DataKeyRing): Promise<SealedReason> {
  const key = randomBytes(32)
  const bound = `assent reason ${id}`
  return { key: await ring.wrap(key, bound), sealed: seal(Buffer.from(reason), key, Buffer.from(bound)) }
}

/** Of one person and of all: who is careless, and a crowd who are. */
async function overLimit(
  turn: Turn,
  member: StaffMember,
  { terms, clock }: Room,
  policies: readonly string[],
): Promise<Verdict | null> {
  const requesters = await turn.requestersSince(clock() - terms.perMs)
  const own = requesters.filter((person) => person === member.person).length
  const isOver = own >= terms.requestsPerPerson || requesters.length >= terms.requestsInTotal
  return isOver ? { denied: 'REIDENTIFICATION_LIMIT', policies } : null
}
