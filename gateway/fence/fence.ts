import type { SelectionSetNode } from 'graphql'
import type { Guard, Lookup, ProofField, Requirement } from '../plan/query-plan.ts'
import type { Admission, Candidate, FenceContext, GuardedType } from './admission.ts'
import { type Judged, judge } from './judge.ts'
import { createKnownStates, type KnownStates } from './known-states.ts'
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
}

export const createFence = (context: FenceContext): Fence => {
  // Most requests are about nobody.
  let states: KnownStates | undefined
  return {
    admit: (subgraph, lookup, items) => {
      states ??= createKnownStates(context)
      return admit({ ...context, states, subgraph, lookup }, items)
    },
    forget: () => states?.forget(),
  }
}

/** Nothing in such a lookup is about a person, and nothing near it: there is nothing to decide, and nothing to prove. */
export const isOpen = ({ guards, proofs }: Lookup): boolean => guards.size === 0 && proofs.size === 0

const admit = async <Item extends Candidate>(
  admission: Admission,
  items: readonly Item[],
): Promise<Admitted<Item>[]> => {
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
  const kind: GuardedType = { type, guard, coordinates: guard.coordinates }
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

interface Admitting<Item extends Candidate> {
  readonly type: string
  readonly items: readonly Item[]
  readonly guard: Guard | null
  readonly granted: readonly string[]
  readonly scopes: readonly string[]
}

const admitted = <Item extends Candidate>(
  admission: Admission,
  { type, items, guard, granted, scopes }: Admitting<Item>,
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
  { type, guard, coordinates }: GuardedType,
  judged: readonly Judged<Item>[],
): Admitted<Item>[] => {
  const { world, subgraph, lookup } = admission
  const { anonymousKey } = guard
  if (anonymousKey === null) return []
  const replaceable = coordinates.filter(
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
