import { type DocumentNode, type GraphQLError, type GraphQLSchema } from 'graphql'
import type { ProtectionMap } from '../schema/protection.ts'
import { coerceVariables } from './coerce-variables.ts'
import { AssentError } from './errors.ts'
import { type Lifetime, UNENDING } from './lifetime.ts'
import { JsonText } from './json-text.ts'
import { execute } from './execute/execute.ts'
import type { FieldError } from './execute/field-errors.ts'
import type { DataObject } from './execute/targets.ts'
import { createFence } from './fence/fence.ts'
import { createLedger, type Ledger } from './fence/ledger.ts'
import { callerDenial } from './fence/strip.ts'
import { type CostSettings, DEFAULT_LIMITS, type Limits } from './limits/limits.ts'
import { type Batch, createOperationLimits } from './limits/operation-limits.ts'
import type { RequestWatch } from './observe/request-watch.ts'
import { createOperations, type PreparedOperation } from './operations.ts'
import { loadWorld } from './plan/load-world.ts'
import type { StartPlanner } from './plan/planner.ts'
import type {
  Caller,
  Clock,
  ConsentSource,
  DecisionLog,
  IncomingHeaders,
  SubgraphClient,
  SubgraphStreams,
} from './ports.ts'
import { createErrorBook } from './project/error-book.ts'
import { introspect } from './project/introspect.ts'
import { createWithheldReport, type Withheld } from './project/withheld.ts'
import type { EventStream } from './stream/event-stream.ts'
import { createOpenStreams } from './stream/open-streams.ts'
import { type StreamLimits, subscribe } from './subscribe.ts'

export interface GatewayParts {
  readonly supergraph: string
  readonly subgraphs: SubgraphClient
  /** Without it subscriptions are refused. */
  readonly streams?: SubgraphStreams
  readonly streamLimits?: StreamLimits
  /** Told of every subscription that opens or ends. */
  readonly onStreams?: (by: 1 | -1) => void
  readonly consent: ConsentSource
  readonly decisionLog: DecisionLog
  readonly clock: Clock
  readonly log: Pick<Console, 'error'> | { error(details: object, message: string): void }
  /** How much one operation may be. */
  readonly limits?: Limits
  readonly costs?: CostSettings
  /** Where plans are made; in this process unless told otherwise. */
  readonly startPlanner?: StartPlanner
}

export interface GatewayRequest {
  readonly document: DocumentNode
  readonly operationName?: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly caller: Caller
  readonly requestId: string
  /** Shared by the operations that came together. */
  readonly batch?: Batch
  readonly watch?: RequestWatch | undefined
  /** Ends when the client leaves. */
  readonly lifetime?: Lifetime
  readonly incoming?: IncomingHeaders
}

export interface GatewayResult {
  /** The answer as it was written; null where an error went up to the root. */
  readonly data?: JsonText | null
  readonly errors?: readonly GraphQLError[]
  readonly extensions?: Record<string, unknown>
  readonly http?: { readonly status: number }
}

export interface Gateway {
  readonly apiSchema: GraphQLSchema
  readonly protection: ProtectionMap
  /** Every scope that some coordinate asks, with one of the coordinates. */
  readonly scopes: ReadonlyMap<string, string>
  /** Queries and mutations. */
  execute(request: GatewayRequest): Promise<GatewayResult>
  /** The answers of a subscription, one an event, until it ends; throws the `AssentError` that ended it otherwise. */
  subscribe(request: GatewayRequest): Promise<EventStream<GatewayResult>>
  /** Ends the subscriptions that are open; requests under way finish. */
  close(): void
}

