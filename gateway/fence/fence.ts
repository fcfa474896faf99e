import type { SelectionSetNode } from 'graphql'
import type { Guard, Lookup, ProofField, Requirement } from '../plan/query-plan.ts'
import type { Admission, Candidate, FenceContext, GuardedType } from './admission.ts'
import { type Judged, judge } from './judge.ts'
import { KnownStates } from './known-states.ts'
import { keepInputs } from './keep-inputs.ts'
import { partition } from './partition.ts'
import { prune } from './prune.ts'
import { remember } from './remember.ts'
import { after, type Soon } from './soon.ts'
import type { Standing } from './standing.ts'
import type { Verdict } from './verdict.ts'

/** Candidates that share one granted set, and what may be asked of them. */
export interface Admitted<Item extends Candidate> {
  readonly type: string
  readonly items: readonly Item[]
  /** How each of them stands; null where nothing had to be decided, and where one stands for all. */
  readonly standings: readonly Standing[] | null
  readonly selection: SelectionSetNode
  readonly requires: readonly Requirement[]
  /** What the answer must say of itself; null where nothing is protected. */
  readonly proof: readonly ProofField[] | null
  readonly scopes: readonly string[]
  /** The key that stands for nobody, when this asks for the default instead of a person's data. */
  readonly anonymousKey: string | null
}

/**
 * The only way from representations to a subgraph. One fence serves one request: it asks consent once for each person,
 * in one batch for all who wait, and forgets it when the request ends or a mutation may have changed it.
 */
export interface Fence {
  /** At once where everything is known that has to be. */
  admit<Item extends Candidate>(
    subgraph: string,
    lookup: Lookup,
    items: readonly Item[],
  ): Soon<readonly Admitted<Item>[]>
  forget(): void
  /** Names what is known at this moment. */
  version(): number
  /** Whether what was decided under this version may leave at this very moment. */
  holds(version: number): boolean
  /** Whether everything this request was decided by is so still. */
  isSettled(): boolean
  /** Decides anew about everybody whose consent has changed since: what is denied now is denied, and nothing more is granted. */
  settle(): Promise<void>
}

export const createFence = (context: FenceContext): Fence => {
  // Most requests are about nobody.
  let states: KnownStates | undefined
  const admissions: Admitting[] = []
  let rounds = 0
  return {
    admit: (subgraph, lookup, items) => {
      states ??= new KnownStates(context)
      admissions.push({ subgraph, lookup, items })
      return admit(admissionOf(context, states, { subgraph, lookup }, false), items)
    },
    forget: () => states?.forget(),
    version: () => states?.version() ?? 0,
    holds: (version) => states?.holds(version) ?? true,
    isSettled: () => states?.isSettled() ?? true,
    settle: async () => {
      if (states === undefined) return
      const known = states
      // Whose consent changes as fast as it is asked about has none.
      if ((rounds += 1) > MOST_ROUNDS) known.giveUp()
      await known.learn([])
      const overtaken = known.takeOvertaken()
      for (const { items, subgraph, lookup } of admissions) {
        const concerned = items.filter(({ subject }) => subject !== null && overtaken.has(subject))
        if (concerned.length > 0)
          await admit(admissionOf(context, known, { subgraph, lookup }, true), concerned)
      }
    },
  }
}

const MOST_ROUNDS = 3

/** Member by member: the engine copies a spread object one slow property at a time where others are added to it. */
// eslint-disable-next-line max-params -- what a fence stands on, and what asks to be let through
const admissionOf = (
  { world, caller, context, consent, clock, ledger, mostSubjects, notBefore, onConsentFailure }: FenceContext,
  states: KnownStates,
  { subgraph, lookup }: Pick<Admission, 'subgraph' | 'lookup'>,
  isAgain: boolean,
): Admission => ({
  world,
  caller,
  context,
  consent,
  clock,
  ledger,
  mostSubjects,
  notBefore,
  onConsentFailure,
  states,
  subgraph,
  lookup,
  isAgain,
})

/** What was let through, to be looked at again. */
interface Admitting extends Pick<Admission, 'subgraph' | 'lookup'> {
  readonly items: readonly Candidate[]
}

/** Nothing in such a lookup is about a person, and nothing near it: there is nothing to decide, and nothing to prove. */
export const isOpen = ({ guards, proofs }: Lookup): boolean => guards.size === 0 && proofs.size === 0

const admit = <Item extends Candidate>(
  admission: Admission,
  items: readonly Item[],
): Soon<readonly Admitted<Item>[]> => {
  const [first] = items
  const single = first?.type ?? null
  if (single !== null && items.every(({ type }) => type === single))
    return admitType(admission, single, items)
  const types = partition(
    items.filter((item) => item.type !== null),
    (item) => item.type ?? '',
  )
  return joined(types.map(({ key, items: members }) => admitType(admission, key, members)))
}

const joined = async <Item extends Candidate>(
  types: readonly Soon<readonly Admitted<Item>[]>[],
): Promise<readonly Admitted<Item>[]> =>
  (await Promise.all(types.map((type) => Promise.resolve(type)))).flat()

