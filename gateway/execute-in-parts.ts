import type { GraphQLObjectType, OperationDefinitionNode } from 'graphql'
import { type Answering, fetchOnRecord, type Fetched, projected } from './answer.ts'
import { coerceVariables } from './coerce-variables.ts'
import type { FieldError } from './execute/field-errors.ts'
import type { ResponsePath } from './execute/targets.ts'
import { callerDenial } from './fence/strip.ts'
import { JsonText } from './json-text.ts'
import type { OperationLimits } from './limits/operation-limits.ts'
import type { Operations, PreparedOperation } from './operations.ts'
import { watchPart } from './observe/watch-part.ts'
import {
  deferVariables,
  type DeferredFragment,
  splitDeferred,
  type SplitSelection,
} from './plan/deferred-fragments.ts'
import { metaSelections } from './plan/meta-fields.ts'
import { clientKey, dataKey } from './plan/response-keys.ts'
import { type SplitPlan, splitPlan } from './plan/split-plan.ts'
import type { CountUses } from './observe/deprecated-fields.ts'
import type { World } from './plan/world.ts'
import { askedPath, type AskedShape } from './project/asked-path.ts'
import { type DeferredPlace, deferredPlaces } from './project/deferred-places.ts'
import { createErrorBook } from './project/error-book.ts'
import { createProjector } from './project/project.ts'
import { objectWriter } from './project/value-writer.ts'
import { createWithheldReport } from './project/withheld.ts'
import type { GatewayIncrement, GatewayResult, ResultInParts } from './request.ts'
import { tellAnswer } from './tell-answer.ts'

/** An operation taken apart, ready to run for every request that defers the same. */
interface Deferral {
  readonly split: SplitSelection
  readonly plan: SplitPlan
  readonly first: PreparedOperation
}

const deferrals = new WeakMap<PreparedOperation, Map<string, Deferral>>()

/** With n variables in `if` there may be 2^n of them. */
const MOST = 32

interface Serving {
  readonly parts: Answering['parts']
  readonly world: Answering['world']
  readonly operations: Operations
  readonly limits: OperationLimits
  readonly countUses: CountUses
}

/**
 * Answers what is not deferred, and then the rest, over the same data. The deferred parts pass the fence at their own time:
 * consent is asked anew, also for what was fetched before, and what was decided for them is on record before it is told.
 * Null when nothing of the operation is deferred.
 */
export const executeInParts = async (
  { parts, world, operations, limits, countUses }: Serving,
  request: Answering['request'],
): Promise<ResultInParts | null> => {
  const cost = limits.admit(request)
  const { watch } = request
  watch?.phase('plan')
  const chosen = operations.choose(request.document, request.operationName, request.caller.contract)
  const variables = coerceVariables(chosen.schema, chosen.client, request)
  const operation = await chosen.prepare(request.caller, variables)
  const answering = { parts, world, operation, request, variables }
  const deferral = operation.deferring === null ? null : deferralOf(answering, operation.deferring)
  if (deferral === null || deferral.split.deferred.length === 0) return null
  countUses(request.caller.client, chosen.client)
  watch?.costed?.(cost)
  watch?.planned(operation.plan)
  watch?.phase('fetch')
  const ports = { ...parts, ...watch?.ports(parts, true) }
  const watched = { ...request, watch: watchPart(watch) }
  return answerInParts({ ...answering, parts: ports, request: watched }, deferral)
}

const answerInParts = async (answering: Answering, deferral: Deferral): Promise<ResultInParts> => {
  const first = { ...answering, operation: deferral.first }
  const fetched = await fetchOnRecord(first)
  const [own, later] = apart(fetched.failures, deferral.first)
  const result = projected(first, { ...fetched, failures: own })
  const isTold = result.data !== null && result.data !== undefined
  const before = { ...fetched, failures: later }
  return { first: result, rest: isTold ? () => tellRest(answering, deferral, before, result) : null }
}

const deferralOf = (
  { operation, variables, world }: Answering,
  deferring: OperationDefinitionNode,
): Deferral => {
  const known = deferrals.get(operation) ?? new Map<string, Deferral>()
  deferrals.set(operation, known)
  const key = JSON.stringify(deferVariables(deferring.selectionSet).map((name) => variables[name] === true))
  const found = known.get(key)
  if (found !== undefined) return found
  const split = splitDeferred(deferring.selectionSet, variables)
  const plan = splitPlan(operation.plan, split, world)
  const client = { ...operation.client, selectionSet: split.rest }
  const { schema, denied, switches } = operation
  const projector = createProjector(client, { world, schema, denied, switches })
  const meta = metaSelections(split.rest)
  const deferral = { split, plan, first: { ...operation, client, meta, projector, plan: plan.initial } }
  if (known.size >= MOST) known.clear()
  known.set(key, deferral)
  return deferral
}

