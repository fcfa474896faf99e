import { type FieldNode, Kind, type SelectionNode, type SelectionSetNode } from 'graphql'
import { AssentError } from '../errors.ts'
import { inputKey } from './input-key.ts'
import { mapFetches } from './map-fetches.ts'
import type { EntityFetchNode, FetchNode, Lookup, Path, QueryPlan, Rewrite } from './query-plan.ts'
import { separateInputs } from './separate-inputs.ts'
import type { World } from './world.ts'

/**
 * The planner puts inputs (`@requires`) with different arguments under one name, or the same input under different names
 * at two places of one lookup. So each input gets a key made of its name and its arguments, in what is fetched and in what
 * is sent, and dependents that want one input with different arguments are asked in lookups of their own.
 */
export const canonicalInputs = (plan: QueryPlan, world: World): QueryPlan => {
  if (plan.root === null || world.inputNames.size === 0) return plan
  const moved: Moved = new Map()
  mapFetches(plan.root, {
    fetch: (node) => {
      note(node.selection, keysOf(node.path), renamingOf(node, world), moved)
      return node
    },
    entities: (node) => {
      for (const lookup of node.lookups)
        for (const path of lookup.paths)
          note(lookup.selection, keysOf(path), renamingOf(lookup, world), moved)
      return node
    },
  })
  return {
    root: mapFetches(plan.root, {
      fetch: (node) => renamed({ ...node, path: pathOf(node.path, moved) }, world),
      entities: (node) => renameLookups(node, moved, world),
    }),
  }
}

/** By the keys down to an object, as the planner has them: what its fields' keys became. */
type Moved = Map<string, Set<string>>

const renameLookups = (node: EntityFetchNode, moved: Moved, world: World): EntityFetchNode => ({
  ...node,
  lookups: node.lookups
    .map((lookup): Lookup => ({
      ...renamed(lookup, world),
      paths: lookup.paths.map((path) => pathOf(path, moved)),
    }))
    .flatMap((lookup) => separateInputs(lookup, node.subgraph, world)),
})

/** The new key of a field, if it has one. */
type Renaming = (field: FieldNode) => string | null

type Asking = Pick<FetchNode | Lookup, 'selection' | 'outputRewrites'>

/** What the planner renames back itself keeps its key until then. */
const renamingOf = ({ outputRewrites }: Asking, world: World): Renaming => {
  const back = new Set(outputRewrites.map(lastKey))
  return (field) => {
    const key = responseKey(field)
    const isInput = world.inputNames.has(field.name.value) && !back.has(key)
    return isInput && (key === field.name.value || key.startsWith(PLANNERS)) ? inputKey(field) : null
  }
}

/** Every other key of such a field is the client's. */
const PLANNERS = '_internal_qp_alias_'

const responseKey = (field: FieldNode): string => field.alias?.value ?? field.name.value

const lastKey = ({ path }: Rewrite): string => {
  const last = path.at(-1)
  return last !== undefined && 'key' in last ? last.key : ''
}

const renamed = <Node extends Asking>(node: Node, world: World): Node => {
  const renaming = renamingOf(node, world)
  const targets = new Map(fieldsOf(node.selection).map((field) => [responseKey(field), field]))
  const outputRewrites = node.outputRewrites.map((rewrite): Rewrite => {
    const above = rewrite.path.slice(0, -1).flatMap((segment) => ('key' in segment ? [segment.key] : []))
    const isMoved = (key: string): boolean => {
      const field = targets.get(key)
      return field !== undefined && (renaming(field) ?? key) !== key
    }
    if (above.some(isMoved)) throw new AssentError('PLAN_FAILED', 'inputs')
    const field = targets.get(lastKey(rewrite))
    return rewrite.kind === 'rename' && field !== undefined && world.inputNames.has(rewrite.to)
      ? { ...rewrite, to: inputKey(field) }
      : rewrite
  })
  return { ...node, outputRewrites, selection: renameIn(node.selection, renaming) }
}

const fieldsOf = (set: SelectionSetNode): FieldNode[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return []
    const inner = selection.selectionSet === undefined ? [] : fieldsOf(selection.selectionSet)
    return selection.kind === Kind.FIELD ? [selection, ...inner] : inner
  })

const renameIn = (set: SelectionSetNode, renaming: Renaming): SelectionSetNode => ({
  ...set,
  selections: set.selections.map((selection): SelectionNode => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return selection
    const inner =
      selection.selectionSet === undefined ? {} : { selectionSet: renameIn(selection.selectionSet, renaming) }
    if (selection.kind === Kind.INLINE_FRAGMENT) return { ...selection, ...inner }
    const key = renaming(selection)
    if (key === null) return { ...selection, ...inner }
    const { alias: _alias, ...unaliased } = selection
    const alias = key === selection.name.value ? {} : { alias: { kind: Kind.NAME as const, value: key } }
    return { ...unaliased, ...inner, ...alias }
  }),
})

// eslint-disable-next-line max-params -- one walk
const note = (set: SelectionSetNode, above: string, renaming: Renaming, moved: Moved): void => {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD || selection.selectionSet === undefined) continue
    if (selection.kind === Kind.INLINE_FRAGMENT) note(selection.selectionSet, above, renaming, moved)
    else {
      const key = responseKey(selection)
      const place = `${above}.${key}`
      moved.set(place, (moved.get(place) ?? new Set()).add(renaming(selection) ?? key))
      note(selection.selectionSet, place, renaming, moved)
    }
  }
}

const keysOf = (path: Path): string =>
  path.flatMap((segment) => (segment !== 'item' && 'field' in segment ? [`.${segment.field}`] : [])).join('')

/** A path that could lead to one of two inputs is none that can be followed. */
const pathOf = (path: Path, moved: Moved): Path => {
  let above = ''
  return path.map((segment) => {
    if (segment === 'item' || !('field' in segment)) return segment
    above = `${above}.${segment.field}`
    const [key = segment.field, ...others] = moved.get(above) ?? []
    if (others.length > 0) throw new AssentError('PLAN_FAILED', 'inputs')
    return { field: key }
  })
}
