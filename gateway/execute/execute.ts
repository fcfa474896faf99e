import type { FetchNode, PlanNode, QueryPlan } from '../plan/query-plan.ts'
import { fetchEntities } from './fetch-entities.ts'
import { keepAsked } from './keep-asked.ts'
import { mergeInto } from './merge.ts'
import { rootText } from './operation-text.ts'
import { type Execution, pick } from './execution.ts'
import { failureAt, reportedErrors } from './field-errors.ts'
import { applyRewrites } from './rewrites.ts'
import { type DataObject, isObject, type Target, targetsAt } from './targets.ts'
import { AssentError } from '../errors.ts'
import type { SubgraphRequest } from '../ports.ts'

/** Runs a plan. Failures of subgraphs become errors at the paths they leave empty; the rest goes on. */
export const execute = async (plan: QueryPlan, execution: Execution): Promise<void> => {
  if (plan.root !== null) await run(plan.root, execution)
}

const run = async (node: PlanNode, execution: Execution): Promise<void> => {
  switch (node.kind) {
    case 'Sequence':
      for (const child of node.nodes) await run(child, execution)
      return
    case 'Parallel':
      await Promise.all(node.nodes.map((child) => run(child, execution)))
      return
    case 'Condition': {
      const chosen = execution.variables[node.variable] === true ? node.whenTrue : node.whenFalse
      if (chosen !== null) await run(chosen, execution)
      return
    }
    case 'Fetch':
      await fetchRoot(node, execution)
      // What a mutation did may be a change of consent: what follows asks anew.
      if (node.operation === 'mutation') execution.fence.forget()
      return
    case 'EntityFetch':
      await fetchEntities(node, execution)
  }
}

const fetchRoot = async (node: FetchNode, execution: Execution): Promise<void> => {
  const targets = targetsAt(execution.data, node.path, execution.world)
  if (targets.length === 0) return
  try {
    const { data, errors } = await execution.subgraphs.send(rootRequest(node, execution))
    for (const target of targets) execution.errors.push(...reportedErrors(errors, node, target))
    if (isObject(data)) mergeRoot(node, data, targets, execution)
    else if (errors.length === 0) throw new AssentError('SUBGRAPH_RESPONSE_INVALID', node.subgraph)
  } catch (cause) {
    execution.report(cause)
    for (const target of targets) execution.errors.push(...failureAt(cause, node.selection, target))
  }
}

/** What a root fetch sends; for a subscription, what opens it. */
export const rootRequest = (
  { subgraph, operation, selection, variables }: FetchNode,
  execution: Pick<Execution, 'variables' | 'grant' | 'lifetime' | 'incoming'>,
): SubgraphRequest => {
  const text = rootText(operation, selection, variables)
  return {
    subgraph,
    kind: operation,
    document: text.document,
    documentJson: JSON.stringify(text.document),
    variables: JSON.stringify(pick(execution.variables, text.variables)),
    lifetime: execution.lifetime,
    incoming: execution.incoming,
    grant: { ...execution.grant, subgraph, lookups: {} },
  }
}

const mergeRoot = (
  node: FetchNode,
  data: DataObject,
  targets: readonly Target[],
  { world }: Execution,
): void => {
  for (const target of targets) {
    const asked = keepAsked(data, node.selection, world)
    applyRewrites(asked, node.outputRewrites, world)
    if (isObject(asked)) mergeInto(target.object, asked, world)
  }
}
