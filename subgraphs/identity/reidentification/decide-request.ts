import type { SubgraphErrorCode } from '../../error-catalogue.ts'
import type { RawRecord } from '../vault/raw-record.ts'
import type { Asker, Room } from './asking.ts'
import { APPROVALS, type KeptRequest, stateOf } from './kept-request.ts'
import { type RawField, valuesOf } from './raw-field.ts'
import { recordStep, ruling, type Told } from './record-step.ts'
import type { StaffMember } from './staff.ts'

/** One of two yeses, neither of them the requester's. */
export async function approve(asker: Asker, id: string, room: Room): Promise<KeptRequest> {
  const { request } = await takeStep(asker, id, {
    room,
    action: 'approve',
    event: 'approved',
    states: ['PENDING'],
    async step(before, person) {
      if (!(await isIndependent(person, before, room))) return 'APPROVER_NOT_INDEPENDENT'
      const now = room.clock()
      const approvals = [...before.approvals, { person: person.person, at: now }]
      const isLast = approvals.length >= APPROVALS
      const expiresAt = isLast ? now + room.terms.redeemWithinMs : before.expiresAt
      return { request: { ...before, approvals, expiresAt }, given: null }
    },
  })
  return request
}

/** A no ends it, also one that is approved. */
export async function refuse(asker: Asker, id: string, room: Room): Promise<KeptRequest> {
  const { request } = await takeStep(asker, id, {
    room,
    action: 'refuse',
    event: 'refused',
    states: ['PENDING', 'APPROVED'],
    async step(before, { person }) {
      return { request: { ...before, refusal: { person, at: room.clock() } }, given: null }
    },
  })
  return request
}

export interface Redeemed {
  readonly request: KeptRequest
  readonly values: readonly { readonly field: RawField; readonly values: readonly string[] }[]
}

/**
 * The one moment in which raw values leave: to the requester, once. They are read before, and dropped when the trail
 * cannot be written.
 */
export async function redeem(asker: Asker, id: string, room: Room): Promise<Redeemed> {
  const { request, given } = await takeStep(asker, id, {
    room,
    action: 'redeem',
    event: 'redeemed',
    states: ['APPROVED'],
    async step(before, { person }) {
      if (person !== before.requester) return 'REIDENTIFICATION_NOT_ALLOWED'
      const opened = await openRecords(before, room)
      if (typeof opened === 'string') return opened
      return { request: { ...before, redeemedAt: room.clock() }, given: opened }
    },
  })
  const records = given ?? []
  return { request, values: request.fields.map((field) => ({ field, values: valuesOf(field, records) })) }
}

type Records = readonly RawRecord[]

interface StepTaken {
  readonly request: KeptRequest
  readonly given: Records | null
}

interface StepOptions {
  readonly room: Room
  readonly action: 'approve' | 'refuse' | 'redeem'
  readonly event: Told['event']
  readonly states: readonly string[]
  /** The request as it is afterwards, or why it stays as it is. */
  readonly step: (before: KeptRequest, person: StaffMember) => Promise<StepTaken | SubgraphErrorCode>
}

/** Judged by what is there, and written only if that is still so; else judged again. */
async function takeStep(asker: Asker, id: string, options: StepOptions): Promise<StepTaken> {
  const { room, event } = options
  const member = asker.name === null ? null : room.staff.byName(asker.name)
  for (;;) {
    // eslint-disable-next-line no-await-in-loop -- again only when somebody else was first
    const before = isId(id) ? await room.store.request(id) : null
    // eslint-disable-next-line no-await-in-loop
    const { outcome, policies } = await judge({ asker, member, before }, options)
    const taken = typeof outcome === 'string' ? null : bumped(outcome)
    // eslint-disable-next-line no-await-in-loop
    const isWritten = await recordStep(
      {
        asker,
        member,
        told: toldOf(event, before),
        async verdict(turn) {
          const now = before && (await turn.request(before.id))
          if (now?.revision !== before?.revision) return null
          return taken === null
            ? { denied: outcome as SubgraphErrorCode, policies }
            : { next: taken.request, policies }
        },
      },
      room,
    )
    if (isWritten && taken !== null) return taken
  }
}

const isId = (text: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(text)

async function judge(
  { asker, member, before }: { asker: Asker; member: StaffMember | null; before: KeptRequest | null },
  { room, action, states, step }: StepOptions,
): Promise<{ outcome: StepTaken | SubgraphErrorCode; policies: readonly string[] }> {
  // To who may do nothing a request that is there looks like one that is not.
  const { isAllowed, policies } = before
    ? ruling(action, { asker, member, request: before }, room)
    : { isAllowed: false, policies: [] }
  if (!isAllowed || before === null || member === null)
    return { outcome: 'REIDENTIFICATION_NOT_ALLOWED', policies }
  if (!states.includes(stateOf(before, room.clock()))) return { outcome: 'REQUEST_NOT_OPEN', policies }
  return { outcome: await step(before, member), policies }
}

const bumped = ({ request, given }: StepTaken): StepTaken => ({
  request: { ...request, revision: request.revision + 1 },
  given,
})

const toldOf = (event: Told['event'], request: KeptRequest | null): Told => ({
  event,
  request: request?.id ?? null,
  pid: request?.pid ?? null,
  fields: request?.fields ?? [],
  ticket: request?.ticket ?? null,
  reason: null,
})

/**
 * Neither the requester nor who approved already: not the same person of the staff, and not the same customer either,
 * where names of the staff are pids.
 */
async function isIndependent(
  member: StaffMember,
  { requester, approvals }: KeptRequest,
  { staff, people }: Room,
): Promise<boolean> {
  const others = [requester, ...approvals.map(({ person }) => person)]
  if (others.includes(member.person)) return false
  const otherNames = others.flatMap((person) => staff.byPerson(person)?.names ?? [])
  const [mine, theirs] = await Promise.all([
    people.peopleBehind(member.names),
    people.peopleBehind(otherNames),
  ])
  return [...mine].every((pid) => !theirs.has(pid))
}

/** Of the records that were asked about those which are still this person's; all of them as they were sealed. */
async function openRecords(
  { pid, records: asked }: KeptRequest,
  { vault, people }: Room,
): Promise<Records | SubgraphErrorCode> {
  const theirs = new Set(await people.recordsOf(pid))
  const { records, refused } = await vault.open(asked.filter((name) => theirs.has(name)))
  if (refused.length > 0) return 'VAULT_ENTRY_REFUSED'
  return records.size === 0 ? 'NOTHING_LEFT_TO_REVEAL' : [...records.values()]
}
