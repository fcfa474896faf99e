import { type OperationDefinitionNode, print, type SelectionNode, type SelectionSetNode } from 'graphql'
import { AssentError } from '../errors.ts'
import { askByType } from './ask-by-type.ts'
import { canonicalInputs } from './canonical-inputs.ts'
import { changesFirst } from './changes-first.ts'
import { checkSources } from './check-sources.ts'
import { completeInputs } from './complete-inputs.ts'
import { cut } from './cut.ts'
import { dropImpossible } from './drop-impossible.ts'
import { foldLookups } from './fold-lookups.ts'
import { hoistKeys } from './hoist-keys.ts'
import type { LoadedWorld } from './load-world.ts'
import { markInputs } from './mark-inputs.ts'
import { planInParts } from './plan-in-parts.ts'
import type { PlannerGraph } from './planner.ts'
import { mergeSameKeys } from './merge-same-keys.ts'
import { nameInterfaceObjects } from './name-interface-objects.ts'
import { plannerText } from './planner-text.ts'
import type { QueryPlan } from './query-plan.ts'
import { withDataKeys } from './response-keys.ts'
import { asksWhatIsKept } from './kept-from-planner.ts'
import { settleFragments } from './settle-fragments.ts'
import { startEarly } from './start-early.ts'
import { translate } from './translate.ts'
import { isUnplannable, setUnplannable } from './unplannable.ts'
import { verify } from './verify.ts'
import { widenLookups } from './widen-lookups.ts'

/** Planner, translation, cut, proof of the cut. A plan is the same for every caller who may ask for these selections. */
export const planOperation = async (
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
  world: LoadedWorld,
): Promise<QueryPlan> => {
  if (selections.length === 0) return { root: null }
  const root = world.supergraph.roots.get(operation.operation) ?? ''
  const typed = askByType({ ...operation.selectionSet, selections }, root, world)
  const asked = withDataKeys(typed, world)
  const set = hoistKeys(asked, root, world)
  const { plan: found, isJoined } = await ask(operation, set, world)
  const mended = corrected(found, set, world)
  const planned = isJoined ? foldLookups(mended, world) : mended
  // A graph that holds nobody's data has nothing to cut.
  if (world.protection.protections.size === 0) return startEarly(planned)
  const plan = cut(planned, world)
  return verify(changesFirst(startEarly(markInputs(plan, selections, root, world))), world)
}

/** What the planner is known to get wrong is mended, or the plan refused. */
const corrected = (plan: QueryPlan, asked: SelectionSetNode, world: LoadedWorld): QueryPlan =>
  nameInterfaceObjects(
    checkSources(
      canonicalInputs(completeInputs(widenLookups(dropImpossible(plan, world), asked, world), world), world),
      world,
    ),
    world,
  )

interface Planned {
  readonly plan: QueryPlan
  /** Of parts, each of which was planned for itself. */
  readonly isJoined: boolean
}

/** What the planner cannot plan as it was asked, it often can once fragments stand on concrete types, or in parts. */
const ask = async (
  operation: OperationDefinitionNode,
  set: SelectionSetNode,
  world: LoadedWorld,
): Promise<Planned> => {
  try {
    return { plan: await askPlanner(operation, set, world), isJoined: false }
  } catch (cause) {
    // What ended the planner is not put to it again in other words.
    if (cause instanceof AssentError) throw cause
    const root = world.apiSchema.getRootType(operation.operation)?.name ?? ''
    return askSettled(operation, mergeSameKeys(settleFragments(set, root, world.apiSchema)), world)
  }
}

/** The planner's own words may quote the document; they are kept for the log. */
const askSettled = async (
  operation: OperationDefinitionNode,
  set: SelectionSetNode,
  world: LoadedWorld,
): Promise<Planned> => {
  if (set.selections.length === 0) return { plan: { root: null }, isJoined: false }
  try {
    return { plan: await askPlanner(operation, set, world), isJoined: false }
  } catch (cause) {
    if (cause instanceof AssentError) throw cause
    return { plan: await joined({ ...operation, selectionSet: set }, world, cause), isJoined: true }
  }
}

/** In parts, or not at all. */
const joined = async (
  operation: OperationDefinitionNode,
  world: LoadedWorld,
  cause: unknown,
): Promise<QueryPlan> => {
  // Which fields are moving is part of the question, but not of its text.
  const text = world.overrides.labels.length + world.overrides.percentages.length > 0 ? '' : print(operation)
  if (text === '' || !isUnplannable(text, world)) {
    const plan = await planInParts(operation, world, (asked, graph) =>
      askPlanner({ ...operation, ...asked }, asked.selectionSet, world, graph),
    )
    if (plan !== null) return plan
    if (text !== '') setUnplannable(text, world)
  }
  throw new AssentError('PLAN_FAILED', 'operation', { cause })
}

// eslint-disable-next-line max-params -- what to ask, and whom
const askPlanner = async (
  operation: OperationDefinitionNode,
  set: SelectionSetNode,
  world: LoadedWorld,
  graph?: PlannerGraph,
): Promise<QueryPlan> => {
  const { kind, operation: type, variableDefinitions = [] } = operation
  const root = world.supergraph.roots.get(type) ?? ''
  if (asksWhatIsKept(set, root, world)) throw new Error('not put to the planner')
  const asked: OperationDefinitionNode = { kind, operation: type, variableDefinitions, selectionSet: set }
  return translate(await world.planner.plan(plannerText(asked), undefined, graph))
}
