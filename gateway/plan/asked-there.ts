import { type InlineFragmentNode, Kind, type SelectionNode, type VariableDefinitionNode } from 'graphql'
import { parseFieldSet, topLevelNames } from '../../schema/field-set.ts'
import { type Asking, variablesIn } from './join-lookups.ts'
import { isOwnField } from './own-fields.ts'
import { placed } from './placed.ts'
import type { EntityFetchNode, FetchNode, Lookup, Path, PlanNode, Requirement } from './query-plan.ts'
import { rootType, viewOf, type World } from './world.ts'

/**
 * The step with the fields of a lookup asked where its own subgraph finds the objects. Null when another subgraph does, or
 * when the fields need more than the objects' keys.
 */
export const askedThere = (step: PlanNode, asking: Asking, world: World): PlanNode | null => {
  const own = ownFields(asking, world)
  return own === null ? null : within(step, { ...asking, own, world })
}

interface Placing extends Asking {
  /** On the type of the objects. */
  readonly own: InlineFragmentNode
  readonly world: World
}

const ownFields = ({ node, lookup }: Asking, world: World): InlineFragmentNode | null => {
  const fragment = onlyFragment(lookup)
  const type = fragment?.typeCondition?.name.value ?? ''
  const view = viewOf(world, node.subgraph)
  const known = view.types.get(type)
  if (fragment === null || known?.kind !== 'object' || known.isInterfaceObject) return null
  const keys = known.keys.flatMap(({ fields }) => topLevelNames(parseFieldSet(fields)))
  const needed = namesIn(lookup.requires).filter((name) => name !== '__typename' && !keys.includes(name))
  const isOwn = (selection: SelectionNode): boolean =>
    selection.kind === Kind.FIELD && isOwnField(selection, { type, view, world })
  return needed.length === 0 && fragment.selectionSet.selections.every(isOwn) ? fragment : null
}

/** Without conditions and rewrites: as it is, it can be asked elsewhere. */
const onlyFragment = ({ selection, inputRewrites, outputRewrites }: Lookup): InlineFragmentNode | null => {
  const [fragment, ...others] = selection.selections
  if (fragment?.kind !== Kind.INLINE_FRAGMENT || (fragment.directives ?? []).length > 0) return null
  return others.length + inputRewrites.length + outputRewrites.length === 0 ? fragment : null
}

const namesIn = (requires: readonly Requirement[]): string[] =>
  requires.flatMap((one) => (one.kind === 'field' ? [one.name] : namesIn(one.children)))

const within = (step: PlanNode, placing: Placing): PlanNode | null => {
  if (step.kind === 'Fetch' || step.kind === 'EntityFetch') {
    if (step.subgraph !== placing.node.subgraph) return null
    return step.kind === 'Fetch' ? withinFetch(step, placing) : withinLookups(step, placing)
  }
  for (const [index, child] of step.nodes.entries()) {
    const found = within(child, placing)
    if (found !== null) return { ...step, nodes: step.nodes.with(index, found) }
  }
  return null
}

const withinFetch = (step: FetchNode, placing: Placing): FetchNode | null => {
  const rest = below(placing.path, step.path)
  if (rest === null || step.outputRewrites.length > 0) return null
  const { own, world } = placing
  const type = rootType(world, step.operation)
  const selection = placed(step.selection, { own, type, path: rest, view: viewOf(world, step.subgraph) })
  return selection === null ? null : { ...step, selection, variables: withVariables(step.variables, placing) }
}

const withinLookups = (step: EntityFetchNode, placing: Placing): EntityFetchNode | null => {
  const { own, world } = placing
  for (const [index, lookup] of step.lookups.entries()) {
    const [only, ...others] = lookup.paths
    const rest = only === undefined || others.length > 0 ? null : below(placing.path, only)
    const fragment = onlyFragment(lookup)
    if (rest === null || fragment === null) continue
    const type = fragment.typeCondition?.name.value ?? ''
    const inner = placed(fragment.selectionSet, { own, type, path: rest, view: viewOf(world, step.subgraph) })
    if (inner === null) continue
    const selection = { ...lookup.selection, selections: [{ ...fragment, selectionSet: inner }] }
    const variables = withVariables(step.variables, placing)
    return { ...step, variables, lookups: step.lookups.with(index, { ...lookup, selection }) }
  }
  return null
}

const withVariables = (
  known: readonly VariableDefinitionNode[],
  { node, own }: Placing,
): VariableDefinitionNode[] => {
  const names = new Set(known.map(({ variable }) => variable.name.value))
  const used = variablesIn(own.selectionSet)
  return [
    ...known,
    ...node.variables.filter(({ variable: { name } }) => used.has(name.value) && !names.has(name.value)),
  ]
}

/** What is left of a path below another one; null when nothing is. */
const below = (path: Path, start: Path): Path | null => {
  const isBelow =
    path.length > start.length &&
    start.every((segment, index) => JSON.stringify(segment) === JSON.stringify(path[index]))
  return isBelow ? path.slice(start.length) : null
}
