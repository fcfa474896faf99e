import {
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  print,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { Computed } from './computed-fields.ts'
import { type Entrance, TWIN } from './entrances.ts'
import { type Path, selectionSet, TYPENAME } from './query-plan.ts'
import type { World } from './world.ts'
import type { LoadedWorld } from './load-world.ts'

/** Selections on objects of one type at one place, to be planned by themselves from where the objects are known. */
export interface Part {
  readonly alias: string
  readonly type: string
  readonly goesOn: GoingOn
  /** To the objects, in the whole operation. */
  readonly path: Path
  readonly selection: SelectionSetNode
}

export interface TakenOut {
  /** With a mark where each part was, for the keys by which it goes on. */
  readonly rest: SelectionSetNode
  readonly parts: readonly Part[]
}

/** From keys, by the planner; or from its inputs in one lookup, which needs no plan. */
export type GoingOn = Entrance | Computed

/** Where a field of an object of this concrete type goes on; undefined for one that stays. */
export type WayIn = (field: FieldNode, type: string, place: TakingPlace) => GoingOn | undefined

export interface TakingPlace {
  /** As the selection was written: an abstract type, or the concrete one. */
  readonly type: string
  readonly possible: readonly string[]
  readonly path: Path
  /** What each object above this one can be, the outermost first. */
  readonly above: readonly (readonly string[])[]
  /** Every field that is asked here. */
  readonly asked: readonly FieldNode[]
  /** The field that leads here, and the types that have it. */
  readonly by: { readonly owners: readonly string[]; readonly field: string } | null
}

/**
 * Takes fields out of an operation whose fragments are settled. Where objects of several types are, each type is a part of
 * its own, and its path says the type.
 */
export const takeOut = (set: SelectionSetNode, root: string, taking: Taking): TakenOut => {
  const parts: Part[] = []
  const place = { type: root, possible: [root], path: [], above: [], asked: fieldsOf(set), by: null }
  const rest = take(set, place, { ...taking, parts })
  return { rest, parts }
}

export interface Taking {
  readonly world: LoadedWorld
  readonly entrances: readonly Entrance[]
  readonly wayIn: WayIn
}

interface Collecting extends Taking {
  readonly parts: Part[]
}

const fieldsOf = ({ selections }: SelectionSetNode): FieldNode[] =>
  selections.flatMap((one) => {
    if (one.kind === Kind.FIELD) return [one]
    return one.kind === Kind.INLINE_FRAGMENT ? fieldsOf(one.selectionSet) : []
  })

const take = (set: SelectionSetNode, place: TakingPlace, to: Collecting): SelectionSetNode => {
  const taken = new Map<GoingOn, FieldNode[]>()
  const kept = set.selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection]
    if (selection.kind === Kind.INLINE_FRAGMENT) return [takeInFragment(selection, place, to)]
    const ways = place.possible.flatMap((type) => wayOn(selection, type, place, to) ?? [])
    for (const one of ways) taken.set(one, [...(taken.get(one) ?? []), selection])
    if (ways.length === 0) return [takeBelow(selection, place, to)]
    const others = place.possible.filter((type) => ways.every((one) => one.type !== type))
    return others.map((type) => {
      const inner = takeBelow(selection, narrowed(place, type, [type]), to)
      return fragmentOn(type, [inner])
    })
  })
  const marks = [...taken].map(([one, fields]) => mark(one, fields, place, to))
  return selectionSet([...kept, ...(marks.length > 0 ? [TYPENAME, ...marks] : [])])
}

// eslint-disable-next-line max-params -- what is asked, of what, where
const wayOn = (
  field: FieldNode,
  type: string,
  place: TakingPlace,
  { world, wayIn }: Collecting,
): GoingOn | undefined => {
  // Nothing is fetched for objects that clients do not see.
  const isSeen = world.apiSchema.getType(type) !== undefined
  if (place.by === null || !isSeen || field.name.value === '__typename') return undefined
  return wayIn(field, type, place)
}

// eslint-disable-next-line max-params -- what is taken, where, and where to
const mark = (
  goesOn: GoingOn,
  fields: readonly FieldNode[],
  place: TakingPlace,
  to: Collecting,
): SelectionNode => {
  const { type } = goesOn
  const alias = `${TWIN}${to.parts.length}`
  const { path } = narrowed(place, type, [type])
  to.parts.push({ alias, type, goesOn, path, selection: selectionSet(fields) })
  const marked: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: alias } }
  return place.type === type ? marked : fragmentOn(type, [marked])
}

const takeInFragment = (
  fragment: InlineFragmentNode,
  place: TakingPlace,
  to: Collecting,
): InlineFragmentNode => {
  const type = fragment.typeCondition?.name.value
  const there =
    type === undefined
      ? place
      : narrowed(
          place,
          type,
          possibleOf(type, to.world).filter((one) => place.possible.includes(one)),
        )
  return { ...fragment, selectionSet: take(fragment.selectionSet, there, to) }
}

const takeBelow = (field: FieldNode, place: TakingPlace, to: Collecting): FieldNode => {
  const { selectionSet: set } = field
  const owners = [place.type, ...place.possible]
  const led = set === undefined ? null : leadsTo(field.name.value, owners, to)
  if (set === undefined || led === null) return field
  const key = field.alias?.value ?? field.name.value
  const below: TakingPlace = {
    type: led.type,
    possible: possibleOf(led.type, to.world),
    path: [...place.path, { field: key }, ...(led.isList ? (['item'] as const) : [])],
    above: [...place.above, place.possible],
    asked: fieldsOf(set),
    by: { owners, field: field.name.value },
  }
  return { ...field, selectionSet: take(set, below, to) }
}

const leadsTo = (
  name: string,
  owners: readonly string[],
  { world, entrances }: Taking,
): { readonly type: string; readonly isList: boolean } | null => {
  const entrance = entrances.find(({ field }) => field === name)
  if (entrance !== undefined) return { type: entrance.type, isList: false }
  const [field] = owners.flatMap((owner) => world.supergraph.types.get(owner)?.fields.get(name) ?? [])
  return field === undefined ? null : { type: field.named, isList: print(field.type).includes('[') }
}

const possibleOf = (type: string, world: World): readonly string[] =>
  world.supergraph.types.get(type)?.possible ?? []

/** The way to objects of these types only; said where there could be others. */
const narrowed = (place: TakingPlace, type: string, possible: readonly string[]): TakingPlace => {
  const isAll = place.possible.every((one) => possible.includes(one))
  return { ...place, type, possible, path: isAll ? place.path : [...place.path, { types: possible }] }
}

const fragmentOn = (type: string, selections: readonly SelectionNode[]): InlineFragmentNode => ({
  kind: Kind.INLINE_FRAGMENT,
  typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: type } },
  selectionSet: selectionSet(selections),
})

/** Puts keys where parts were. */
export const withKeys = (
  set: SelectionSetNode,
  keys: ReadonlyMap<string, readonly SelectionNode[]>,
): SelectionSetNode =>
  selectionSet(
    set.selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection]
      if (selection.kind === Kind.FIELD) {
        const marked = keys.get(selection.name.value)
        if (marked !== undefined) return marked
        if (selection.selectionSet === undefined) return [selection]
        return [{ ...selection, selectionSet: withKeys(selection.selectionSet, keys) }]
      }
      return [{ ...selection, selectionSet: withKeys(selection.selectionSet, keys) }]
    }),
  )
