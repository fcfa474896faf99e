import { AssentError } from '../errors.ts'
import type { FetchNode, PlanNode, QueryPlan } from '../plan/query-plan.ts'
import type { SubgraphRequest } from '../ports.ts'
import { shapeOf } from './answer-shape.ts'
import { type Execution, type Requesting, requestOf } from './execution.ts'
import { fetchEntities } from './fetch-entities.ts'
import { failureAt, reportedErrors } from './field-errors.ts'
import { mergeIntoAll } from './merge.ts'
import { rootText } from './operation-text.ts'
import { type DataObject, isObject, objectsAt, placesAt, type ResponsePath } from './targets.ts'

/** Runs a plan. Failures of subgraphs become errors at the paths they leave empty; the rest goes on. */
export const execute = async (plan: QueryPlan, execution: Execution): Promise<void> => {
  if (plan.root !== null) await run(plan.root, execution, true)
}

/** Nothing follows on the last. */
const run = async (node: PlanNode, execution: Execution, isLast: boolean): Promise<void> => {
  switch (node.kind) {
    case 'Sequence':
      for (const child of node.nodes) await run(child, execution, isLast && child === node.nodes.at(-1))
      return
    case 'Parallel':
      await Promise.all(node.nodes.map((child) => run(child, execution, isLast)))
      return
    case 'Fetch':
      await fetchRoot(node, execution)
      // What a mutation did may be a change of consent: what follows asks anew.
      if (node.operation === 'mutation') execution.fence.forget()
      return
    case 'EntityFetch':
      await fetchEntities(node, execution, isLast)
  }
}

const fetchRoot = async (node: FetchNode, execution: Execution): Promise<void> => {
  const objects = objectsAt(execution.data, [node.path], execution.world)
  if (objects.length === 0) return
  try {
    const { data, errors } = await execution.subgraphs.send(rootRequest(node, execution))
    if (errors.length > 0)
      for (const place of placesOf(node, execution))
        execution.errors.push(...reportedErrors(errors, node, place, execution.world))
    if (isObject(data)) mergeRoot(node, data, objects, execution)
    else if (errors.length === 0) throw new AssentError('SUBGRAPH_RESPONSE_INVALID', node.subgraph)
  } catch (cause) {
    execution.report(cause)
    for (const place of placesOf(node, execution))
      execution.errors.push(...failureAt(cause, node.selection, place))
  }
}

/** What a root fetch sends; for a subscription, what opens it. */
export const rootRequest = (
  { subgraph, operation, selection, variables }: FetchNode,
  requesting: Requesting,
): SubgraphRequest =>
  requestOf(
    { subgraph, kind: operation, text: rootText(operation, selection, variables), own: [], lookups: {} },
    requesting,
  )

const placesOf = (node: FetchNode, { data, world }: Execution): Iterable<ResponsePath> =>
  placesAt(data, [node.path], world).values()

const mergeRoot = (
  node: FetchNode,
  answer: DataObject,
  objects: readonly DataObject[],
  { world }: Execution,
): void =>
  mergeIntoAll(objects, {
    answer,
    shape: shapeOf(node.selection, world),
    rewrites: node.outputRewrites,
    world,
  })
