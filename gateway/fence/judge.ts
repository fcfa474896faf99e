import { ANONYMOUS } from '../../directives/grant.ts'
import type { ConsentState } from '../ports.ts'
import type { Admission, Candidate, GuardedType } from './admission.ts'
import { createPanel, keptStandings, type Panel, standingOn } from './panel.ts'
import type { Standing } from './standing.ts'
import { remember } from './remember.ts'
import { after, type Soon } from './soon.ts'
import type { Verdict } from './verdict.ts'

/** Candidates that were decided alike, and how each of them stands. */
export interface Judged<Item extends Candidate> {
  readonly verdict: Verdict
  readonly items: readonly Item[]
  readonly standings: readonly Standing[]
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
  if (!matters) return judged(admission, standingsOf(admission, panel, items.map(NOTHING_KNOWN)), items)
  const subjects = items.map(somebodyIn)
  return after(states.learn(subjects), () =>
    judged(admission, standingsOf(admission, panel, states.of(subjects)), items),
  )
}

const NOTHING_KNOWN = (): undefined => undefined

/** Null where it is about nobody. */
const somebodyIn = ({ subject }: Candidate): string | null => (subject === ANONYMOUS ? null : subject)

/** How each stands; a state that is kept by who answered for it is looked at once, until something in it runs out. */
const standingsOf = (
  { caller, clock, consent }: Admission,
  panel: Panel,
  /** Null: nobody known. Undefined: consent could not be established. */
  states: readonly (ConsentState | null | undefined)[],
): readonly Standing[] => {
  const kept = consent.known === undefined ? null : keptStandings(panel, caller.scopes)
  const now = clock()
  return states.map((state) => {
    const known = state === undefined || state === null ? undefined : kept?.get(state)
    if (known !== undefined && now < known.until) return known
    const standing = standingOn(panel, { caller, state, now }, kept !== null)
    if (standing.isKept && standing.state !== null) kept?.set(standing.state, standing)
    return standing
  })
}

const judged = <Item extends Candidate>(
  { ledger, subgraph, isAgain }: Admission,
  standings: readonly Standing[],
  items: readonly Item[],
): readonly Judged<Item>[] => {
  const [first] = standings
  const groups =
    first !== undefined && standings.every(({ verdict }) => verdict === first.verdict)
      ? [{ verdict: first.verdict, items, standings }]
      : groupsOf(standings, items)
  ledger.enter({ subgraph, items, standings, groups, isAgain })
  return groups
}

interface Group<Item extends Candidate> extends Judged<Item> {
  readonly items: Item[]
  readonly standings: Standing[]
}

const groupsOf = <Item extends Candidate>(
  standings: readonly Standing[],
  items: readonly Item[],
): readonly Group<Item>[] => {
  const groups = new Map<Verdict, Group<Item>>()
  for (const [index, standing] of standings.entries()) {
    const { verdict } = standing
    const item = items[index]
    if (item === undefined) continue
    const group = groups.get(verdict)
    if (group === undefined) groups.set(verdict, { verdict, items: [item], standings: [standing] })
    else {
      group.items.push(item)
      group.standings.push(standing)
    }
  }
  return [...groups.values()]
}
