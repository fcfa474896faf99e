import {
  type FieldNode,
  type InlineFragmentNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import { AssentError } from '../errors.ts'
import { identityOf, type Identity } from './identity-of.ts'
import { type Path, type Rewrite, selectionSet, TYPENAME } from './query-plan.ts'
import { separateShapes } from './separate-shapes.ts'
import { type Place, rewritesBelow, rewritesFor } from './place.ts'
import { childType, isProtected, isSubject, possibleIn } from './world.ts'

/** Protected selections of one person's type, taken out of an operation, to be asked through `_entities`. */
export interface Moved {
  readonly type: string
  readonly paths: readonly Path[]
  readonly selection: SelectionSetNode
  readonly identity: Identity
  readonly rewrites: readonly Rewrite[]
}

export interface CutResult {
  readonly selection: SelectionSetNode
  readonly moved: readonly Moved[]
  readonly rewrites: readonly Rewrite[]
}

/** Cuts below one selection set whose own fields are not in question: the root, or a guarded person's own selection. */
export const cutSelection = (set: SelectionSetNode, place: Place): CutResult => {
  const parts = set.selections.map((selection): CutResult => {
    if (selection.kind === Kind.FIELD) return cutField(selection, place)
    if (selection.kind !== Kind.INLINE_FRAGMENT) throw new AssentError('PLAN_UNFENCED', place.type)
    const inner = cutSelection(selection.selectionSet, {
      ...place,
      type: selection.typeCondition?.name.value ?? place.type,
    })
    return {
      ...inner,
      selection: selectionSet([{ ...selection, selectionSet: inner.selection }]),
      rewrites: inner.rewrites,
    }
  })
  return joined(parts)
}

const joined = (parts: readonly CutResult[]): CutResult => ({
  selection: selectionSet(parts.flatMap((part) => part.selection.selections)),
  moved: parts.flatMap((part) => part.moved),
  rewrites: parts.flatMap((part) => part.rewrites),
})

const cutField = (field: FieldNode, place: Place): CutResult => {
  if (field.selectionSet === undefined) return { selection: selectionSet([field]), moved: [], rewrites: [] }
  const type = childType(place.view, place.type, field.name.value)
  if (type === null) throw new AssentError('PLAN_UNFENCED', `${place.type}.${field.name.value}`)
  const key = field.alias?.value ?? field.name.value
  const list = listDepth(place.view, place.type, field.name.value)
  const segments: Path = [{ field: key }, ...Array<'item'>(list).fill('item')]
  const inner = enter(field.selectionSet, {
    ...place,
    type,
    paths: place.paths.map((path) => [...path, ...segments]),
    rewrites: rewritesBelow(place.rewrites, key),
  })
  return {
    selection: selectionSet([{ ...field, selectionSet: inner.selection }]),
    moved: inner.moved,
    rewrites: inner.rewrites.map((rewrite) => ({
      ...rewrite,
      path: [{ key }, ...rewrite.path],
    })),
  }
}

const listDepth = (view: SubgraphView, parent: string, field: string): number =>
  (view.types.get(parent)?.fields.get(field)?.type.match(/\[/g) ?? []).length

/** A selection set on the value of a field: people may begin here. */
const enter = (set: SelectionSetNode, place: Place): CutResult => {
  const possible = possibleIn(place.view, place.type)
  if (possible.length === 0) throw new AssentError('PLAN_UNFENCED', place.type)
  const mustSplit = possible.some((type) => hasOwnProtected(set, { ...place, type }))
  if (!mustSplit) return cutSelection(set, place)
  const [only] = possible
  if (possible.length === 1 && only === place.type)
    return cutType(set, { ...place, type: only }, (name) => name)
  return split(set, place, possible)
}

/** Whether anything selected for this concrete type is protected, on itself or in its value types. */
const hasOwnProtected = (set: SelectionSetNode, place: Place): boolean =>
  fieldsFor(set, place).some((field) => touches(field, place))

/** Fields of a selection set that apply to one concrete type. */
const fieldsFor = (set: SelectionSetNode, place: Place): FieldNode[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection]
    return selection.kind === Kind.INLINE_FRAGMENT && applies(selection, place)
      ? fieldsFor(selection.selectionSet, place)
      : []
  })

