import { Kind, type SelectionSetNode } from 'graphql'
import type { Path, PlanNode, Requirement } from './query-plan.ts'

/** Whether later steps may need what earlier lookups fetch. Judged by response keys alone: a doubt is a yes. */
export const dependsOn = (later: readonly PlanNode[], earlier: readonly PlanNode[]): boolean => {
  const fetched = new Set(earlier.flatMap(fetchedKeys))
  return later.flatMap(neededKeys).some((key) => fetched.has(key))
}

const fetchedKeys = (node: PlanNode): string[] =>
  node.kind === 'EntityFetch'
    ? node.lookups.flatMap(({ selection, outputRewrites }) => [
        ...keysIn(selection),
        ...outputRewrites.flatMap((rewrite) => (rewrite.kind === 'rename' ? [rewrite.to] : [])),
      ])
    : []

const keysIn = (set: SelectionSetNode): string[] =>
  set.selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return []
    const inner = selection.selectionSet === undefined ? [] : keysIn(selection.selectionSet)
    return selection.kind === Kind.FIELD && selection.name.value !== '__typename'
      ? [selection.alias?.value ?? selection.name.value, ...inner]
      : inner
  })

const neededKeys = (node: PlanNode): string[] => {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return node.nodes.flatMap(neededKeys)
    case 'Fetch':
      return fieldsOf(node.path)
    case 'EntityFetch':
      return node.lookups.flatMap(({ paths, requires }) => [
        ...paths.flatMap(fieldsOf),
        ...sourcesOf(requires),
      ])
  }
}

const fieldsOf = (path: Path): string[] =>
  path.flatMap((segment) => (segment !== 'item' && 'field' in segment ? [segment.field] : []))

const sourcesOf = (requires: readonly Requirement[]): string[] =>
  requires.flatMap((one) => [...(one.kind === 'field' ? [one.source] : []), ...sourcesOf(one.children ?? [])])
