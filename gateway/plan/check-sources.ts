import { Kind, type SelectionSetNode } from 'graphql'
import { AssentError } from '../errors.ts'
import { mapFetches } from './map-fetches.ts'
import type { Path, QueryPlan, Requirement, Rewrite } from './query-plan.ts'
import type { World } from './world.ts'

/**
 * Refuses a plan in which a representation reads an input that no request writes there: a field would be computed from
 * nothing, without an error.
 */
export const checkSources = (plan: QueryPlan, world: World): QueryPlan => {
  if (plan.root === null || world.inputNames.size === 0) return plan
  const written = new Set<string>()
  const note = (set: SelectionSetNode, above: string, rewrites: readonly Rewrite[]): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) continue
      const key =
        selection.kind === Kind.FIELD ? `${above}.${selection.alias?.value ?? selection.name.value}` : above
      written.add(key)
      for (const rewrite of rewrites) if (rewrite.kind === 'rename') written.add(`${above}.${rewrite.to}`)
      if (selection.selectionSet !== undefined) note(selection.selectionSet, key, rewrites)
    }
  }
  mapFetches(plan.root, {
    fetch: (node) => {
      note(node.selection, keysOf(node.path), node.outputRewrites)
      return node
    },
    entities: (node) => {
      for (const { paths, selection, outputRewrites } of node.lookups)
        for (const path of paths) note(selection, keysOf(path), outputRewrites)
      return node
    },
  })
  mapFetches(plan.root, {
    fetch: (node) => node,
    entities: (node) => {
      for (const { paths, requires } of node.lookups)
        for (const path of paths) check(requires, keysOf(path), { written, world })
      return node
    },
  })
  return plan
}

interface Checking {
  readonly written: ReadonlySet<string>
  readonly world: World
}

const check = (requires: readonly Requirement[], above: string, checking: Checking): void => {
  for (const one of requires) {
    const key = one.kind === 'field' ? `${above}.${one.source}` : above
    if (one.kind === 'field' && checking.world.inputNames.has(one.name) && !checking.written.has(key))
      throw new AssentError('PLAN_FAILED', 'representation')
    check(one.children ?? [], key, checking)
  }
}

const keysOf = (path: Path): string =>
  path.flatMap((segment) => (segment !== 'item' && 'field' in segment ? [`.${segment.field}`] : [])).join('')
