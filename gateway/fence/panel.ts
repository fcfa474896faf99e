import type { Protection } from '../../schema/protection.ts'
import type { World } from '../plan/world.ts'
import type { ConsentState } from '../ports.ts'
import type { GuardedType } from './admission.ts'
import { type Decision, decide, denialOfScope, type Question } from './decide.ts'
import type { Standing } from './standing.ts'
import type { Verdict } from './verdict.ts'

/** What has to be decided about objects of one type in a lookup: the same for everybody, and so worked out once a plan. */
export interface Panel extends GuardedType {
  readonly asked: readonly Protection[]
  readonly protections: ReadonlyMap<string, Protection>
  /** Scopes that what is asked depends on. */
  readonly mentioned: readonly string[]
  /** These, and the scopes of what an input is fetched for: decisions depend on the answers about these and on nothing else. */
  readonly relevant: readonly string[]
  readonly verdicts: Map<string, Verdict>
  /** The same decisions are the same objects in all verdicts, so that what is told of them is put together once. */
  readonly told: Map<string, Decision>
  /** By what callers may use: how people stand whose state is kept beyond a request. */
  readonly standings: WeakMap<ReadonlySet<string>, WeakMap<ConsentState, Standing>>
}

export const createPanel = (kind: GuardedType, world: World): Panel => {
  const { protections } = world.protection
  const asked = kind.guard.coordinates.flatMap((coordinate) => protections.get(coordinate) ?? [])
  const mentioned = [...new Set(asked.flatMap(scopesIn))].toSorted()
  const served = [...kind.guard.serves.values()].flat()
  const relevant = [
    ...new Set([...mentioned, ...served.flatMap((coordinate) => scopesIn(protections.get(coordinate)))]),
  ]
  return {
    ...kind,
    asked,
    protections,
    mentioned,
    relevant,
    verdicts: new Map(),
    told: new Map(),
    standings: new WeakMap(),
  }
}

/** How the person stands whom the question is about; people who gave the same answers stand under one verdict. */
export const standingOn = (panel: Panel, question: Question, mayKeep: boolean): Standing => {
  let answers = ''
  let until = Number.POSITIVE_INFINITY
  for (const scope of panel.relevant) {
    answers += `${denialOfScope(scope, question) ?? '+'},`
    const end = question.state?.scopes.get(scope)?.expiresAt
    if (typeof end === 'number' && end > question.now) until = Math.min(until, end)
  }
  const state = question.state ?? null
  return {
    verdict: verdictOn(panel, answers, question),
    state,
    until,
    isKept: mayKeep && state !== null,
    text: null,
    toldIn: 0,
    asked: null,
    askedIn: 0,
    askedAt: 0,
  }
}

/** Where states are kept beyond a request, how people stand is kept with them, for as long and no longer. */
export const keptStandings = (panel: Panel, scopes: ReadonlySet<string>): WeakMap<ConsentState, Standing> => {
  const kept = panel.standings.get(scopes) ?? new WeakMap<ConsentState, Standing>()
  panel.standings.set(scopes, kept)
  return kept
}

/** What follows from these answers, which the question gave. */
const verdictOn = (panel: Panel, answers: string, question: Question): Verdict => {
  const known = panel.verdicts.get(answers)
  if (known !== undefined) return known
  // Sets of answers are few in practice and many in theory.
  if (panel.verdicts.size >= MOST) forget(panel)
  const verdict = verdictOf(panel, question)
  panel.verdicts.set(answers, verdict)
  return verdict
}

const MOST = 1_000

const forget = ({ verdicts, told }: Panel): void => {
  verdicts.clear()
  told.clear()
}

const verdictOf = (panel: Panel, question: Question): Verdict => {
  const { guard, asked, mentioned, protections } = panel
  const isServed = (coordinate: string) => {
    const protection = protections.get(coordinate)
    return protection !== undefined && decide(protection, question).kind === 'granted'
  }
  // An input that nobody asked for is needed only where something it serves is granted.
  const needed = asked.filter(({ coordinate }) => guard.serves.get(coordinate)?.some(isServed) ?? true)
  const decisions = new Map(
    needed.map((protection) => [protection.coordinate, same(panel, decide(protection, question))]),
  )
  const granted = guard.coordinates.filter((coordinate) => decisions.get(coordinate)?.kind === 'granted')
  const needs = new Set(granted.flatMap((coordinate) => scopesIn(protections.get(coordinate))))
  const scopes = mentioned.filter((scope) => needs.has(scope) && denialOfScope(scope, question) === null)
  return { decisions, granted, scopes, partition: `${granted.join()} ${scopes.join()}` }
}

const same = ({ told }: Panel, decision: Decision): Decision => {
  const key = JSON.stringify(decision)
  const known = told.get(key) ?? decision
  told.set(key, known)
  return known
}

const scopesIn = (protection: Protection | undefined): string[] =>
  (protection?.clauses ?? []).flatMap(({ anyOf }) => anyOf.flat())