/** Failures of what the first answer shows, and of what only later parts do. */
const apart = (
  failures: readonly FieldError[],
  shape: AskedShape,
): [own: FieldError[], later: FieldError[]] => {
  const isShown = ({ path }: FieldError): boolean => {
    const told = path.map((segment) => (typeof segment === 'string' ? clientKey(segment) : segment))
    return askedPath(told, shape).length === told.length
  }
  return [failures.filter(isShown), failures.filter((failure) => !isShown(failure))]
}

const tellRest = async (
  answering: Answering,
  { split, plan }: Deferral,
  before: Fetched,
  { data }: GatewayResult,
): Promise<readonly GatewayIncrement[]> => {
  const operation = { ...answering.operation, plan: plan.deferred }
  const fetched = await fetchOnRecord({ ...answering, operation }, { data: before.data, again: plan.again })
  const all = { ...fetched, failures: [...before.failures, ...fetched.failures] }
  const shown: unknown = data?.toJSON()
  const increments: GatewayIncrement[] = []
  for (const fragment of split.deferred)
    for (const place of placesOf(fragment, { answering, fetched: all, shown })) {
      const increment = tellAt(place, fragment, answering, all)
      if (increment.data !== null && increment.data !== undefined) show(shown, place.path, increment.data)
      increments.push(increment)
    }
  return increments
}

interface Telling {
  readonly answering: Answering
  readonly fetched: Fetched
  readonly shown: unknown
}

const placesOf = (
  fragment: DeferredFragment,
  { answering: { world, variables, operation }, fetched: { data, ledger }, shown }: Telling,
): DeferredPlace[] => {
  const { schema, denied } = operation
  const root = schema.getRootType(operation.client.operation) as GraphQLObjectType
  return deferredPlaces(fragment, { world, schema, denied, switches: variables, ledger, root, data, shown })
}

// eslint-disable-next-line max-params -- what is told, where, for whom, from what
const tellAt = (
  place: DeferredPlace,
  fragment: DeferredFragment,
  { world, request: { caller, watch }, operation, variables }: Answering,
  { failures, ledger, mayLeave }: Fetched,
): GatewayIncrement => {
  const withheld = createWithheldReport()
  const mine = failuresAt(failures, place.path, fragment, world)
  const errors = createErrorBook(mine, operation, caller.contract)
  const scene = { world, schema: operation.schema, denied: operation.denied, switches: variables }
  const text = objectWriter(
    place.type,
    [fragment.selection],
    scene,
  )(place.source, {
    ledger,
    withheld,
    errors,
    callerDenial: (coordinate) => callerDenial(coordinate, world, caller.scopes),
    meta: {},
    path: [...place.path],
    decisions: place.decisions,
  })
  const lines = withheld.entries()
  watch?.withheld(lines)
  const { http: _, ...told } = tellAnswer(caller, {
    data: text === null ? null : new JsonText(text),
    errors: errors.finish(() => null),
    withheld: lines,
  })
  return {
    ...told,
    mayLeave,
    path: place.path,
    ...(fragment.label !== undefined && { label: fragment.label }),
  }
}

/** Of the failures, those of fields that this fragment asks for at this place. */
const failuresAt = (
  failures: readonly FieldError[],
  place: ResponsePath,
  { selection }: DeferredFragment,
  world: World,
): FieldError[] => {
  const keys = new Set<string>()
  const enter = ({ selections }: DeferredFragment['selection']): void => {
    for (const one of selections)
      if (one.kind === 'Field') keys.add(dataKey(one, world))
      else if (one.kind === 'InlineFragment') enter(one.selectionSet)
  }
  enter(selection)
  return failures.filter(
    ({ path }) =>
      place.every((segment, index) => {
        const told = path[index]
        return (typeof told === 'string' ? clientKey(told) : told) === segment
      }) && keys.has(String(path[place.length])),
  )
}

/** What was told belongs to what is shown: a part deferred inside another needs to know. */
const show = (shown: unknown, path: ResponsePath, data: JsonText): void => {
  let target = shown
  for (const segment of path) target = (target as Record<string | number, unknown>)[segment]
  merge(target as Record<string, unknown>, data.toJSON() as Record<string, unknown>)
}

const merge = (target: Record<string, unknown>, source: Record<string, unknown>): void => {
  for (const [key, value] of Object.entries(source)) {
    const known = Object.hasOwn(target, key) ? target[key] : undefined
    const isBoth = typeof known === 'object' && known !== null && typeof value === 'object' && value !== null
    if (isBoth) merge(known as Record<string, unknown>, value as Record<string, unknown>)
    else Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  }
}
