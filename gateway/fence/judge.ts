import { ANONYMOUS } from '../../directives/grant.ts'
import type { ConsentState } from '../ports.ts'
import type { Admission, Candidate, GuardedType } from './admission.ts'
import { type Answering, denialOfScope } from './decide.ts'
import { createPanel, verdictOn } from './panel.ts'
import { remember } from './remember.ts'
import type { Verdict } from './verdict.ts'

/** Candidates that were decided alike. */
export interface Judged<Item extends Candidate> {
  readonly verdict: Verdict
  readonly items: Item[]
}

/**
 * Decides every coordinate for every candidate, once consent for all of them is there. People are many and sets of answers
 * few: what follows from a set is worked out once a plan, and each person is only asked which set is theirs.
 */
export const judge = async <Item extends Candidate>(
  admission: Admission,
  kind: GuardedType,
  items: readonly Item[],
): Promise<Judged<Item>[]> => {
  const { caller, lookup, ledger, states, subgraph, isAgain } = admission
  const panel = remember(lookup, `panel ${kind.type}`, () => createPanel(kind, admission.world))
  // Nobody is asked about scopes that this caller could not use anyway.
  const matters = panel.mentioned.some((scope) => caller.scopes.has(scope))
  if (matters) await states.learn(items.map(({ subject }) => subject).filter(isSomebody))
  const groups = new Map<string, Judged<Item> & { readonly states: (ConsentState | null)[] }>()
  const answering: Answering = { caller, state: undefined, now: admission.clock() }
  for (const item of items) {
    answering.state = matters ? stateOf(admission, item.subject) : undefined
    const answers = answersOf(panel.relevant, answering)
    let group = groups.get(answers)
    if (group === undefined) {
      group = { verdict: verdictOn(panel, answers, answering), items: [], states: [] }
      groups.set(answers, group)
    }
    group.items.push(item)
    group.states.push(answering.state ?? null)
  }
  for (const { verdict, items: alike, states: said } of groups.values())
    ledger.enter({ subgraph, verdict, items: alike, states: said, isAgain })
  return [...groups.values()]
}

const isSomebody = (subject: string | null): subject is string => subject !== null && subject !== ANONYMOUS

/** Null: nobody known. Undefined: consent could not be established. */
const stateOf = ({ states }: Admission, subject: string | null): ConsentState | null | undefined =>
  isSomebody(subject) ? states.of(subject) : null

/** All that decisions about these scopes depend on: granted or not, and why not. */
const answersOf = (relevant: readonly string[], answering: Answering): string => {
  let answers = ''
  for (const scope of relevant) answers += `${denialOfScope(scope, answering) ?? '+'},`
  return answers
}