const applies = (fragment: InlineFragmentNode, place: Place): boolean => {
  const condition = fragment.typeCondition?.name.value
  return (
    condition === undefined ||
    condition === place.type ||
    possibleIn(place.view, condition).includes(place.type)
  )
}

/** A field is moved whole when it, or a value below it that is still this person's, is protected: lists are not fetched twice and zipped. */
const touches = (field: FieldNode, place: Place): boolean => {
  if (isProtected(place.world, place.type, field.name.value)) return true
  const set = field.selectionSet
  if (set === undefined) return false
  const type = childType(place.view, place.type, field.name.value)
  const values = possibleIn(place.view, type ?? '').filter((name) => !isSubject(place.world, name))
  return values.some((name) => hasOwnProtected(set, { ...place, type: name }))
}

/** Each possible type gets its own fragment, so that every decision is about one concrete coordinate (CVE-2025-64173). */
const split = (set: SelectionSetNode, place: Place, possible: readonly string[]): CutResult => {
  const branches = possible.map((type) => {
    const inner = cutType(
      set,
      { ...place, type, paths: place.paths.map((path) => [...path, { types: [type] }]) },
      (name) => `_assent_${type}_${name}`,
    )
    return { type, inner }
  })
  const shaped = separateShapes(
    branches.map(({ type, inner }) => ({ type, selection: inner.selection })),
    place.view,
  )
  return {
    selection: selectionSet([TYPENAME, ...shaped.fragments]),
    moved: branches.flatMap(({ inner }) => inner.moved),
    rewrites: [
      ...branches.flatMap(({ type, inner }) =>
        inner.rewrites.map((rewrite) => ({ ...rewrite, path: [{ types: [type] }, ...rewrite.path] })),
      ),
      ...shaped.rewrites,
    ],
  }
}

/** One concrete type: a person's protected fields are moved out and an identity put in; other types keep the outer guard. */
const cutType = (set: SelectionSetNode, place: Place, alias: (name: string) => string): CutResult => {
  if (!isSubject(place.world, place.type))
    return cutSelection(
      pick(set, place, () => true),
      place,
    )
  // By response key: what is asked twice under one key is one list and is fetched once.
  const fields = fieldsFor(set, place)
  const touched = new Set(fields.filter((field) => touches(field, place)).map(responseKey))
  const kept = cutSelection(
    pick(set, place, (field) => !touched.has(responseKey(field))),
    place,
  )
  if (touched.size === 0) return kept
  const selection = pick(set, place, (field) => touched.has(responseKey(field)))
  const identity = identityOf(place, alias)
  const rewrites = rewritesFor(place)
  return {
    ...kept,
    selection: withIdentity(kept.selection, identity),
    moved: [...kept.moved, { type: place.type, paths: place.paths, selection, identity, rewrites }],
  }
}

const responseKey = (field: FieldNode): string => field.alias?.value ?? field.name.value

const withIdentity = ({ selections }: SelectionSetNode, identity: Identity): SelectionSetNode => {
  const isThere = (wanted: SelectionNode) =>
    wanted.kind === Kind.FIELD && selections.some((one) => isSameLeaf(one, wanted))
  return selectionSet([...selections, ...identity.selections.filter((wanted) => !isThere(wanted))])
}

/** The same field without alias or arguments. */
const isSameLeaf = (one: SelectionNode, wanted: FieldNode): boolean =>
  one.kind === Kind.FIELD &&
  one.name.value === wanted.name.value &&
  one.alias?.value === wanted.alias?.value &&
  (one.arguments ?? []).length === 0 &&
  wanted.selectionSet === undefined

/** The part of a selection set that applies to one concrete type and that `wanted` asks for, without fragments. */
const pick = (set: SelectionSetNode, place: Place, wanted: (field: FieldNode) => boolean): SelectionSetNode =>
  selectionSet(
    set.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return wanted(selection) ? [selection] : []
      if (selection.kind !== Kind.INLINE_FRAGMENT || !applies(selection, place)) return []
      return [...pick(selection.selectionSet, place, wanted).selections]
    }),
  )
