import { ANONYMOUS } from '../../directives/grant.ts'
import type { Protection } from '../../schema/protection.ts'
import type { ConsentState } from '../ports.ts'
import type { Admission, Candidate, GuardedType } from './admission.ts'
import { decide, denialOfScope, type Question } from './decide.ts'
import type { Verdict } from './verdict.ts'

/** A candidate, decided. */
export interface Judged<Item extends Candidate> {
  readonly item: Item
  readonly verdict: Verdict
}

/**
 * Decides every coordinate for every candidate, once consent for all of them is there. People are many and sets of answers
 * few: each set is decided once, each person is only asked which one is theirs.
 */
export const judge = async <Item extends Candidate>(
  admission: Admission,
  kind: GuardedType,
  items: readonly Item[],
): Promise<Judged<Item>[]> => {
  const { protections } = admission.world.protection
  const asked = kind.coordinates.flatMap((coordinate) => protections.get(coordinate) ?? [])
  const mentioned = [...new Set(asked.flatMap(scopesIn))].toSorted()
  const relevant = relevantScopes(admission, kind, mentioned)
  // Nobody is asked about scopes that this caller could not use anyway.
  const matters = mentioned.some((scope) => admission.caller.scopes.has(scope))
  if (matters)
    await admission.states.learn(items.flatMap(({ subject }) => (isSomebody(subject) ? [subject] : [])))
  const now = admission.clock()
XX
}

const isSomebody = (subject: string | null): subject is string => subject !== null && subject !== ANONYMOUS

/** Null: nobody known. Undefined: consent could not be established. */
const stateOf = ({ states }: Admission, subject: string | null): ConsentState | null | undefined =>
  isSomebody(subject) ? states.of(subject) : null

/** All that decisions about these scopes depend on: granted or not, and why not. */
const answersOf = (mentioned: readonly string[], question: Question): string => {
  let answers = ''
  for (const scope of mentioned) answers += `${denialOfScope(scope, question) ?? ''},`
  return answers
}

interface Judging extends GuardedType {
  readonly asked: readonly Protection[]
  readonly mentioned: readonly string[]
  readonly protections: ReadonlyMap<string, Protection>
}

const verdictOf = (
  { guard, coordinates, asked, mentioned, protections }: Judging,
  question: Question,
): Verdict => {
  const isServed = (coordinate: string) => {
    const protection = protections.get(coordinate)
    return protection !== undefined && decide(protection, question).kind === 'granted'
  }
  // An input that nobody asked for is needed only where something it serves is granted.
  const needed = asked.filter(({ coordinate }) => guard.serves.get(coordinate)?.some(isServed) ?? true)
  const decisions = new Map(needed.map((protection) => [protection.coordinate, decide(protection, question)]))
  const granted = coordinates.filter((coordinate) => decisions.get(coordinate)?.kind === 'granted')
  const needs = new Set(granted.flatMap((coordinate) => scopesIn(protections.get(coordinate))))
  const scopes = mentioned.filter((scope) => needs.has(scope) && denialOfScope(scope, question) === null)
  return { decisions, granted, scopes, partition: `${granted.join()} ${scopes.join()}` }
}

/** Scopes that any of these decisions may depend on: of what is asked, and of what an input is fetched for. */
const relevantScopes = (
  { world }: Admission,
  { guard }: GuardedType,
  mentioned: readonly string[],
): readonly string[] => {
  const served = [...guard.serves.values()].flat()
  if (served.length === 0) return mentioned
  const { protections } = world.protection
  return [
    ...new Set([...mentioned, ...served.flatMap((coordinate) => scopesIn(protections.get(coordinate)))]),
  ]
}

const scopesIn = (protection: Protection | undefined): string[] =>
  (protection?.clauses ?? []).flatMap(({ anyOf }) => anyOf.flat())
