import { Kind, type SelectionSetNode } from 'graphql'
import {
  type EntityFetchNode,
  type FetchNode,
  type Lookup,
  type Path,
  type PlanNode,
  type QueryPlan,
  type Requirement,
  sequence,
} from './query-plan.ts'

/**
 * The planner writes a plan in waves: what stands on one branch of a wave waits for all of them. Here it starts when its
 * own branch is done, if no other branch touches what it reads and writes. Nothing starts later than it did.
 * Mutations stay as they are, in their order.
 */
export const startEarly = (plan: QueryPlan): QueryPlan =>
  plan.root === null || hasMutation(plan.root) ? plan : { root: early(plan.root) }

const hasMutation = (node: PlanNode): boolean =>
  node.kind === 'Fetch' ? node.operation === 'mutation' : childrenOf(node).some(hasMutation)

const childrenOf = (node: PlanNode): readonly PlanNode[] =>
  node.kind === 'Sequence' || node.kind === 'Parallel' ? node.nodes : []

const early = (node: PlanNode): PlanNode => {
  if (node.kind === 'Parallel') return parallel(node.nodes.map(early))
  return node.kind === 'Sequence' ? sequence(earlySteps(node.nodes)) : node
}

const parallel = (nodes: readonly PlanNode[]): PlanNode =>
  nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: 'Parallel', nodes }

/** Steps in their order; a strand is what can run beside the other strands, from beginning to end. */
const earlySteps = ([first, ...others]: readonly PlanNode[]): PlanNode[] => {
  if (first === undefined) return []
  if (first.kind === 'Sequence') return earlySteps([...first.nodes, ...others])
  if (first.kind !== 'Parallel') return [early(first), ...earlySteps(others)]
  let strands: Strand[] = first.nodes.map((node) => [node])
  for (const [index, step] of others.entries()) {
    const joined = joinStep(strands, step)
    if (joined.length === 1) return [parallelOf(strands), ...earlySteps(others.slice(index))]
    strands = joined
  }
  return [parallelOf(strands)]
}

type Strand = readonly PlanNode[]

const parallelOf = (strands: readonly Strand[]): PlanNode =>
  parallel(strands.map((strand) => sequence(earlySteps(strand))))

/** Each part of a step goes behind the strands it has to do with; where these are several, they become one. */
const joinStep = (strands: readonly Strand[], step: PlanNode): Strand[] => {
  const parts = step.kind === 'Parallel' ? step.nodes : [step]
  let groups: Group[] = strands.map((strand) => ({ strands: [strand], parts: [] }))
  for (const part of parts) {
    const mine = groups.filter((group) => belongsTo(part, group))
    const joined = {
      strands: mine.flatMap((group) => group.strands),
      parts: [...mine.flatMap((group) => group.parts), part],
    }
    groups = [...groups.filter((group) => !mine.includes(group)), joined]
  }
  return groups.map(strandOf)
}

interface Group {
  readonly strands: readonly Strand[]
  readonly parts: readonly PlanNode[]
}

/** All people of a wave are one consent question, so parts of one wave that ask about people stay together. */
const belongsTo = (part: PlanNode, group: Group): boolean =>
  (isGuarded(part) && group.parts.some(isGuarded)) || group.strands.flat().some((node) => meet(node, part))

const isGuarded = (node: PlanNode): boolean =>
  node.kind === 'EntityFetch'
    ? node.lookups.some(({ guards }) => guards.size > 0)
    : childrenOf(node).some(isGuarded)

const strandOf = ({ strands, parts }: Group): Strand => {
  const [only = [], ...more] = strands
  const before = more.length === 0 ? only : [parallelOf(strands)]
  return parts.length === 0 ? before : [...before, parallel(parts)]
}

/** Whether one of two writes where the other reads or writes. A doubt is a yes. */
const meet = (one: PlanNode, other: PlanNode): boolean => {
  const [a, b] = [touchedBy(one), touchedBy(other)]
  return overlap(a.written, b.read) || overlap(a.written, b.written) || overlap(a.read, b.written)
}

/** Places in the data, by response keys; types and list positions are not told apart. */
type Keys = readonly string[]

interface Touched {
  readonly read: readonly Keys[]
  readonly written: readonly Keys[]
}

/** One is in the other. */
const overlap = (some: readonly Keys[], others: readonly Keys[]): boolean =>
  some.some((one) =>
    others.some((other) => one.slice(0, other.length).every((key, index) => key === other[index])),
  )

/** Asked once for each pair of nodes, worked out once for each node. */
const touchedBy = (node: PlanNode): Touched => {
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
  const inner = childrenOf(node).map(touchedBy)
  return { read: inner.flatMap(({ read }) => read), written: inner.flatMap(({ written }) => written) }
}

const touchedByFetch = ({ path, selection, outputRewrites }: FetchNode): Touched => ({
  read: path.length === 0 ? [] : readOnTheWay(path),
  written: keysWritten({ selection, outputRewrites }).map((key) => [...keysOf(path), key]),
})

const touchedByLookups = ({ lookups }: EntityFetchNode): Touched => ({
  read: lookups.flatMap((lookup) =>
    lookup.paths.flatMap((path) => [
      ...readOnTheWay(path),
      ...keysRead(lookup).map((key) => [...keysOf(path), key]),
    ]),
  ),
  written: lookups.flatMap((lookup) =>
    lookup.paths.flatMap((path) => keysWritten(lookup).map((key) => [...keysOf(path), key])),
  ),
})

const keysOf = (path: Path): string[] =>
  path.flatMap((segment) => (segment !== 'item' && 'field' in segment ? [segment.field] : []))

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
