import { ANONYMOUS } from '../../directives/grant.ts'
import type { Protection } from '../../schema/protection.ts'
import type { World } from '../plan/world.ts'
import type { ConsentState } from '../ports.ts'
import type { Admission, Candidate, GuardedType } from './admission.ts'
import { type Decision, decide, decideScope, type Question } from './decide.ts'

/** A candidate, decided. */
export interface Judged<Item extends Candidate> {
  readonly item: Item
  readonly decisions: ReadonlyMap<string, Decision>
  /** Coordinates to ask for: granted, and needed. */
  readonly granted: readonly string[]
  /** Granted scopes that these coordinates rest on: no more is handed to the subgraph. */
  readonly scopes: readonly string[]
}

/** Decides every coordinate for every candidate, once consent for all of them is there. */
export const judge = async <Item extends Candidate>(
  admission: Admission,
  { guard, coordinates }: GuardedType,
  items: readonly Item[],
): Promise<Judged<Item>[]> => {
  const { protections } = admission.world.protection
  const asked = coordinates.flatMap((coordinate) => protections.get(coordinate) ?? [])
  const mentioned = [...new Set(asked.flatMap(scopesIn))].toSorted()
  const states = await statesOf(admission, mentioned, items)
  const now = admission.clock()
  const needsOf = scopesBehind(protections)
  return items.map((item, index) => {
    const question: Question = { caller: admission.caller, state: states[index], now }
    const isGranted = (coordinate: string) => grants(protections.get(coordinate), question)
    const needed = asked.filter(({ coordinate }) => guard.serves.get(coordinate)?.some(isGranted) ?? true)
    const decisions = new Map(
      needed.map((protection) => [protection.coordinate, decide(protection, question)]),
    )
    const revision = question.state?.revision ?? null
    admission.ledger.enter({ subgraph: admission.subgraph, item, revision, decisions })
    const granted = coordinates.filter((coordinate) => decisions.get(coordinate)?.kind === 'granted')
    const needs = needsOf(granted)
    const isActive = (scope: string) => decideScope(scope, question).kind === 'granted'
    const scopes = mentioned.filter((scope) => needs.has(scope) && isActive(scope))
    return { item, decisions, granted, scopes }
  })
}

/** Scopes that a set of coordinates rests on, worked out once a set: people are many, sets are few. */
const scopesBehind = (protections: World['protection']['protections']) => {
  const known = new Map<string, ReadonlySet<string>>()
  return (granted: readonly string[]): ReadonlySet<string> => {
    const key = granted.join()
    const found =
      known.get(key) ?? new Set(granted.flatMap((coordinate) => scopesIn(protections.get(coordinate))))
    known.set(key, found)
    return found
  }
}

const scopesIn = (protection: Protection | undefined): string[] =>
  (protection?.clauses ?? []).flatMap(({ anyOf }) => anyOf.flat())

const grants = (protection: Protection | undefined, question: Question): boolean =>
  protection !== undefined && decide(protection, question).kind === 'granted'

/** Nobody is asked about scopes that this caller could not use anyway. */
const statesOf = (admission: Admission, mentioned: readonly string[], items: readonly Candidate[]) => {
  const matters = mentioned.some((scope) => admission.caller.scopes.has(scope))
  return matters ? Promise.all(items.map((item) => stateOf(admission, item.subject))) : []
}

/** Null: nobody known. Undefined: consent could not be established. */
const stateOf = async (
  admission: Admission,
  subject: string | null,
): Promise<ConsentState | null | undefined> => {
  if (subject === null || subject === ANONYMOUS) return null
  return (await admission.states.load(subject)) ?? undefined
}
