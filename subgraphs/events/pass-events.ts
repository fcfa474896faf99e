import { checkReceipt, isTheirs } from './check-consent.ts'
import type { Bases, ConsentReceipts, SamePeople } from './consent-receipts.ts'
import type { ContractBook } from './contract-book.ts'
import type { Envelope } from './envelope.ts'
import type { Event } from './event.ts'
import type { Appended, EventStore } from './event-store.ts'
import { fault, passed, type Step, onward, valuesOf } from './fault.ts'
import { type Contracted, meetContract } from './meet-contract.ts'
import { type Holders, holdersOf, type Owned, settlePerson, tokenise, type WhoIs } from './pseudonymise.ts'

export interface FlowParts {
  readonly contracts: ContractBook
  readonly receipts: ConsentReceipts
  readonly whoIs: WhoIs
  readonly store: Pick<EventStore, 'append'>
  /** Hears of consent of these people, as far as nothing was heard of them yet. */
  readonly ensure: (pids: readonly string[]) => Promise<void>
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** How far the clock of a source may go ahead, in milliseconds. */
  readonly toleranceMs: number
}

/** What came of an event that was taken. */
export type Taken = Extract<Appended, { readonly outcome: 'stored' | 'duplicate' }>

export interface PassedEvents {
  /** For each that was given, in order. */
  readonly steps: readonly Step<Taken>[]
  /** What was found out on the way, for who keeps those that failed. */
  readonly receipts: Bases
  readonly contracted: readonly Step<Contracted>[]
}

/**
 * Event → contract → consent → pseudonym → store, many at a time: one question to each neighbour, however many events. Throws
 * when one of them does not answer: then nothing was judged, and who sent it sends it again.
 */
export async function passEvents(
  envelopes: readonly Step<Envelope>[],
  parts: FlowParts,
): Promise<PassedEvents> {
  const now = parts.clock()
  const { owned, ...found } = await judgeEvents(envelopes, { ...parts, now })
  const appended = await appendHeard(valuesOf(owned).map(toEvent), { ...parts, now })
  let written = 0
  return { ...found, steps: onward(owned, (one) => outcomeOf(one, appended[written++])) }
}

/** The same of what the store cannot be asked about: who fails before it is told why, and all others are not judged. */
export async function passUnstored(
  envelopes: readonly Step<Envelope>[],
  parts: FlowParts,
): Promise<PassedEvents> {
  const { owned, ...found } = await judgeEvents(envelopes, { ...parts, now: parts.clock() })
  return { ...found, steps: onward(owned, () => fault('EVENT_NOT_JUDGED', 'store')) }
}

interface JudgedEvents extends Omit<PassedEvents, 'steps'> {
  readonly owned: readonly Step<Owned>[]
}

/** All up to the store, which is not asked. */
async function judgeEvents(
  envelopes: readonly Step<Envelope>[],
  parts: Pick<FlowParts, 'contracts' | 'receipts' | 'whoIs' | 'toleranceMs'> & { readonly now: number },
): Promise<JudgedEvents> {
  const { contracts, now, toleranceMs } = parts
  const contracted = onward(envelopes, (envelope) => meetContract(envelope, { contracts, now, toleranceMs }))
  const receipts = await receiptsOf(valuesOf(envelopes), parts.receipts)
  const based = onward(contracted, (one) => checkReceipt(one, receipts))

  const people = await tokenise(
    valuesOf(based).map(({ envelope }) => envelope.person),
    parts.whoIs,
  )
  let next = 0
  const named = onward(based, (one) => {
    const person = people[next++] ?? one.envelope.person
    return passed({ ...one, envelope: { ...one.envelope, person } })
  })
  const holders = await holdersOf(people, parts.whoIs)
  const known = await parts.whoIs.known(pidsWithoutReceipt(valuesOf(named)))
  const same = await samePeople(valuesOf(named), holders, parts.receipts)
  return { owned: onward(named, (one) => settlePerson(one, { holders, known, same })), receipts, contracted }
}

async function receiptsOf(envelopes: readonly Envelope[], receipts: ConsentReceipts): Promise<Bases> {
  const ids = new Set(envelopes.flatMap(({ consentId }) => consentId ?? []))
  return ids.size === 0 ? new Map() : receipts.basis([...ids])
}

