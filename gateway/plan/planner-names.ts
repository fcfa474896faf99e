import type { SubgraphView } from '../../schema/subgraph-view.ts'
import type { Supergraph } from '../../schema/supergraph.ts'

/**
 * What the planner is told that subgraphs are called, by their id. It looks at them in the order of their names, and finds
 * no way from an interface object to what only one of its types has when the subgraph that knows it as one object comes
 * before the one that knows its types: such a subgraph is named behind the others.
 */
export const plannerNames = ({ subgraphs }: Supergraph): ReadonlyMap<string, string> => {
  const views = [...subgraphs.values()]
  return new Map(views.map((view) => [view.id, `${BEHIND.repeat(placeOf(view, views, []))}${view.name}`]))
}

/** The name that a subgraph is served under. */
export const servedName = (name: string): string => name.replace(/^\uE008+/, '')

/** Of the private use area: comes after what names are made of. */
const BEHIND = '\uE008'

/** How many come before it; two that know each other's types as one object have no order. */
const placeOf = (
  view: SubgraphView,
  views: readonly SubgraphView[],
  before: readonly SubgraphView[],
): number => {
  const homes = views.filter(
    (other) => !before.includes(other) && other !== view && knowsTypesOf(view, other),
  )
  return Math.max(0, ...homes.map((home) => 1 + placeOf(home, views, [...before, view])))
}

const knowsTypesOf = ({ types }: SubgraphView, other: SubgraphView): boolean =>
  [...types.values()].some(
    ({ name, isInterfaceObject }) => isInterfaceObject && other.types.get(name)?.isInterfaceObject === false,
  )