/** Throws `AssentError` when the supergraph cannot be served: not read, not supported, or not fenced. */
export const createGateway = (parts: GatewayParts): Gateway => {
  const world = loadWorld(parts.supergraph, parts.startPlanner)
  const operations = createOperations(world)
  const limits = createOperationLimits(
    { apiSchema: world.apiSchema, document: world.supergraph.document },
    { limits: DEFAULT_LIMITS, ...parts },
  )
  const streamLimits = parts.streamLimits ?? UNCONFIGURED
  const openStreams = createOpenStreams(streamLimits.mostStreams, parts.onStreams)
  return {
    apiSchema: world.apiSchema,
    protection: world.protection,
    scopes: scopesAsked(world.protection),
    execute: async (request) => {
      const cost = limits.admit(request)
      request.watch?.costed?.(cost)
      request.watch?.phase('plan')
      const operation = await operations.prepare(request.document, request.operationName, request.caller)
      if (operation.client.operation === 'subscription')
        throw new AssentError('STREAM_UNSUPPORTED', 'subscription')
      request.watch?.planned(operation.plan)
      return answer({ ...parts, ...request.watch?.ports(parts), world, ...request, operation })
    },
    subscribe: async (request) => {
      limits.admit(request)
      const operation = await operations.prepare(request.document, request.operationName, request.caller)
      const { streams } = parts
      if (operation.client.operation !== 'subscription' || streams === undefined)
        throw new AssentError('OPERATION_UNSUPPORTED', operation.client.operation)
      const ports = request.watch?.ports(parts, true)
      const { watch: _, ...event } = { ...parts, ...ports, world, ...request, operation }
      return subscribe({
        ...streamLimits,
        ...event,
        ...commonOf(request),
        streams,
        openStreams,
        plan: operation.plan,
        variables: coerceVariables(world.apiSchema, operation.client, request.variables),
        answer: (answered) => answerEvent({ ...event, ...answered }),
      })
    },
    close: () => {
      openStreams.endAll(new AssentError('GATEWAY_STOPPING', 'stream'))
      world.planner.close()
    },
  }
}

const UNCONFIGURED: StreamLimits = { mostStreams: 10_000, mostWaitingEvents: 100, maxLifetimeSeconds: 86_400 }

const scopesAsked = ({ protections }: ProtectionMap): Map<string, string> =>
  new Map(
    [...protections.values()].flatMap(({ clauses, coordinate }) =>
      clauses.flatMap(({ anyOf }) => anyOf.flat().map((scope) => [scope, coordinate] as const)),
    ),
  )

interface Answering extends GatewayParts, GatewayRequest {
  readonly world: ReturnType<typeof loadWorld>
  readonly operation: PreparedOperation
}

/** One request, front to back: execute behind the fence, keep the decisions, project, answer. */
const answer = async (request: Answering): Promise<GatewayResult> => {
  const { world, operation, caller } = request
  const variables = coerceVariables(world.apiSchema, operation.client, request.variables)
  const ledger = createLedger()
  request.watch?.phase('fetch')
  const { data, failures } = await fetchOnRecord({ ...request, variables }, ledger)
  request.watch?.phase('project')
  const withheld = createWithheldReport()
  const errors = createErrorBook(failures, operation.client, caller.contract)
  const projection = {
    ledger,
    withheld,
    errors,
    callerDenial: (coordinate: string) => callerDenial(coordinate, world, caller.scopes),
    meta: introspect(operation.client, operation.meta, { schema: world.apiSchema, variables }),
  }
  const text = new JsonText(operation.projector.project(data, projection, variables))
  request.watch?.withheld(withheld.entries())
  return shape(caller, {
    data: text.text === 'null' ? null : text,
    errors: errors.finish(() => text.toJSON()),
    withheld: withheld.entries(),
  })
}

/** One event of a subscription. An event that cannot be answered is an error in its place; the next may fare better. */
const answerEvent = async (request: Answering): Promise<GatewayResult> => {
  try {
    return await answer(request)
  } catch (cause) {
    if (cause instanceof AssentError) return { data: null, errors: [cause] }
    throw cause
  }
}

