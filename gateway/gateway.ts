import { getOperationAST, type GraphQLSchema } from 'graphql'
import type { ProtectionMap } from '../schema/protection.ts'
import { coerceVariables } from './coerce-variables.ts'
import { AssentError } from './errors.ts'
import { type AnswerParts, type Answering, answer, commonOf } from './answer.ts'
import type { GatewayRequest, GatewayResult, ResultInParts } from './request.ts'
import { type CostSettings, DEFAULT_LIMITS } from './limits/limits.ts'
import { createOperationLimits, type OperationLimits } from './limits/operation-limits.ts'
import { createOperations, type Operations, type OperationsParts } from './operations.ts'
import { type LoadedWorld, loadWorld } from './plan/load-world.ts'
import { executeInParts } from './execute-in-parts.ts'
import { answerInTime, type Timer } from './in-time/answer-in-time.ts'
import { type CountUses, type OnDeprecated, usesCounter } from './observe/deprecated-fields.ts'
import { watchPart } from './observe/watch-part.ts'
import type { StartPlanner } from './plan/planner.ts'
import type { ClientView } from './client-views.ts'
import type { ClientContract, SubgraphStreams } from './ports.ts'
import type { EventStream } from './stream/event-stream.ts'
import { createOpenStreams, type OpenStreams } from './stream/open-streams.ts'
import { type StreamLimits, subscribe } from './subscribe.ts'

export interface GatewayParts extends AnswerParts, OperationsParts {
  readonly supergraph: string
  /** Without it subscriptions are refused. */
  readonly streams?: SubgraphStreams
  readonly streamLimits?: StreamLimits
  /** Told of every subscription that opens or ends. */
  readonly onStreams?: (by: 1 | -1) => void
  readonly costs?: CostSettings
  /** What budgets of operations run out by; default: the timers of this process. */
  readonly timer?: Timer
  /** Told which client asks which deprecated fields. */
  readonly onDeprecated?: OnDeprecated
  /** Where plans are made; in this process unless told otherwise. */
  readonly startPlanner?: StartPlanner
}

export interface Gateway {
  readonly apiSchema: GraphQLSchema
  readonly protection: ProtectionMap
  /** What a client sees of the graph. Throws `CONTRACTS_INVALID` when that cannot be asked. */
  viewOf(contract: ClientContract): ClientView
  /** Every scope that some coordinate asks, with one of the coordinates. */
  readonly scopes: ReadonlyMap<string, string>
  /** Queries and mutations. */
  execute(request: GatewayRequest): Promise<GatewayResult>
  /** The same in parts, when the operation defers some; null when it does not. */
  executeInParts(request: GatewayRequest): Promise<ResultInParts | null>
  /** The answers of a subscription, one an event, until it ends; throws the `AssentError` that ended it otherwise. */
  subscribe(request: GatewayRequest): Promise<EventStream<GatewayResult>>
  /** Ends the subscriptions that are open; requests under way finish. */
  close(): void
}

/** Throws `AssentError` when the supergraph cannot be served: not read, not supported, or not fenced. */
export const createGateway = (parts: GatewayParts): Gateway => {
  const world = loadWorld(parts.supergraph, parts.startPlanner)
  const operations = createOperations(world, parts)
  const limits = createOperationLimits(
    { apiSchema: world.apiSchema, document: world.supergraph.document },
    { limits: DEFAULT_LIMITS, ...parts },
  )
  const streamLimits = parts.streamLimits ?? UNCONFIGURED
  const openStreams = createOpenStreams(streamLimits.mostStreams, parts.onStreams)
  const serving: Serving = {
    parts,
    world,
    operations,
    limits,
    openStreams,
    countUses: usesCounter(parts.onDeprecated, world.apiSchema),
  }
  const executeWhole = (request: GatewayRequest, own: GatewayParts) =>
    executeOnce({ ...serving, parts: own }, request)
  const inTime = answerInTime({
    ...parts,
    execute: (request, decisionLog) => executeWhole(request, { ...parts, decisionLog }),
  })
  return {
    apiSchema: world.apiSchema,
    protection: world.protection,
    viewOf: (contract) => operations.viewOf(contract),
    scopes: scopesAsked(world.protection),
    execute: (request) => {
      const budgetMs = budgetOf(request)
      return budgetMs === null ? executeWhole(request, parts) : inTime(request, budgetMs)
    },
    executeInParts: (request) => executeInParts(serving, request),
    subscribe: (request) => openSubscription(serving, request),
    close: () => {
      openStreams.endAll(new AssentError('GATEWAY_STOPPING', 'stream'))
      world.planner.close()
    },
  }
}

