import { selectionText } from '../plan/explain-plan.ts'
import type { Lookup } from '../plan/query-plan.ts'
import type { Denial } from './denial.ts'
import type { Admitted, Fence } from './fence.ts'
import type { Ledger } from './ledger.ts'
import { partition } from './partition.ts'
import type { Candidate } from './admission.ts'

/** People for whom a lookup would be decided alike, and what would be asked for them. */
export interface Foreseen {
  readonly lookup: string
  readonly type: string
  readonly subjects: readonly string[]
  readonly granted: readonly string[]
  readonly denied: readonly ForeseenDenial[]
  /** People with the same number travel together, whatever they were denied; null when nothing would be sent for them. */
  readonly partition: number | null
  readonly asks: string | null
  /** The granted scopes that would be handed to the subgraph. */
  readonly scopes: readonly string[]
  /** What would be asked in their place for nobody in particular. */
  readonly instead: string | null
}

export interface ForeseenDenial extends Denial {
  readonly coordinate: string
}

interface Foreseeing {
  readonly fence: Fence
  readonly ledger: Ledger
  readonly subgraph: string
  readonly lookup: Lookup
  readonly name: string
}

/** Lets the real fence decide about a lookup as if it had found these people; nothing is sent. */
export const foresee = async (at: Foreseeing, subjects: readonly string[]): Promise<Foreseen[]> => {
  const found = await Promise.all([...at.lookup.guards.keys()].map((type) => foreseeType(at, type, subjects)))
  return found.flat()
}

const foreseeType = async (
  at: Foreseeing,
  type: string,
  subjects: readonly string[],
): Promise<Foreseen[]> => {
  const candidates = subjects.map((subject): Candidate => ({ type, subject, object: {} }))
  const admitted = await at.fence.admit(at.subgraph, at.lookup, candidates)
  const coordinates = at.lookup.guards.get(type)?.coordinates ?? []
  const decided = candidates.map((candidate) => ({
    candidate,
    ...decisionsOf(at.ledger, coordinates, candidate),
  }))
  const alike = partition(decided, ({ granted, denied }) => JSON.stringify([granted, denied]))
  return alike.flatMap(({ items }) => {
    const [first] = items
    if (first === undefined) return []
    const own = admittedOf(admitted, first.candidate, false)
    const instead = admittedOf(admitted, first.candidate, true)
    return [
      {
        lookup: at.name,
        type,
        subjects: items.map(({ candidate }) => candidate.subject ?? ''),
        granted: first.granted,
        denied: first.denied,
        partition: own === undefined ? null : admitted.indexOf(own) + 1,
        asks: own === undefined ? null : selectionText(own.selection),
        scopes: own?.scopes ?? [],
        instead: instead === undefined ? null : selectionText(instead.selection),
      },
    ]
  })
}

const decisionsOf = (
  ledger: Ledger,
  coordinates: readonly string[],
  { object }: Candidate,
): { granted: string[]; denied: ForeseenDenial[] } => {
  const granted: string[] = []
  const denied: ForeseenDenial[] = []
  for (const coordinate of coordinates) {
    const decision = ledger.decisionsOn(object)?.get(coordinate)
    if (decision?.kind === 'granted') granted.push(coordinate)
    if (decision?.kind === 'denied')
      denied.push({ coordinate, reason: decision.reason, scopes: decision.scopes })
  }
  return { granted, denied }
}

const admittedOf = (
  admitted: readonly Admitted<Candidate>[],
  candidate: Candidate,
  isAnonymous: boolean,
): Admitted<Candidate> | undefined =>
  admitted.find(
    ({ items, anonymousKey }) => (anonymousKey !== null) === isAnonymous && items.includes(candidate),
  )