/** Whatever becomes of the answer, what was decided and may have left is on record before it. */
const fetchOnRecord = async (request: Answering, ledger: Ledger) => {
  try {
    return await fetchBehindTheFence(request, ledger)
  } finally {
    await keepDecisions(request, ledger)
  }
}

const fetchBehindTheFence = async (
  request: Answering,
  ledger: Ledger,
): Promise<{ data: DataObject; failures: FieldError[] }> => {
  const { world, operation, caller, subgraphs, consent, clock, variables, requestId, log } = request
  const data: DataObject = {}
  const failures: FieldError[] = []
  const onConsentFailure = (cause: unknown) =>
    log.error({ request: requestId, cause: nameOf(cause) }, 'consent could not be established')
  const own = createFence({ world, caller, consent, clock, variables, ledger, onConsentFailure })
  const fence = request.watch?.fence(own, ledger) ?? own
  const report = (cause: unknown) =>
    log.error({ request: requestId, cause: nameOf(cause) }, 'a subgraph request failed')
  await execute(operation.plan, {
    ...commonOf(request),
    world,
    fence,
    subgraphs,
    variables,
    data,
    errors: failures,
    report,
  })
  return { data, failures }
}

/** What every subgraph request of one client request carries. */
const commonOf = ({ caller, requestId, lifetime = UNENDING, incoming = NO_HEADERS }: GatewayRequest) => ({
  grant: { client: caller.client, purpose: caller.purpose, request: requestId, actor: caller.actor },
  lifetime,
  incoming,
})

const NO_HEADERS: IncomingHeaders = () => undefined

const nameOf = (cause: unknown): string =>
  cause instanceof AssentError ? cause.code : cause instanceof Error ? cause.name : 'unknown'

/** Decisions are kept before the answer leaves (GDPR Art. 5(2)): what cannot be recorded is not answered. */
const keepDecisions = async (
  { decisionLog, clock, requestId, caller, operation }: Answering,
  ledger: Ledger,
): Promise<void> => {
  const at = new Date(clock()).toISOString()
  const header = {
    at,
    request: requestId,
    client: caller.client,
    purpose: caller.purpose,
    supergraph: operation.supergraph,
  }
  const records = ledger.records(header)
  if (records.length === 0) return
  try {
    await decisionLog.write(records)
  } catch (cause) {
    throw new AssentError('DECISION_LOG_UNWRITABLE', 'decision log', { cause })
  }
}

interface Outcome {
  readonly data: JsonText | null
  readonly errors: readonly GraphQLError[]
  readonly withheld: readonly Withheld[]
}

/** Withheld is an answer, not an error; the client's contract says how it is told. */
const shape = ({ contract }: Caller, { data, errors, withheld }: Outcome): GatewayResult => {
  if (contract.onWithheld === 'reject' && withheld.length > 0) {
    const places = [...new Set(withheld.map(({ coordinate }) => coordinate))].join(', ')
    return { data: null, errors: [new AssentError('WITHHELD_REJECTED', places)], http: { status: 403 } }
  }
  const told = contract.disclose === 'full' ? withheld : placesOnly(withheld)
  return {
    data,
    ...(errors.length > 0 ? { errors } : {}),
    ...(told.length > 0 && contract.report === 'extensions'
      ? { extensions: { consent: { withheld: told } } }
      : {}),
  }
}

/** Neither scopes nor reasons, and so no line of its own for each reason: which people share one would tell it. */
const placesOnly = (withheld: readonly Withheld[]): Pick<Withheld, 'coordinate' | 'path' | 'count'>[] => {
  const places = new Map<string, { coordinate: string; path: string; count: number }>()
  for (const { coordinate, path, count } of withheld) {
    const place = places.get(`${coordinate} ${path}`) ?? { coordinate, path, count: 0 }
    place.count += count
    places.set(`${coordinate} ${path}`, place)
  }
  return [...places.values()]
}