interface Serving {
  readonly parts: GatewayParts
  readonly world: LoadedWorld
  readonly operations: Operations
  readonly limits: OperationLimits
  readonly openStreams: OpenStreams
  /** Tells whoever counts uses of deprecated fields. */
  readonly countUses: CountUses
}

/** Null: as long as it takes. What changes something is neither stopped halfway, nor told from before, nor asked for nobody. */
const budgetOf = ({ caller, document, operationName }: GatewayRequest): number | null => {
  if (caller.budgetMs === undefined) return null
  return getOperationAST(document, operationName)?.operation === 'query' ? caller.budgetMs : null
}

const executeOnce = async (
  { parts, world, operations, limits, countUses }: Serving,
  request: GatewayRequest,
): Promise<GatewayResult> => {
  const cost = limits.admit(request)
  request.watch?.costed?.(cost)
  request.watch?.phase('plan')
  const chosen = operations.choose(request.document, request.operationName, request.caller.contract)
  if (chosen.client.operation === 'subscription') throw new AssentError('STREAM_UNSUPPORTED', 'subscription')
  countUses(request.caller.client, chosen.client)
  const variables = coerceVariables(chosen.schema, chosen.client, request)
  const operation = await chosen.prepare(request.caller, variables).catch(unplanned)
  if (!('plan' in operation)) return operation
  request.watch?.planned(operation.plan)
  return answer({ parts: watchedParts(parts, request), world, operation, request, variables })
}

/** What an answer needs and no more: a copy of everything would be made for every request. */
const watchedParts = (parts: GatewayParts, { watch }: GatewayRequest): AnswerParts => {
  if (watch === undefined) return parts
  const { subgraphs, consent, decisionLog } = watch.ports(parts)
  const { clock, log, limits = DEFAULT_LIMITS } = parts
  return { subgraphs, consent, decisionLog, clock, log, limits }
}

const openSubscription = async (
  { parts, world, operations, limits, openStreams, countUses }: Serving,
  request: GatewayRequest,
): Promise<EventStream<GatewayResult>> => {
  const cost = limits.admit(request)
  request.watch?.costed?.(cost)
  request.watch?.phase('plan')
  const chosen = operations.choose(request.document, request.operationName, request.caller.contract)
  const { streams } = parts
  if (chosen.client.operation !== 'subscription' || streams === undefined)
    throw new AssentError('OPERATION_UNSUPPORTED', chosen.client.operation)
  // However many events it lives for, it was asked once.
  countUses(request.caller.client, chosen.client)
  const variables = coerceVariables(chosen.schema, chosen.client, request)
  const operation = await chosen.prepare(request.caller, variables)
  request.watch?.planned(operation.plan)
  request.watch?.phase('fetch')
  const ports = { ...parts, ...request.watch?.ports(parts, true) }
  const watch = watchPart(request.watch)
  return subscribe({
    ...ports,
    ...(parts.streamLimits ?? UNCONFIGURED),
    ...commonOf(request),
    caller: request.caller,
    streams,
    openStreams,
    plan: operation.plan,
    variables,
    answer: ({ subgraphs, lifetime }) =>
      answerEvent({
        parts: { ...ports, subgraphs },
        world,
        operation,
        request: { ...request, watch, lifetime },
        variables,
      }),
  })
}

const UNCONFIGURED: StreamLimits = { mostStreams: 10_000, mostWaitingEvents: 100, maxLifetimeSeconds: 86_400 }

const scopesAsked = ({ protections }: ProtectionMap): Map<string, string> =>
  new Map(
    [...protections.values()].flatMap(({ clauses, coordinate }) =>
      clauses.flatMap(({ anyOf }) => anyOf.flat().map((scope) => [scope, coordinate] as const)),
    ),
  )

/** A valid operation that no plan leads to has been executed as far as it goes: the answer is null, and says why. */
const unplanned = (cause: unknown): GatewayResult => {
  if (cause instanceof AssentError && cause.code === 'PLAN_FAILED') return { data: null, errors: [cause] }
  throw cause
}

/** One event of a subscription. An event that cannot be answered is an error in its place; the next may fare better. */
const answerEvent = async (answering: Answering): Promise<GatewayResult> => {
  try {
    return await answer(answering)
  } catch (cause) {
    if (cause instanceof AssentError) return { data: null, errors: [cause] }
    throw cause
  }
}
