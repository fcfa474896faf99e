import { type PlanNode, type QueryPlan, sequence } from './query-plan.ts'
import { hasMutation } from './start-early.ts'

/**
 * A mutation may be a change of consent, so who is asked about beside it is asked about after it: what was known of them is
 * forgotten when it is done, and an answer that came a moment before would be thrown away with it.
 */
export const changesFirst = (plan: QueryPlan): QueryPlan =>
  plan.root === null ? plan : { root: inOrder(plan.root) }

const inOrder = (node: PlanNode): PlanNode => {
  if (node.kind === 'Sequence') return sequence(node.nodes.map(inOrder))
  if (node.kind !== 'Parallel' || !hasMutation(node)) return node
  const reading = node.nodes.filter((child) => !hasMutation(child))
  const beside: readonly PlanNode[] = reading.length > 1 ? [{ kind: 'Parallel', nodes: reading }] : reading
  return sequence([...node.nodes.filter(hasMutation).map(inOrder), ...beside])
}