type Named = Parameters<typeof settlePerson>[0]

const pidsWithoutReceipt = (named: readonly Named[]): readonly string[] => [
  ...new Set(
    named.flatMap(({ envelope: { person }, basis }) => (basis === null && 'pid' in person ? person.pid : [])),
  ),
]

/** Asked only where a receipt is of another pid than the event: nearly never. */
async function samePeople(
  named: readonly Named[],
  holders: Holders,
  receipts: ConsentReceipts,
): Promise<SamePeople> {
  const doubtful = named.flatMap(({ envelope: { person }, basis }) => {
    const pids =
      'pid' in person ? [person.pid] : tokensOf(person).flatMap((token) => holders.get(token) ?? [])
    return basis !== null && pids.some((pid) => !isTheirs(basis, pid, NOBODY)) ? basis.subject : []
  })
  return doubtful.length === 0 ? NOBODY : receipts.samePeople([...new Set(doubtful)])
}

const NOBODY: SamePeople = new Map()

const tokensOf = (person: Envelope['person']): readonly string[] =>
  'tokens' in person ? person.tokens.flat() : []

function toEvent({ envelope, contract, basis, pid }: Owned): Event {
  const { source, eventId, occurredAt, receivedAt, data } = envelope
  const { type, version, scope } = contract
  return {
    source,
    eventId,
    type,
    version,
    occurredAt,
    receivedAt,
    pid,
    scope,
    consentId: basis === null ? null : envelope.consentId,
    consentRevision: basis?.revision ?? null,
    data,
    expiresAt: contract.endOf(occurredAt),
  }
}

type Attempted = Appended | { readonly outcome: 'not_storable' }

/** Who says yes for the first time and acts at once may be heard of only now: they are asked about before it is a no. */
async function appendHeard(
  events: readonly Event[],
  { store, ensure, now }: Pick<FlowParts, 'store' | 'ensure'> & { readonly now: number },
): Promise<readonly Attempted[]> {
  const first = await appendAll(events, { store, now })
  const isRefused = (at: number): boolean => first[at]?.outcome === 'not_alive'
  const refused = events.filter(({ consentRevision }, at) => consentRevision !== null && isRefused(at))
  if (refused.length === 0) return first
  await ensure([...new Set(refused.map(({ pid }) => pid))])
  const again = await appendAll(refused, { store, now })
  const outcomes = new Map(refused.map((event, at) => [event, again[at]]))
  return events.map((event, at) => outcomes.get(event) ?? first[at] ?? { outcome: 'not_storable' })
}

/**
 * What the store refuses for what it says must not keep the others from being stored, nor be sent for ever: the batch is
 * halved until it stands alone.
 */
async function appendAll(
  events: readonly Event[],
  { store, now }: { readonly store: Pick<EventStore, 'append'>; readonly now: number },
): Promise<readonly Attempted[]> {
  if (events.length === 0) return []
  try {
    return await store.append(events, now)
  } catch (error) {
    if (!isAboutTheData(error)) throw error
    if (events.length === 1) return [{ outcome: 'not_storable' }]
    const half = Math.ceil(events.length / 2)
    const first = await appendAll(events.slice(0, half), { store, now })
    return [...first, ...(await appendAll(events.slice(half), { store, now }))]
  }
}

/** Classes 22 (data exception) and 23 (integrity constraint violation) of SQLSTATE: asked again it is refused again. */
export const isAboutTheData = (error: unknown): boolean =>
  /^2[23][0-9A-Z]{3}$/.test(String((error as { code?: unknown } | null)?.code))

function outcomeOf({ basis }: Owned, appended: Attempted | undefined): Step<Taken> {
  switch (appended?.outcome) {
    case 'stored':
    case 'duplicate':
      return passed(appended)
    case 'reused':
      return fault('EVENT_ID_REUSED', 'store', 'eventId')
    case 'not_alive':
      return basis === null
        ? fault('PERSON_BLOCKED', 'store')
        : fault('CONSENT_NOT_IN_FORCE', 'store', 'consentId')
    case 'not_storable':
    case undefined:
      return fault('EVENT_NOT_STORABLE', 'store', 'data')
  }
}
