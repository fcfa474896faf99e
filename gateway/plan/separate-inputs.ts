import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import { AssentError } from '../errors.ts'
import { inputKey } from './input-key.ts'
import { type Lookup, type Requirement, selectionSet } from './query-plan.ts'
import { viewOf, type World } from './world.ts'

/**
 * One lookup as one or more, so that each representation carries every input (`@requires`) with one list of arguments and
 * reads it from where it is kept. What a field needs is said by its own `@requires`, not by the planner's aliases.
 */
export const separateInputs = (lookup: Lookup, subgraph: string, world: World): Lookup[] => {
  if (!mentionsInputs(lookup.requires, world)) return [lookup]
  const at: Separating = { world, subgraph }
  const dependents = dependentsIn(lookup.selection, null, at)
  const groups = grouped(dependents, world)
  const all = groups.length > 1 ? groups : [dependents]
  return all.map((own, index) => separated(lookup, { own, dependents, isFirst: index === 0 }, at))
}

export interface Separating {
  readonly world: World
  readonly subgraph: string
}

/** A selected field that is computed from inputs. */
export interface Dependent {
  readonly on: string
  readonly name: string
  readonly inputs: readonly SelectionSetNode[]
}

const mentionsInputs = (requires: readonly Requirement[], world: World): boolean =>
  requires.some(
    (one) =>
      (one.kind === 'field' && world.inputNames.has(one.name)) || mentionsInputs(one.children ?? [], world),
  )

export const dependentsIn = (set: SelectionSetNode, on: string | null, at: Separating): Dependent[] =>
  set.selections.flatMap((selection): Dependent[] => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return []
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return dependentsIn(selection.selectionSet, selection.typeCondition?.name.value ?? on, at)
    const inputs = on === null ? [] : inputsOf(on, selection.name.value, at)
    return on === null || inputs.length === 0 ? [] : [{ on, name: selection.name.value, inputs }]
  })

const inputsOf = (on: string, field: string, { world, subgraph }: Separating): SelectionSetNode[] => {
  const { id } = viewOf(world, subgraph)
  const texts = [on, ...(world.supergraph.types.get(on)?.possible ?? [])].flatMap(
    (type) => world.supergraph.types.get(type)?.fields.get(field)?.requires.get(id) ?? [],
  )
  return [...new Set(texts)].map(parseFieldSet)
}

/** Each dependent stands with the first others that want nothing else under the same name. */
const grouped = (dependents: readonly Dependent[], world: World): Dependent[][] => {
  const groups: Dependent[][] = []
  for (const one of dependents) {
    const group = groups.find((others) => !others.some((other) => clash(one, other, world)))
    if (group === undefined) groups.push([one])
    else group.push(one)
  }
  return groups
}

const clash = (one: Dependent, other: Dependent, world: World): boolean =>
  overlap(one.on, other.on, world) && differ(one.inputs.flatMap(fieldsIn), other.inputs.flatMap(fieldsIn))

export const overlap = (one: string, other: string, world: World): boolean => {
  const types = new Set([one, ...(world.supergraph.types.get(one)?.possible ?? [])])
  return (
    types.has(other) || (world.supergraph.types.get(other)?.possible ?? []).some((type) => types.has(type))
  )
}

const differ = (fields: readonly FieldNode[], others: readonly FieldNode[]): boolean =>
  fields.some((one) =>
    others.some(
      (other) =>
        one.name.value === other.name.value &&
        (inputKey(one) !== inputKey(other) || differ(below(one), below(other))),
    ),
  )

const below = (field: FieldNode): FieldNode[] =>
  field.selectionSet === undefined ? [] : fieldsIn(field.selectionSet)

const fieldsIn = (set: SelectionSetNode): FieldNode[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection]
    return selection.kind === Kind.INLINE_FRAGMENT ? fieldsIn(selection.selectionSet) : []
  })

interface Group {
  readonly own: readonly Dependent[]
  readonly dependents: readonly Dependent[]
  /** The first one asks what needs no input, too. */
  readonly isFirst: boolean
}

