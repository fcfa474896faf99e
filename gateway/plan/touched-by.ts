import { Kind, type SelectionSetNode } from 'graphql'
import type { EntityFetchNode, FetchNode, Lookup, Path, PlanNode, Requirement } from './query-plan.ts'

/** Whether one of two writes where the other reads or writes. A doubt is a yes. */
export const meet = (one: PlanNode, other: PlanNode): boolean => {
  const [a, b] = [touchedBy(one), touchedBy(other)]
  return overlap(a.written, b.read) || overlap(a.written, b.written) || overlap(a.read, b.written)
}

/** Places in the data, by response keys; types and list positions are not told apart. */
export type Keys = readonly string[]

export interface Touched {
  readonly read: readonly Keys[]
  readonly written: readonly Keys[]
}

/** One is in the other. */
export const overlap = (some: readonly Keys[], others: readonly Keys[]): boolean =>
  some.some((one) =>
    others.some((other) => one.slice(0, other.length).every((key, index) => key === other[index])),
  )

/** Asked once for each pair of nodes, worked out once for each node. */
export const touchedBy = (node: PlanNode): Touched => {
  const known = touched.get(node)
  if (known !== undefined) return known
  const found = touchedByNode(node)
  touched.set(node, found)
  return found
}

const touched = new WeakMap<PlanNode, Touched>()

const touchedByNode = (node: PlanNode): Touched => {
  if (node.kind === 'Fetch') return touchedByFetch(node)
  if (node.kind === 'EntityFetch') return touchedByLookups(node)
  const inner = node.nodes.map(touchedBy)
  return { read: inner.flatMap(({ read }) => read), written: inner.flatMap(({ written }) => written) }
}

const touchedByFetch = ({ path, selection, outputRewrites }: FetchNode): Touched => ({
  read: path.length === 0 ? [] : readOnTheWay(path),
  written: keysWritten({ selection, outputRewrites }).map((key) => [...keysOf(path), key]),
})

const touchedByLookups = ({ lookups }: EntityFetchNode): Touched => ({
  read: lookups.flatMap((lookup) => lookup.paths.flatMap((path) => readAt(path, lookup))),
  written: lookups.flatMap((lookup) =>
    lookup.paths.flatMap((path) => keysWritten(lookup).map((key) => [...keysOf(path), key])),
  ),
})

const keysOf = (path: Path): string[] =>
  path.flatMap((segment) => (segment !== 'item' && 'field' in segment ? [segment.field] : []))

/** What one lookup reads for the objects at one of its paths. */
export const readAt = (path: Path, lookup: Lookup): Keys[] => [
  ...readOnTheWay(path),
  ...keysRead(lookup).map((key) => [...keysOf(path), key]),
]

/** What objects on the way say they are, and what stands at its end. */
const readOnTheWay = (path: Path): Keys[] =>
  path.flatMap((segment, index) =>
    index === path.length - 1 || (segment !== 'item' && 'types' in segment)
      ? [[...keysOf(path.slice(0, index + 1)), '__typename']]
      : [],
  )

/** Keys right on the object: whatever is below one of them is taken to be read with it. */
const keysRead = ({ requires, guards }: Lookup): string[] => [
  ...sourcesOf(requires),
  ...[...guards.values()].flatMap(({ subject }) => subject.slice(0, 1)),
]

const sourcesOf = (requires: readonly Requirement[]): string[] =>
  requires.flatMap((one) => (one.kind === 'field' ? [one.source] : sourcesOf(one.children)))

const keysWritten = ({
  selection,
  outputRewrites,
}: Pick<Lookup, 'selection' | 'outputRewrites'>): string[] => [
  ...keysIn(selection),
  ...outputRewrites.flatMap((rewrite) => (rewrite.kind === 'rename' ? [rewrite.to] : [])),
]

const keysIn = ({ selections }: SelectionSetNode): string[] =>
  selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection.alias?.value ?? selection.name.value]
    return selection.kind === Kind.INLINE_FRAGMENT ? keysIn(selection.selectionSet) : []
  })
