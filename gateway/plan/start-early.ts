import { type PlanNode, type QueryPlan, sequence } from './query-plan.ts'
import { meet } from './touched-by.ts'

/**
 * The planner writes a plan in waves: what stands on one branch of a wave waits for all of them. Here it starts when its
 * own branch is done, if no other branch touches what it reads and writes. Nothing starts later than it did.
 * Mutations stay as they are, in their order.
 */
export const startEarly = (plan: QueryPlan): QueryPlan =>
  plan.root === null || hasMutation(plan.root) ? plan : { root: early(plan.root) }

export const hasMutation = (node: PlanNode): boolean =>
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