const separated = (lookup: Lookup, group: Group, at: Separating): Lookup => {
  const isAsked = (on: string | null, name: string): boolean => {
    const is = (one: Dependent): boolean => one.on === on && one.name === name
    return group.own.some(is) || (group.isFirst && !group.dependents.some(is))
  }
  const selection = pick(lookup.selection, null, isAsked)
  const types = selection.selections.flatMap((one) =>
    one.kind === Kind.INLINE_FRAGMENT && one.typeCondition !== undefined
      ? [one.typeCondition.name.value]
      : [],
  )
  const requires = lookup.requires
    .filter((one) => one.kind === 'field' || types.some((type) => overlap(type, one.type, at.world)))
    .map((one): Requirement => {
      if (one.kind === 'field') throw new AssentError('PLAN_FAILED', 'requires')
      return { ...one, children: resourced(one.children, needsOf(one.type, group, at), at.world) }
    })
  return { ...lookup, selection, requires }
}

const pick = (
  set: SelectionSetNode,
  on: string | null,
  isAsked: (on: string | null, name: string) => boolean,
): SelectionSetNode =>
  selectionSet(
    set.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return isAsked(on, selection.name.value) ? [selection] : []
      if (selection.kind !== Kind.INLINE_FRAGMENT) return []
      const inner = pick(selection.selectionSet, selection.typeCondition?.name.value ?? on, isAsked)
      return inner.selections.length === 0 ? [] : [{ ...selection, selectionSet: inner }]
    }),
  )

/** Fields that are read at one place of a representation: for what is asked here, as key, and for anything. */
interface Needs {
  readonly own: readonly FieldNode[]
  readonly keys: readonly FieldNode[]
  readonly all: readonly FieldNode[]
}

const needsOf = (type: string, { own, dependents }: Group, { world, subgraph }: Separating): Needs => {
  const read = (some: readonly Dependent[]): FieldNode[] =>
    some.filter(({ on }) => overlap(on, type, world)).flatMap(({ inputs }) => inputs.flatMap(fieldsIn))
  const keys = [...viewOf(world, subgraph).types.values()]
    .filter(({ name }) => overlap(name, type, world))
    .flatMap((one) => one.keys.flatMap((key) => fieldsIn(parseFieldSet(key.fields))))
  return { own: read(own), keys, all: read(dependents) }
}

const resourced = (requires: readonly Requirement[], needs: Needs, world: World): Requirement[] => {
  const found = new Map<string, Requirement>()
  for (const [index, one] of requires.entries()) {
    const changed = resource(one, needs, world)
    // A leaf that the planner names under two aliases is one.
    const isLeaf = changed?.kind === 'field' && changed.children === null
    if (changed !== null) found.set(isLeaf ? changed.name : String(index), changed)
  }
  return [...found.values()]
}

const resource = (one: Requirement, needs: Needs, world: World): Requirement | null => {
  if (one.kind === 'type') return { ...one, children: resourced(one.children, needs, world) }
  const named = (fields: readonly FieldNode[]): FieldNode[] =>
    fields.filter(({ name }) => name.value === one.name)
  const own = named(needs.own)
  const keys = named(needs.keys)
  // Only what another lookup of these asks needs it.
  if (own.length === 0 && keys.length === 0 && named(needs.all).length > 0) return null
  const inner = { own: own.flatMap(below), keys: keys.flatMap(below), all: named(needs.all).flatMap(below) }
  return {
    ...one,
    source: world.inputNames.has(one.name) ? sourceOf([...own, ...keys]) : one.source,
    children: one.children === null ? null : resourced(one.children, inner, world),
  }
}

/** An input of which it is not known which one it is, is none. */
const sourceOf = (fields: readonly FieldNode[]): string => {
  const [key, ...others] = new Set(fields.map(inputKey))
  if (key === undefined || others.length > 0) throw new AssentError('PLAN_FAILED', 'inputs')
  return key
}
