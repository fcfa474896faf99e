import {
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql'
import { AssentError } from '../errors.ts'
import { computedFields } from './computed-fields.ts'
import { entrances } from './entrances.ts'
import { type ComputedPart, handOnInputs, type HandingOn } from './hand-on-inputs.ts'
import { type Continued, continued, stepsOf } from './join-parts.ts'
import type { LoadedWorld } from './load-world.ts'
import type { PlannerGraph } from './planner.ts'
import { type QueryPlan, selectionSet, sequence } from './query-plan.ts'
import { type Part, takeOut, withKeys } from './take-out.ts'
import { type Way, WAYS, type WaysIn } from './ways-to-part.ts'

/** Asks the planner once. A rejection that is no `AssentError` may be asked in other words. */
export type AskPlanner = (
  asked: Pick<OperationDefinitionNode, 'operation' | 'selectionSet'>,
  graph: PlannerGraph,
) => Promise<QueryPlan>

/**
 * What the planner does not plan whole, it often plans in two parts: some fields are taken out of the operation and planned
 * by themselves, from the keys of the objects that have them; the rest is planned with these keys in their place. The steps
 * of both are one plan. Null when nothing helps. The operation's fragments are settled.
 */
export const planInParts = async (
  operation: OperationDefinitionNode,
  world: LoadedWorld,
  ask: AskPlanner,
): Promise<QueryPlan | null> => {
  const budget = { left: MOST_QUESTIONS + operation.selectionSet.selections.length }
  const until = performance.now() + MOST_MS
  const asking: Asking = {
    world,
    entrances: entrances(world.supergraph),
    computed: computedFields(world.supergraph),
    variables: operation.variableDefinitions ?? [],
    ask: (asked, graph) => {
      budget.left -= 1
      if (budget.left < 0 || performance.now() > until) throw new AssentError('PLAN_FAILED', 'operation')
      return ask(asked, graph)
    },
  }
  try {
    return await eachMutation(operation, asking)
  } catch (cause) {
    return nullIfUnplanned(cause)
  }
}

/** Null, unless it failed for another reason. */
const nullIfUnplanned = (cause: unknown): null => {
  if (cause instanceof AssentError && cause.code === 'PLAN_FAILED') return null
  throw cause
}

/** For one operation, beside one for each root field; each may keep the planner busy. */
const MOST_QUESTIONS = 48
/** No further question is begun after that. */
const MOST_MS = 5000

interface Asking extends WaysIn, HandingOn {
  readonly world: LoadedWorld
  readonly ask: AskPlanner
}

type Asked = Pick<OperationDefinitionNode, 'operation' | 'selectionSet'>

/** Everything of one mutation is fetched before the next one runs (GraphQL, "Mutation"). */
const eachMutation = async (asked: Asked, asking: Asking): Promise<QueryPlan | null> => {
  if (asked.operation !== 'mutation') return inParts(asked, asking, WAYS)
  const steps = []
  for (const field of asked.selectionSet.selections) {
    const one = await whole({ ...asked, selectionSet: selectionSet([field]) }, asking, WAYS)
    if (one === null) return null
    steps.push(...stepsOf(one.root))
  }
  return { root: steps.length === 0 ? null : sequence(steps) }
}

/** As it is, or else in parts. */
const whole = async (asked: Asked, asking: Asking, ways: readonly Way[]): Promise<QueryPlan | null> => {
  try {
    return await asking.ask(asked, 'entered')
  } catch (cause) {
    if (cause instanceof AssentError) throw cause
    return inParts(asked, asking, ways)
  }
}

const inParts = async (asked: Asked, asking: Asking, ways: readonly Way[]): Promise<QueryPlan | null> => {
  const { world } = asking
  const root = world.supergraph.roots.get(asked.operation) ?? ''
  for (const [index, way] of ways.entries()) {
    const { rest, parts } = takeOut(asked.selectionSet, root, { ...asking, wayIn: way(asking) })
    if (parts.length === 0) continue
    const after = await goneOn(parts, asking)
    if (after === null) continue
    const before = { ...asked, selectionSet: withKeys(rest, after.keys) }
    // Inputs that are asked for now may need every way themselves.
    const hasMore = parts.some(isComputedPart)
    const first = await whole(before, asking, hasMore ? WAYS : ways.slice(index + 1))
    if (first !== null) return { root: sequence([...stepsOf(first.root), ...after.steps]) }
  }
  return null
}

/** What follows each part, from where its objects are known. */
const goneOn = async (parts: readonly Part[], asking: Asking): Promise<Continued | null> => {
  const computed = parts.filter(isComputedPart)
  if (computed.length > 0) return computed.length === parts.length ? handOnInputs(computed, asking) : null
  const entered = { operation: OperationTypeNode.QUERY, selectionSet: entering(parts) }
  const plan = await whole(entered, asking, WAYS)
  try {
    return plan === null ? null : continued(plan, parts, asking.world)
  } catch (cause) {
    return nullIfUnplanned(cause)
  }
}

const isComputedPart = (part: Part): part is ComputedPart => 'inputs' in part.goesOn

const entering = (parts: readonly Part[]): SelectionSetNode =>
  selectionSet(
    parts.flatMap(({ alias, goesOn, selection }): FieldNode[] => {
      if ('inputs' in goesOn) return []
      const name = { kind: Kind.NAME, value: goesOn.field } as const
      return [{ kind: Kind.FIELD, alias: { kind: Kind.NAME, value: alias }, name, selectionSet: selection }]
    }),
  )
