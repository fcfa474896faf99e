import { type Based, isTheirs } from './check-consent.ts'
import type { SamePeople } from './consent-receipts.ts'
import type { Identifier, Person } from './envelope.ts'
import { fault, passed, type Step } from './fault.ts'

/** What the flow asks of identity. Throws when it cannot be answered. */
export interface WhoIs {
  /** Each identifier's tokens under every key it may be known by; none for what cannot be of its kind. */
  tokens(identifiers: readonly Identifier[]): Promise<readonly (readonly string[])[]>
  /** By token, the pids of who has it. */
  holders(tokens: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>
  /** Those of these pids that are somebody's. */
  known(pids: readonly string[]): Promise<ReadonlySet<string>>
}

/** Identifiers become tokens at once, and are gone. All in one question. */
export async function tokenise(people: readonly Person[], whoIs: WhoIs): Promise<readonly Person[]> {
  const identifiers = people.flatMap((person) => ('identifiers' in person ? person.identifiers : []))
  if (identifiers.length === 0) return people
  const tokens = await whoIs.tokens(identifiers)
  let next = 0
  return people.map((person) =>
    'identifiers' in person ? { tokens: person.identifiers.map(() => tokens[next++] ?? []) } : person,
  )
}

export type Holders = ReadonlyMap<string, readonly string[]>

export async function holdersOf(people: readonly Person[], whoIs: WhoIs): Promise<Holders> {
  const tokens = people.flatMap((person) => ('tokens' in person ? person.tokens.flat() : []))
  return tokens.length === 0 ? new Map() : whoIs.holders([...new Set(tokens)])
}

/** An event that is known to be about one person, whose receipt it is. */
export interface Owned extends Based {
  readonly pid: string
}

export interface KnownPeople {
  readonly holders: Holders
  /** Asked for those alone who are named by pid and by no receipt. */
  readonly known: ReadonlySet<string>
  readonly same: SamePeople
}

/**
 * Fourth stage: one person, and the receipt is theirs. Every identifier has to lead to the same person: one that leads to
 * nobody says nothing, and one that leads to several, or elsewhere, makes the event nobody's.
 */
export function settlePerson(based: Based, people: KnownPeople): Step<Owned> {
  const found = personOf(based, people)
  if (found.isFault) return found
  const pid = found.value
  if (based.basis !== null && !isTheirs(based.basis, pid, people.same)) {
    const isTold = people.same.get(based.basis.subject) !== null
    return fault(isTold ? 'CONSENT_OF_ANOTHER_PERSON' : 'CONSENT_NOT_UNDERSTOOD', 'consent', 'consentId')
  }
  return passed({ ...based, pid })
}

function personOf({ envelope: { person }, basis }: Based, { holders, known }: KnownPeople): Step<string> {
  if ('pid' in person) {
    const isKnown = basis !== null || known.has(person.pid)
    return isKnown ? passed(person.pid) : fault('PERSON_UNKNOWN', 'pseudonymise', 'pid')
  }
  if ('identifiers' in person) return fault('PERSON_UNKNOWN', 'pseudonymise', 'person')
  const pids = new Set(person.tokens.flat().flatMap((token) => holders.get(token) ?? []))
  const [pid, ...others] = pids
  if (pid === undefined) return fault('PERSON_UNKNOWN', 'pseudonymise', 'person')
  return others.length === 0 ? passed(pid) : fault('PERSON_AMBIGUOUS', 'pseudonymise', 'person')
}
