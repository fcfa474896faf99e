import {
  type FieldNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql'
import { AssentError } from '../errors.ts'
import { entrances } from './entrances.ts'
import { continued, stepsOf } from './join-parts.ts'
import type { LoadedWorld } from './load-world.ts'
import type { PlannerGraph } from './planner.ts'
import { type QueryPlan, selectionSet, sequence } from './query-plan.ts'
import { type IsTaken, type Part, takeOut, type TakingPlace, withKeys } from './take-out.ts'
import type { World } from './world.ts'

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
  operation: Pick<OperationDefinitionNode, 'operation' | 'selectionSet'>,
  world: LoadedWorld,
  ask: AskPlanner,
): Promise<QueryPlan | null> => {
  const budget = { left: MOST_QUESTIONS }
  const asking: Asking = {
    world,
    entrances: entrances(world.supergraph),
    ask: (asked, graph) => {
      budget.left -= 1
      if (budget.left < 0) throw new Error('too many parts')
      return ask(asked, graph)
    },
  }
  try {
    return await eachMutation(operation, asking)
  } catch (cause) {
    if (cause instanceof AssentError && cause.code !== 'PLAN_FAILED') throw cause
    return null
  }
}

/** For one operation; each may keep the planner busy. */
const MOST_QUESTIONS = 24

interface Asking {
  readonly world: LoadedWorld
  readonly entrances: ReturnType<typeof entrances>
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
    const { rest, parts } = takeOut(asked.selectionSet, root, { ...asking, isTaken: way(world) })
    if (parts.length === 0) continue
    const after = await whole(
      { operation: OperationTypeNode.QUERY, selectionSet: entering(parts) },
      asking,
      WAYS,
    )
    if (after === null) continue
    const { steps, keys } = continued(after, parts)
    const before = { ...asked, selectionSet: withKeys(rest, keys) }
    const first = await whole(before, asking, ways.slice(index + 1))
    if (first !== null) return { root: sequence([...stepsOf(first.root), ...steps]) }
  }
  return null
}

const entering = (parts: readonly Part[]): SelectionSetNode =>
  selectionSet(
    parts.map(({ alias, entrance, selection }): FieldNode => ({
      kind: Kind.FIELD,
      alias: { kind: Kind.NAME, value: alias },
      name: { kind: Kind.NAME, value: entrance.field },
      selectionSet: selection,
    })),
  )

/** Which fields are taken out. */
type Way = (world: World) => IsTaken

/** What is computed from other subgraphs' fields, by what it is computed from; empty when it is not. */
const inputsOf = (field: FieldNode, type: string, { supergraph }: World): string => {
  const owners = [type, ...(supergraph.types.get(type)?.interfaces ?? [])]
  return owners
    .flatMap((owner) => [
      ...(supergraph.types.get(owner)?.fields.get(field.name.value)?.requires.entries() ?? []),
    ])
    .map(([subgraph, fields]) => `${subgraph} ${fields}`)
    .join()
}

/** Where an object of the same type is above: inside one lookup, the planner takes the one for the other. */
const belowItsOwnType: Way =
  (world) =>
  (field, type, { above }) =>
    inputsOf(field, type, world) !== '' && above.some((types) => types.includes(type))

/** What needs other inputs than the first of them. */
const byInputs: Way =
  (world) =>
  (field, type, { asked }) => {
    const [first = ''] = asked.map((one) => inputsOf(one, type, world)).filter((inputs) => inputs !== '')
    return ![first, ''].includes(inputsOf(field, type, world))
  }

const isInside = ({ above }: TakingPlace): boolean => above.length > 1

const computed: Way = (world) => (field, type, place) =>
  isInside(place) && inputsOf(field, type, world) !== ''

/** Everything of an object inside another one, with what only says who it is left there. */
const everything: Way = () => (_field, _type, place) => isInside(place)

const WAYS: readonly Way[] = [belowItsOwnType, byInputs, computed, everything]
