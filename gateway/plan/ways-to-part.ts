import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import { parseFieldSet } from '../../schema/field-set.ts'
import type { SubgraphView } from '../../schema/subgraph-view.ts'
import type { Computed } from './computed-fields.ts'
import type { Entrance } from './entrances.ts'
import { isOwnSelection } from './own-fields.ts'
import type { TakingPlace, WayIn } from './take-out.ts'
import { hasKey, includes, isKeptFromPlanner } from './kept-from-planner.ts'
import { viewOf, type World } from './world.ts'
import type { LoadedWorld } from './load-world.ts'

/** Which fields are taken out of an operation, and how their objects are entered again. */
export type Way = (ways: WaysIn) => WayIn

export interface WaysIn {
  readonly world: LoadedWorld
  readonly entrances: readonly Entrance[]
  readonly computed: readonly Computed[]
}

/** What a field is computed from, by the subgraph that computes it. */
type Inputs = ReadonlyMap<string, string>

const inputsOf = (field: FieldNode, type: string, { supergraph }: World): Inputs => {
  const owners = [type, ...(supergraph.types.get(type)?.interfaces ?? [])]
  return new Map(
    owners.flatMap((owner) => [
      ...(supergraph.types.get(owner)?.fields.get(field.name.value)?.requires.entries() ?? []),
    ]),
  )
}

const isComputed = (field: FieldNode, type: string, world: World): boolean =>
  inputsOf(field, type, world).size > 0

/** As the subgraph knows its keys that has the field which leads here. */
const byKeys =
  ({ world, entrances }: WaysIn, isTaken: (...of: Parameters<WayIn>) => boolean): WayIn =>
  (field, type, place) => {
    if (!isTaken(field, type, place)) return undefined
    const all = entrances.filter((one) => one.type === type)
    const leading = leadingViews(place, world)
    const leads = ({ subgraph }: Entrance): boolean => leading.some(({ name }) => name === subgraph)
    return all.find((one) => one.field === place.by?.field) ?? all.find(leads) ?? all[0]
  }

/** Where an object of the same type is above: inside one lookup, the planner takes the one for the other. */
const belowItsOwnType: Way = (ways) =>
  byKeys(
    ways,
    (field, type, { above }) =>
      isComputed(field, type, ways.world) && above.some((types) => types.includes(type)),
  )

/** What needs other inputs than the first of them. */
const byInputs: Way = (ways) => {
  const textOf = (field: FieldNode, type: string): string =>
    [...inputsOf(field, type, ways.world)].flat().join(' ')
  return byKeys(ways, (field, type, { asked }) => {
    const first = asked.find((one) => isComputed(one, type, ways.world))
    const isAnother = first !== undefined && textOf(first, type) !== textOf(field, type)
    return isAnother && isComputed(field, type, ways.world)
  })
}

const isInside = ({ above }: TakingPlace): boolean => above.length > 1

const computed: Way = (ways) =>
  byKeys(ways, (field, type, place) => isInside(place) && isComputed(field, type, ways.world))

/** Of an object that is behind several interface objects, what is asked of another one than the first. */
const ofOtherInterfaces: Way = (ways) =>
  byKeys(ways, (field, type, { asked }) => {
    const mine = interfaceObjectOf(field, type, ways.world)
    const first = asked.flatMap((one) => interfaceObjectOf(one, type, ways.world) ?? []).at(0)
    return mine !== null && mine !== first
  })

/** The interface that has the field where it is one object; null where an object of the type has it itself. */
const interfaceObjectOf = (field: FieldNode, type: string, { supergraph }: World): string | null => {
  const views = [...supergraph.subgraphs.values()]
  const found = supergraph.types.get(type)?.interfaces.find((name) =>
    views.some(({ types }) => {
      const known = types.get(name)
      return known?.isInterfaceObject === true && known.fields.has(field.name.value)
    }),
  )
  return found === undefined || views.some(({ types }) => types.get(type)?.fields.has(field.name.value))
    ? null
    : found
}

/**
 * What an interface object has, where the subgraph that leads here does not know its key: from where that is known. On a way
 * through another key, the planner finds none that goes on to the types behind what the field leads to.
 */
const ofInterfacesByTheirKeys: Way = (ways) => (field, type, place) => {
  const keys = interfaceKeysOf(field, type, ways.world)
  const knows = ({ keys: known }: Entrance): boolean =>
    known.some((one) => keys.some((key) => includes(parseFieldSet(one), key)))
  const entered = ways.entrances.find((one) => one.field === place.by?.field)
  const isKnown =
    entered === undefined
      ? leadingViews(place, ways.world).every((view) => keys.some((key) => hasKey(view, type, key)))
      : knows(entered)
  return isKnown ? undefined : ways.entrances.find((one) => one.type === type && knows(one))
}

/** By which the interface objects are found that have a field which no object of the type has itself. */
const interfaceKeysOf = (field: FieldNode, type: string, world: World): SelectionSetNode[] => {
  const name = interfaceObjectOf(field, type, world)
  if (name === null) return []
  return [...world.supergraph.subgraphs.values()].flatMap(({ types }) => {
    const known = types.get(name)
    if (known?.isInterfaceObject !== true || !known.fields.has(field.name.value)) return []
    return known.keys.filter(({ resolvable }) => resolvable).map((key) => parseFieldSet(key.fields))
  })
}

/** Everything of an object inside another one, with what only says who it is left there. */
const everything: Way = (ways) => byKeys(ways, (_field, _type, place) => isInside(place))

/** What is computed from fields of other objects: these are asked for as if the client did, and then handed on. */
const nestedInputsFirst: Way = (ways) => handedOn(ways, ({ inputs }) => isNested(inputs))

/** The same for every computed field: its inputs may have no plan beside it, either. */
const inputsFirst: Way = (ways) => handedOn(ways, () => true)

const handedOn =
  ({ world, computed: all }: WaysIn, isTaken: (computed: Computed) => boolean): WayIn =>
  (field, type, place) => {
    const fitting = all.filter((one) => {
      if (one.type !== type || one.field !== field.name.value || !isTaken(one)) return false
      const view = viewOf(world, one.subgraph)
      const named = view.types.get(one.as)?.fields.get(one.field)?.named ?? ''
      return (
        field.selectionSet === undefined || isOwnSelection(field.selectionSet, { type: named, view, world })
      )
    })
    const leading = leadingViews(place, world)
    return fitting.find(({ key }) => leading.some((view) => hasKey(view, type, key))) ?? fitting[0]
  }

/** The subgraphs that have the field which leads to a place. */
const leadingViews = ({ by }: TakingPlace, { supergraph }: World): SubgraphView[] =>
  [...supergraph.subgraphs.values()].filter(({ types }) =>
    by?.owners.some((owner) => types.get(owner)?.fields.has(by.field) === true),
  )

const isNested = ({ selections }: SelectionSetNode): boolean =>
  selections.some((one) => one.kind === Kind.FIELD && one.selectionSet !== undefined)

/** What the planner must not be asked. */
const kept: Way = (ways) => handedOn(ways, (one) => isKeptFromPlanner(one, ways.world.keptFromPlanner))

/** In the order in which they are tried. */
export const WAYS: readonly Way[] = [
  kept,
  belowItsOwnType,
  byInputs,
  ofOtherInterfaces,
  ofInterfacesByTheirKeys,
  nestedInputsFirst,
  computed,
  everything,
  inputsFirst,
]
