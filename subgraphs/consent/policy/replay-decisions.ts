import type { PolicyBundle } from './bundle.ts'
import type { PolicyPlace } from './cell-at.ts'
import { decideDefault } from './decide-default.ts'
import { readPolicyReceipt } from './policy-receipt.ts'

/** A line of a decision log, as far as a policy can change it. */
export interface RecordedDecision {
  readonly client: string
  /** Coordinates, each with the scopes it rests on. */
  readonly granted: Readonly<Record<string, readonly string[]>>
  /** Coordinates, each with the reason. */
  readonly denied: Readonly<Record<string, string>>
  /** The scopes whose receipts each person is listed with. */
  readonly scopes: readonly string[]
  readonly people: readonly (readonly [pid: string, revision: string | null, ...receipts: string[]])[]
  /** The bundle it was decided by, and where; absent in logs that do not tell. */
  readonly policy?: string
  readonly region?: string | null
  readonly brand?: string | null
}

/** An OR of ANDs of scopes; a coordinate asks for all of its clauses. */
export type Clauses = readonly (readonly (readonly string[])[])[]

export interface ReplayOptions {
  /** Where a client's answers are used, when the record does not tell. */
  readonly placeOf: (client: string) => PolicyPlace
  /** What a coordinate asks for; undefined when that is not known. */
  readonly clausesOf: (coordinate: string) => Clauses | undefined
}

/** Counted in (person, coordinate). */
export interface ReplayCount {
  readonly coordinate: string
  readonly region: string | null
  same: number
  /** Granted then, denied by this bundle. */
  denied: number
  /** Denied because nobody had been asked, granted by this bundle. */
  granted: number
  /** What the record tells is not enough to say. */
  undecided: number
}

export interface Replay {
  add(record: RecordedDecision): void
  /** By coordinate and region, in that order. */
  counts(): readonly ReplayCount[]
}

/** Decides recorded decisions again, by another bundle, as if everybody had said what they had said then. */
export function createReplay(bundle: PolicyBundle, options: ReplayOptions): Replay {
  const counts = new Map<string, ReplayCount>()
  const count = (coordinate: string, region: string | null): ReplayCount => {
    const key = `${coordinate} ${region ?? ''}`
    const known = counts.get(key)
    if (known) return known
    const fresh = { coordinate, region, same: 0, denied: 0, granted: 0, undecided: 0 }
    counts.set(key, fresh)
    return fresh
  }
  return {
    add(record) {
      const told = [...record.people].flatMap(([, , ...receipts]) => receipts.map(readPolicyReceipt))
      const rested = told.find((receipt) => receipt !== null)
      const place = placeOf(record, rested?.place ?? options.placeOf(record.client))
      const isThisBundle = (record.policy ?? rested?.policy) === bundle.id
      const replayed: Replayed = { bundle, record, place, isThisBundle }
      for (const [coordinate, scopes] of Object.entries(record.granted))
        for (const person of record.people)
          count(coordinate, place.region ?? null)[againGranted(replayed, scopes, person)]++
      for (const [coordinate, reason] of Object.entries(record.denied))
        count(coordinate, place.region ?? null)[
          againDenied(replayed, reason, options.clausesOf(coordinate))
        ] += record.people.length
    },
    counts: () =>
      [...counts.values()].toSorted((a, b) =>
        `${a.coordinate} ${a.region ?? ''}`.localeCompare(`${b.coordinate} ${b.region ?? ''}`),
      ),
  }
}

function placeOf({ region, brand }: RecordedDecision, otherwise: PolicyPlace): PolicyPlace {
  return {
    region: region === undefined ? (otherwise.region ?? null) : region,
    brand: brand === undefined ? (otherwise.brand ?? null) : brand,
  }
}

interface Replayed {
  readonly bundle: PolicyBundle
  readonly record: RecordedDecision
  readonly place: PolicyPlace
  readonly isThisBundle: boolean
}

type Outcome = 'same' | 'denied' | 'granted' | 'undecided'

/** A default said nothing; a statement said yes. */
function againGranted(
  { bundle, record, place, isThisBundle }: Replayed,
  scopes: readonly string[],
  [, , ...receipts]: RecordedDecision['people'][number],
): Outcome {
  if (isThisBundle) return 'same'
  const holds = scopes.map((scope) => {
    const receipt = receipts[record.scopes.indexOf(scope)] ?? ''
    if (receipt === '') return null
    const status = readPolicyReceipt(receipt) === null ? 'given' : null
    return decideDefault(bundle, { ...place, scope }, status).holds
  })
  if (holds.includes(false)) return 'denied'
  return holds.includes(null) ? 'undecided' : 'same'
}

/**
 * Only what was denied because nothing had been said can be granted by a default. Which of several scopes that was, a
 * record does not tell: here nothing was said about any, so what is counted as granted is the most that could be.
 */
function againDenied({ bundle, place, isThisBundle }: Replayed, reason: string, clauses?: Clauses): Outcome {
  if (isThisBundle) return 'same'
  if (reason === 'REGION') return 'undecided'
  if (reason !== 'NOT_GIVEN') return 'same'
  if (clauses === undefined) return 'undecided'
  const holds = (scope: string): boolean => decideDefault(bundle, { ...place, scope }, null).holds
  return clauses.every((anyOf) => anyOf.some((group) => group.length > 0 && group.every(holds)))
    ? 'granted'
    : 'same'
}
