import type { SelectionSetNode } from 'graphql'
import type { Guard, Lookup, ProofField, Requirement } from '../plan/query-plan.ts'
import type { Admission, Candidate, FenceContext, GuardedType } from './admission.ts'
import { type Judged, judge } from './judge.ts'
import { KnownStates } from './known-states.ts'
import { keepInputs } from './keep-inputs.ts'
import { partition } from './partition.ts'
import { prune } from './prune.ts'
import { remember } from './remember.ts'

/** Candidates that share one granted set, and what may be asked of them. */
export interface Admitted<Item extends Candidate> {
  readonly type: string
  readonly items: readonly Item[]
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
  admit<Item extends Candidate>(
    subgraph: string,
    lookup: Lookup,
    items: readonly Item[],
  ): Promise<Admitted<Item>[]>
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
      return admit({ ...context, states, subgraph, lookup, isAgain: false }, items)
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
          await admit({ ...context, states: known, subgraph, lookup, isAgain: true }, concerned)
      }
    },
  }
}

const MOST_ROUNDS = 3

/** What was let through, to be looked at again. */
interface Admitting extends Pick<Admission, 'subgraph' | 'lookup'> {
  readonly items: readonly Candidate[]
}

/** Nothing in such a lookup is about a person, and nothing near it: there is nothing to decide, and nothing to prove. */
export const isOpen = ({ guards, proofs }: Lookup): boolean => guards.size === 0 && proofs.size === 0

const admit = async <Item extends Candidate>(
  admission: Admission,
  items: readonly Item[],
): Promise<Admitted<Item>[]> => {
  const [first] = items
  const single = first?.type ?? null
  if (single !== null && items.every(({ type }) => type === single))
    return admitType(admission, single, items)
  const types = partition(
    items.filter((item) => item.type !== null),
    (item) => item.type ?? '',
  )
  const admitted = await Promise.all(
    types.map(({ key, items: members }) => admitType(admission, key, members)),
  )
  return admitted.flat()
}

const admitType = async <Item extends Candidate>(
  admission: Admission,
  type: string,
  items: readonly Item[],
): Promise<Admitted<Item>[]> => {
  const guard = admission.lookup.guards.get(type)
  // An object that does not say what it is cannot be decided about (a subgraph may say anything).
  const isVague = admission.world.supergraph.types.get(type)?.kind !== 'object'
  if (guard === undefined && isVague && admission.lookup.guards.size > 0) return []
  if (guard === undefined || guard.coordinates.length === 0) {
    const open = admitted(admission, { type, items, guard: guard ?? null, granted: [], scopes: [] })
    return open === null ? [] : [open]
  }
  const kind: GuardedType = { type, guard }
  const judged = await judge(admission, kind, items)
  return [...personal(admission, kind, judged), ...anonymous(admission, kind, judged)]
}

const personal = <Item extends Candidate>(
  admission: Admission,
  { type, guard }: GuardedType,
  judged: readonly Judged<Item>[],
): Admitted<Item>[] =>
  partition(judged, ({ verdict }) => verdict.partition).flatMap(({ items: alike }) => {
    const [first] = alike
    if (first === undefined) return []
    const { granted, scopes } = first.verdict
    const items = itemsOf(alike)
    const found = admitted(admission, { type, items, guard, granted, scopes })
    return found === null ? [] : [found]
  })

const itemsOf = <Item extends Candidate>(judged: readonly Judged<Item>[]): readonly Item[] =>
  judged.length === 1 ? (judged[0]?.items ?? []) : judged.flatMap(({ items }) => items)

interface Kept<Item extends Candidate> {
  readonly type: string
  readonly items: readonly Item[]
  readonly guard: Guard | null
  readonly granted: readonly string[]
  readonly scopes: readonly string[]
}

const admitted = <Item extends Candidate>(
  admission: Admission,
  { type, items, guard, granted, scopes }: Kept<Item>,
): Admitted<Item> | null => {
  const { world, subgraph, lookup } = admission
  const left = remember(lookup, `left ${type} ${granted.join()}`, () => {
    const kept = new Set(granted)
    const keeps = (coordinate: string) => kept.has(coordinate)
    return {
      selection: prune(lookup.selection, { world, subgraph, type, keeps, keepsOpen: true }),
      requires: keepInputs(lookup.requires, { world, type, guard }, kept),
    }
  })
  const { selection, requires } = left
  if (selection === null) return null
  return {
    type,
    items,
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
        selection,
        requires: [],
        proof: [{ responseKey: anonymousKey, name: anonymousKey, children: [] }],
        scopes: [],
        anonymousKey,
      },
    ]
  })
}
