import { Kind, type SelectionNode } from 'graphql'
import { AssentError } from '../errors.ts'
import { TWIN } from './entrances.ts'
import { inputKey } from './input-key.ts'
import { type Path, type PlanNode, type QueryPlan, selectionSet } from './query-plan.ts'
import type { Part } from './take-out.ts'
import type { World } from './world.ts'

/** What follows the keys of each part, at its place in the whole operation. */
export interface Continued {
  readonly steps: readonly PlanNode[]
  /** What the steps take to be known, by the alias of the part. */
  readonly keys: ReadonlyMap<string, readonly SelectionNode[]>
}

/** Takes the plan of all parts from where their objects are known. Whatever cannot be followed refuses the plan. */
export const continued = (plan: QueryPlan, parts: readonly Part[], world: World): Continued => {
  const keys = new Map<string, readonly SelectionNode[]>()
  const paths = new Map(parts.map(({ alias, path }) => [alias, path]))
  const moved = plan.root === null ? null : moveNode(plan.root, { keys, paths, world })
  if (parts.some(({ alias }) => !keys.has(alias))) throw failed()
  return { steps: stepsOf(moved), keys }
}

/** One step after another. */
export const stepsOf = (node: PlanNode | null): readonly PlanNode[] => {
  if (node === null) return []
  return node.kind === 'Sequence' ? node.nodes.flatMap(stepsOf) : [node]
}

interface Moving {
  readonly keys: Map<string, readonly SelectionNode[]>
  readonly paths: ReadonlyMap<string, Path>
  readonly world: World
}

const moveNode = (node: PlanNode, moving: Moving): PlanNode | null => {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel': {
      const nodes = node.nodes.flatMap((child) => moveNode(child, moving) ?? [])
      const [only, ...others] = nodes
      if (only === undefined) return null
      return others.length === 0 ? only : { kind: node.kind, nodes }
    }
    case 'Fetch':
      if (node.subgraph.startsWith(TWIN)) return noteKeys(node.selection.selections, moving)
      return { ...node, path: movedPath(node.path, moving) }
    case 'EntityFetch': {
      if (node.subgraph.startsWith(TWIN)) throw failed()
      const lookups = node.lookups.map((lookup) => ({
        ...lookup,
        paths: lookup.paths.map((path) => movedPath(path, moving)),
      }))
      return { ...node, lookups }
    }
  }
}

/** The step that only says what is known is none. */
const noteKeys = (selections: readonly SelectionNode[], { keys, paths, world }: Moving): null => {
  for (const selection of selections) {
    const alias = selection.kind === Kind.FIELD ? selection.alias?.value : undefined
    if (selection.kind !== Kind.FIELD || alias === undefined || !paths.has(alias)) throw failed()
    const known = (selection.selectionSet?.selections ?? []).map((one) => asInput(one, world))
    keys.set(alias, [...(keys.get(alias) ?? []), ...known])
  }
  return null
}

/** Under the name by which a representation reads it (`canonical-inputs.ts`). */
export const asInput = (selection: SelectionNode, world: World): SelectionNode => {
  if (selection.kind === Kind.FRAGMENT_SPREAD) throw failed()
  const inner = (selection.selectionSet?.selections ?? []).map((one) => asInput(one, world))
  const set = selection.selectionSet === undefined ? {} : { selectionSet: selectionSet(inner) }
  if (selection.kind === Kind.INLINE_FRAGMENT) return { ...selection, ...set }
  const { alias, ...field } = selection
  if (world.inputNames.has(field.name.value)) {
    const key = inputKey(field)
    const named = key === field.name.value ? {} : { alias: { kind: Kind.NAME as const, value: key } }
    return { ...field, ...set, ...named }
  }
  if (alias !== undefined) throw failed()
  return { ...field, ...set }
}

const movedPath = ([first, ...rest]: Path, { paths }: Moving): Path => {
  const way = typeof first === 'object' && 'field' in first ? paths.get(first.field) : undefined
  if (way === undefined) throw failed()
  return [...way, ...rest]
}

const failed = (): AssentError => new AssentError('PLAN_FAILED', 'operation')
