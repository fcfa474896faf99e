import { type Asking, joinLookup } from './join-lookups.ts'
import { type EntityFetchNode, type PlanNode, type QueryPlan, sequence } from './query-plan.ts'
import { stepsOf } from './join-parts.ts'
import { askedThere } from './asked-there.ts'
import { hasMutation } from './start-early.ts'
import { meet, overlap, readAt, touchedBy } from './touched-by.ts'
import type { World } from './world.ts'

/**
 * A plan made of parts asks a subgraph for what an earlier request to it could have brought. So a lookup joins an earlier
 * request where everything is known that it sends; or its fields are asked right where its subgraph found the objects. And
 * what does not touch the steps before it runs beside them.
 */
export const foldLookups = (plan: QueryPlan, world: World): QueryPlan => {
  if (plan.root === null || hasMutation(plan.root)) return plan
  const steps = stepsOf(plan.root).reduce<readonly PlanNode[]>(
    (before, step) => folded(before, step, world),
    [],
  )
  return { root: sequence(inWaves(steps)) }
}

/** The steps so far, with one more among them or behind them. */
const folded = (before: readonly PlanNode[], step: PlanNode, world: World): readonly PlanNode[] => {
  if (step.kind === 'Parallel') {
    let steps = before
    const left: PlanNode[] = []
    for (const child of step.nodes) {
      const found = child.kind === 'EntityFetch' ? absorbed(steps, child, world) : null
      if (found === null) left.push(child)
      else steps = found
    }
    const [only, ...others] = left
    if (only === undefined) return steps
    return [...steps, others.length === 0 ? only : { kind: 'Parallel', nodes: left }]
  }
  const found = step.kind === 'EntityFetch' ? absorbed(before, step, world) : null
  return found ?? [...before, step]
}

/** The steps with everything that a request asks among them; null when one of its lookups has to come later. */
const absorbed = (
  before: readonly PlanNode[],
  node: EntityFetchNode,
  world: World,
): readonly PlanNode[] | null => {
  let steps: readonly PlanNode[] | null = before
  for (const lookup of node.lookups)
    for (const path of lookup.paths)
      steps = steps === null ? null : withLookup(steps, { node, lookup, path }, world)
  return steps
}

const withLookup = (steps: readonly PlanNode[], asking: Asking, world: World): readonly PlanNode[] | null => {
  const read = readAt(asking.path, asking.lookup)
  const first = steps.findLastIndex((step) => overlap(touchedBy(step).written, read))
  const there = steps[first]
  const inside = there === undefined ? null : askedThere(there, asking, world)
  if (inside !== null) return steps.with(first, inside)
  for (const [index, step] of steps.entries()) {
    const joined = index > first ? joinedTo(step, asking) : null
    if (joined !== null) return steps.with(index, joined)
  }
  return null
}

const joinedTo = (step: PlanNode, asking: Asking): PlanNode | null => {
  if (step.kind === 'EntityFetch')
    return step.subgraph === asking.node.subgraph ? joinLookup(step, asking) : null
  if (step.kind !== 'Parallel' && step.kind !== 'Sequence') return null
  for (const [index, child] of step.nodes.entries()) {
    const joined = joinedTo(child, asking)
    if (joined !== null) return { ...step, nodes: step.nodes.with(index, joined) }
  }
  return null
}

/** Each step as early as what it touches allows. */
const inWaves = (steps: readonly PlanNode[]): PlanNode[] => {
  const waves: PlanNode[][] = []
  for (const step of steps) {
    const after = waves.findLastIndex((wave) => wave.some((other) => meet(other, step)))
    const wave = waves[after + 1]
    if (wave === undefined) waves.push([step])
    else wave.push(step)
  }
  return waves.map((nodes): PlanNode =>
    nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'Parallel', nodes },
  )
}
