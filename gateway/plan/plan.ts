import { Kind, type OperationDefinitionNode, print, type SelectionNode } from 'graphql'
import { AssentError } from '../errors.ts'
import { cut } from './cut.ts'
import type { LoadedWorld } from './load-world.ts'
import { markInputs } from './mark-inputs.ts'
import type { QueryPlan } from './query-plan.ts'
import { withDataKeys } from './response-keys.ts'
import { translate } from './translate.ts'
import { verify } from './verify.ts'

/** Planner, translation, cut, proof of the cut. A plan is the same for every caller who may ask for these selections. */
export const planOperation = async (
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
  world: LoadedWorld,
): Promise<QueryPlan> => {
  if (selections.length === 0) return { root: null }
  const set = withDataKeys({ ...operation.selectionSet, selections }, world)
  const { name: _, ...unnamed } = operation
  const text = print({ kind: Kind.DOCUMENT, definitions: [{ ...unnamed, selectionSet: set }] })
  const root = world.supergraph.roots.get(operation.operation) ?? ''
  const plan = cut(translate(await ask(world, text)), world)
  return verify(markInputs(plan, selections, root, world), world)
}

/** The planner's own words may quote the document; they are kept for the log. */
const ask = async (world: LoadedWorld, text: string) => {
  try {
    return await world.planner.planAsync(text, undefined, new Set(), 0)
  } catch (cause) {
    throw new AssentError('PLAN_FAILED', 'operation', { cause })
  }
}
