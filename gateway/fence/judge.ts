import { ANONYMOUS } from '../../directives/grant.ts'
import type { Admission, Candidate, GuardedType } from './admission.ts'
import { createPanel, keptStandings, type Panel, standingOn } from './panel.ts'
import type { Standing } from './standing.ts'
import { remember } from './remember.ts'
import { after, type Soon } from './soon.ts'
import type { Verdict } from './verdict.ts'

/** Candidates that were decided alike. */
export interface Judged<Item extends Candidate> {
  readonly verdict: Verdict
  readonly items: Item[]
}

interface Group<Item extends Candidate> extends Judged<Item> {
  readonly standings: Standing[]
}

/**
 * Decides every coordinate for every candidate, once consent for all of them is there. People are many and sets of answers
 * few: what follows from a set is worked out once a plan, and each person is only asked which set is theirs.
 */
export const judge = <Item extends Candidate>(
  admission: Admission,
  kind: GuardedType,
  items: readonly Item[],
): Soon<readonly Judged<Item>[]> => {
  const { caller, lookup, states } = admission
  const panel = remember(lookup, `panel ${kind.type}`, () => createPanel(kind, admission.world))
  // Nobody is asked about scopes that this caller could not use anyway.
  const matters = panel.mentioned.some((scope) => caller.scopes.has(scope))
  const waiting = matters ? states.learn(somebodyIn(items)) : undefined
  return after(waiting, () => judged(admission, createStandingOf(admission, panel, matters), items))
}

const somebodyIn = (items: readonly Candidate[]): string[] => {
  const subjects: string[] = []
  for (const { subject } of items) if (isSomebody(subject)) subjects.push(subject)
  return subjects
}

const judged = <Item extends Candidate>(
  { ledger, subgraph, isAgain }: Admission,
  standingOf: (candidate: Candidate) => Standing,
  items: readonly Item[],
): readonly Judged<Item>[] => {
  const groups: Group<Item>[] = []
  const byVerdict = new Map<Verdict, Group<Item>>()
  let group: Group<Item> | undefined
  for (const item of items) {
    const standing = standingOf(item)
    // People stand one after the other under the same verdict more often than not.
    if (group?.verdict !== standing.verdict) group = byVerdict.get(standing.verdict)
    if (group === undefined) {
      group = { verdict: standing.verdict, items: [], standings: [] }
      groups.push(group)
      byVerdict.set(standing.verdict, group)
    }
    group.items.push(item)
    group.standings.push(standing)
  }
  for (const { verdict, items: alike, standings } of groups)
    ledger.enter({ subgraph, verdict, items: alike, standings, isAgain })
  return groups
}

const isSomebody = (subject: string | null): subject is string => subject !== null && subject !== ANONYMOUS

/** How each stands; a state that is kept by who answered for it is looked at once, until something in it runs out. */
const createStandingOf = (
  { caller, clock, consent, states }: Admission,
  panel: Panel,
  matters: boolean,
): ((candidate: Candidate) => Standing) => {
  const kept = consent.known === undefined ? null : keptStandings(panel, caller.scopes)
  const now = clock()
  return ({ subject }) => {
    // Null: nobody known. Undefined: consent could not be established.
    const state = !matters ? undefined : isSomebody(subject) ? states.of(subject) : null
    const known = state === undefined || state === null ? undefined : kept?.get(state)
    if (known !== undefined && now < known.until) return known
    const standing = standingOn(panel, { caller, state, now })
    if (standing.state === null || kept === null) return standing
    kept.set(standing.state, standing)
    standing.toldIn = 0
    return standing
  }
}