const admitType = <Item extends Candidate>(
  admission: Admission,
  type: string,
  items: readonly Item[],
): Soon<readonly Admitted<Item>[]> => {
  const guard = admission.lookup.guards.get(type)
  // An object that does not say what it is cannot be decided about (a subgraph may say anything).
  const isVague = admission.world.supergraph.types.get(type)?.kind !== 'object'
  if (guard === undefined && isVague && admission.lookup.guards.size > 0) return []
  if (guard === undefined || guard.coordinates.length === 0) {
    const open = admitted(admission, { type, items, guard: guard ?? null, granted: [], scopes: [] })
    return open === null ? [] : [open]
  }
  const kind: GuardedType = { type, guard }
  return after(judge(admission, kind, items), (judged) => {
    const persons = personal(admission, kind, judged)
    const nobody = anonymous(admission, kind, judged)
    return nobody.length === 0 ? persons : [...persons, ...nobody]
  })
}

const personal = <Item extends Candidate>(
  admission: Admission,
  { type, guard }: GuardedType,
  judged: readonly Judged<Item>[],
): Admitted<Item>[] => {
  const found: Admitted<Item>[] = []
  for (const alike of partitionsOf(judged)) {
    const [first] = alike
    if (first === undefined) continue
    const { granted, scopes } = first.verdict
    const items = itemsOf(alike)
    const standings = alike.length === 1 ? first.standings : alike.flatMap((group) => group.standings)
    const one = admitted(admission, {
      type,
      items,
      standings,
      guard,
      granted,
      scopes,
      verdict: first.verdict,
    })
    if (one !== null) found.push(one)
  }
  return found
}

/** Those who are asked about alike, whatever else was decided about them. */
const partitionsOf = <Item extends Candidate>(
  judged: readonly Judged<Item>[],
): readonly (readonly Judged<Item>[])[] =>
  judged.length === 1
    ? [judged]
    : partition(judged, ({ verdict }) => verdict.partition).map(({ items }) => items)

const itemsOf = <Item extends Candidate>(judged: readonly Judged<Item>[]): readonly Item[] =>
  judged.length === 1 ? (judged[0]?.items ?? []) : judged.flatMap(({ items }) => items)

interface Kept<Item extends Candidate> {
  readonly type: string
  readonly items: readonly Item[]
  readonly standings?: readonly Standing[]
  readonly guard: Guard | null
  readonly granted: readonly string[]
  readonly scopes: readonly string[]
  /** What `granted` follows from; absent where nothing is decided. */
  readonly verdict?: Verdict
}

/** What may be asked of objects of one type under one granted set. */
interface Left {
  readonly selection: SelectionSetNode | null
  readonly requires: readonly Requirement[]
}

/** A verdict belongs to one lookup and one type. */
const lefts = new WeakMap<Verdict, Left>()

const leftOf = (
  { world, subgraph, lookup }: Admission,
  { type, guard, granted, verdict }: Omit<Kept<Candidate>, 'items'>,
): Left => {
  const known = verdict && lefts.get(verdict)
  if (known !== undefined) return known
  // Verdicts that grant the same share it, so that text is printed once.
  const left = remember(lookup, `left ${type} ${granted.join()}`, () => {
    const kept = new Set(granted)
    const keeps = (coordinate: string) => kept.has(coordinate)
    return {
      selection: prune(lookup.selection, { world, subgraph, type, keeps, keepsOpen: true }),
      requires: keepInputs(lookup.requires, { world, type, guard }, kept),
    }
  })
  if (verdict !== undefined) lefts.set(verdict, left)
  return left
}

const admitted = <Item extends Candidate>(admission: Admission, kept: Kept<Item>): Admitted<Item> | null => {
  const { type, items, standings = null, scopes } = kept
  const { lookup } = admission
  const { selection, requires } = leftOf(admission, kept)
  if (selection === null) return null
  return {
    type,
    items,
    standings,
    selection,
    requires,
    proof: lookup.proofs.get(type) ?? null,
    scopes,
    anonymousKey: null,
  }
}

/** People without the grant are replaced by ONE representation that carries no person's data (`otherwise: ANONYMOUS`). */
const anonymous = <Item extends Candidate>(
  admission: Admission,
  { type, guard }: GuardedType,
  judged: readonly Judged<Item>[],
): Admitted<Item>[] => {
  const { world, subgraph, lookup } = admission
  const { anonymousKey } = guard
  if (anonymousKey === null) return []
  const replaceable = guard.coordinates.filter(
    (coordinate) => world.protection.protections.get(coordinate)?.otherwise === 'ANONYMOUS',
  )
  if (replaceable.length === 0) return []
  const wanting = ({ verdict }: Judged<Item>) =>
    replaceable.filter((coordinate) => verdict.decisions.get(coordinate)?.kind === 'denied')
  return partition(judged, (one) => wanting(one).join()).flatMap(({ key, items }) => {
    if (key === '') return []
    const selection = remember(lookup, `anonymous ${type} ${key}`, () => {
      const wanted = new Set(key.split(','))
      const keeps = (coordinate: string) => wanted.has(coordinate)
      return prune(lookup.selection, { world, subgraph, type, keeps, keepsOpen: false })
    })
    if (selection === null) return []
    return [
      {
        type,
        items: itemsOf(items),
        standings: null,
        selection,
        requires: [],
        proof: [{ responseKey: anonymousKey, name: anonymousKey, children: [] }],
        scopes: [],
        anonymousKey,
      },
    ]
  })
}
