import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  type GraphQLSchema,
  parse,
  subscribe,
  validate,
} from 'graphql'
import { enforceGrants } from '../../directives/enforce.ts'
import type { Grant } from '../../directives/grant.ts'
import { normalizeConsent } from '../../directives/link.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { readVocabulary } from '../../directives/read-vocabulary.ts'
import { createGateway, type Gateway, type GatewayParts } from '../../gateway/gateway.ts'
import type { GatewayIncrement, GatewayRequest, GatewayResult } from '../../gateway/request.ts'
import type {
  Caller,
  ClientContract,
  ConsentSource,
  ConsentState,
  ConsentStatus,
  DecisionLog,
  DecisionRecord,
  PolicySource,
  SubgraphClient,
  SubgraphResponse,
  SubgraphStreams,
} from '../../gateway/ports.ts'
import { compose } from '../../schema/compose.ts'
import { AssentError } from '../../gateway/errors.ts'
import { type Lifetime, UNENDING } from '../../gateway/lifetime.ts'
import { type CostSettings, DEFAULT_LIMITS, type Limits } from '../../gateway/limits/limits.ts'

export const NOW = Date.UTC(2026, 0, 15, 12)

/** One subgraph of an in-process network: its schema as its owner wrote it, and real resolvers. */
export interface TestSubgraph {
  readonly name: string
  readonly sdl: string
  readonly resolvers: Record<string, Record<string, unknown>>
  /** As a subgraph makes them anew for each request. */
  readonly loaders?: () => unknown
}

/** What a person has answered, by scope. Without an entry the person was never asked. */
export type Consents = Record<string, Partial<Record<string, ConsentStatus>> | 'SUPPRESSED' | 'ERASED'>

/** A request as its subgraph reads it. */
export interface ReceivedRequest {
  readonly subgraph: string
  readonly document: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly grant: Grant
}

/** One request that left the gateway, and what came back. */
export interface Sent extends ReceivedRequest {
  readonly response: SubgraphResponse
}

export interface WorldOptions {
  readonly subgraphs: readonly TestSubgraph[]
  readonly consents: Consents
  /** Scopes the graph uses beyond the standard vocabulary. */
  readonly scopes?: readonly string[]
  /** Stands between the gateway and the subgraphs, for subgraphs that misbehave. */
  readonly tamper?: (request: ReceivedRequest, response: SubgraphResponse) => SubgraphResponse
  /** Stands around all subgraphs. */
  readonly around?: (subgraphs: SubgraphClient) => SubgraphClient
  readonly consent?: Partial<ConsentSource>
  /** Runs while a request waits for a connection, and while the subgraph works on its answer. */
  readonly connecting?: (request: ReceivedRequest) => Promise<void> | void
  readonly answering?: (request: ReceivedRequest) => Promise<void> | void
  /** Takes the subgraphs' own check out, to show what the gateway does alone. */
  readonly unguardedSubgraphs?: boolean
  readonly supergraph?: string
  readonly clock?: () => number
  readonly decisionLog?: DecisionLog
  readonly streamLimits?: GatewayParts['streamLimits']
  /** Wide where nothing is said: what the fence does is shown by documents of any size. */
  readonly limits?: Limits
  readonly costs?: CostSettings
  readonly policies?: PolicySource
  readonly overrideLabels?: readonly string[]
  readonly random?: () => number
  readonly timer?: GatewayParts['timer']
  readonly onDeprecated?: GatewayParts['onDeprecated']
}

export interface Ask {
  readonly scopes?: readonly string[]
  readonly purpose?: string
  readonly variables?: Record<string, unknown>
  readonly contract?: Partial<ClientContract>
  readonly operationName?: string
  readonly lifetime?: Lifetime
  /** Headers of the client's request. */
  readonly headers?: Readonly<Record<string, string>>
  readonly expiresAt?: number
  /** Of the registered operation that is asked, in milliseconds. */
  readonly budgetMs?: number
  /** Of the same, which variables are about a person. */
  readonly personal?: readonly string[]
  /** The `scope` claim of the token that proves the caller; absent where nobody has proved anything. */
  readonly proof?: readonly string[]
}

export interface Asked extends Omit<GatewayResult, 'data'> {
  readonly data?: unknown
  readonly sent: readonly Sent[]
  readonly consentCalls: readonly (readonly string[])[]
  readonly records: readonly PersonalRecord[]
  /** As `coordinate path reason count`, to be read at a glance. */
  readonly withheld: readonly string[]
}

export interface World {
  readonly gateway: Gateway
  readonly supergraph: string
  readonly vocabularyScopes: readonly string[]
  /** A document that was parsed before is the same document: its plan is kept. */
  ask(query: string | DocumentNode, options?: Ask): Promise<Asked>
  subscribe(query: string, options?: Ask): Promise<Subscribed>
  /** An answer in parts, each with what was asked and sent for it. */
  askInParts(query: string, options?: Ask): Promise<AskedInParts>
}

export interface AskedInParts {
  readonly first: Asked
  /** Null when nothing is deferred any more. */
  readonly rest: (() => Promise<AskedRest>) | null
}

export interface AskedRest {
  readonly increments: readonly (Omit<GatewayIncrement, 'data'> & { readonly data?: unknown })[]
  readonly sent: readonly Sent[]
  readonly consentCalls: readonly (readonly string[])[]
  readonly records: readonly PersonalRecord[]
}

/** A subscription as a test reads it. */
export interface Subscribed {
  /** The next answer, and what was asked and sent since the one before. Null when the stream has ended. */
  next(): Promise<Asked | null>
  /** As a client that leaves. */
  stop(): Promise<void>
}

/** What a decision record says of one person. */
export interface PersonalRecord extends Omit<DecisionRecord, 'granted' | 'scopes' | 'people'> {
  readonly subject: string
  readonly revision: string | null
  /** By coordinate, the receipts it rests on. */
  readonly granted: Readonly<Record<string, readonly string[]>>
}

const personal = ({ people, scopes, granted, ...record }: DecisionRecord): PersonalRecord[] =>
  people.map(([subject, revision, ...receipts]) => {
    const receiptsOf = (needed: readonly string[]) =>
      needed.flatMap((scope) => receipts[scopes.indexOf(scope)] ?? [])
    const given = Object.entries(granted).map(([coordinate, needed]) => [coordinate, receiptsOf(needed)])
    return {
      ...record,
      subject,
      revision,
      granted: Object.fromEntries(given) as PersonalRecord['granted'],
    }
  })

/** All services in one process: composed, fenced and enforced as in production, without a port between them. */
export const createWorld = (options: WorldOptions): World => {
  const supergraph = options.supergraph ?? composeOrThrow(options)
  const schemas = new Map(
    options.subgraphs.map((subgraph) => [
      subgraph.name,
      schemaOf(subgraph, options.unguardedSubgraphs === true),
    ]),
  )
  let sent: Sent[] = []
  let consentCalls: string[][] = []
  let records: PersonalRecord[] = []
  const subgraphs: SubgraphClient = {
    send: async (sending) => {
      const { mayLeave, ...asked } = sending
      const request = { ...asked, variables: JSON.parse(sending.variables) as Record<string, unknown> }
      await options.connecting?.(request)
      if (mayLeave?.() === false) throw new AssentError('CONSENT_OVERTAKEN', request.subgraph)
      const own = options.subgraphs.find(({ name }) => name === request.subgraph)
      const surroundings = { loaders: own?.loaders?.(), clock: options.clock ?? (() => NOW) }
      const answered = await answer(schemas.get(request.subgraph), request, surroundings)
      await options.answering?.(request)
      try {
        const response = options.tamper?.(request, answered) ?? answered
        sent.push({ ...request, response })
        // The gateway takes an answer over, as it may what it has parsed itself.
        return ownCopy(response)
      } catch (cause) {
        sent.push({ ...request, response: { data: null, errors: [] } })
        throw cause
      }
    },
  }
  const consent: ConsentSource = {
    ...options.consent,
    load: async (subjects, context) => {
      consentCalls.push([...subjects])
      return options.consent?.load?.(subjects, context) ?? statesOf(options.consents, subjects)
    },
  }
  const streams: SubgraphStreams = {
    open: (opening) => {
      const request = { ...opening, variables: JSON.parse(opening.variables) as Record<string, unknown> }
      sent.push({ ...request, response: { data: null, errors: [] } })
      const { tamper = (_, event) => event } = options
      return eventsOf(schemas.get(request.subgraph), request, { lifetime: opening.lifetime, tamper })
    },
  }
  const gateway = createGateway({
    supergraph,
    subgraphs: options.around?.(subgraphs) ?? subgraphs,
    streams,
    ...(options.streamLimits === undefined ? {} : { streamLimits: options.streamLimits }),
    consent,
    decisionLog: {
      write: async (written) => {
        await options.decisionLog?.write(written)
        for (const record of written) records.push(...personal(record))
      },
    },
    clock: options.clock ?? (() => NOW),
    log: { error: () => undefined },
    limits: options.limits ?? WIDE,
    ...(options.costs && { costs: options.costs }),
    ...(options.policies && { policies: options.policies }),
    ...(options.overrideLabels && { overrideLabels: options.overrideLabels }),
    ...(options.random && { random: options.random }),
    ...(options.timer && { timer: options.timer }),
    ...(options.onDeprecated && { onDeprecated: options.onDeprecated }),
  })
  const take = () => {
    const taken = { sent, consentCalls, records }
    sent = []
    consentCalls = []
    records = []
    return taken
  }
  const all = [...(options.scopes ?? []), ...STANDARD]
  return {
    gateway,
    supergraph,
    vocabularyScopes: all,
    ask: async (query, ask = {}) => {
      take()
      const result = await gateway.execute(requestOf(gateway, query, { scopes: all, ...ask }))
      return { ...readable(result), ...take(), withheld: summarize(result) }
    },
    askInParts: async (query, ask = {}) => {
      take()
      const request = requestOf(gateway, query, { scopes: all, ...ask })
      const parts = await gateway.executeInParts(request)
      if (parts === null) throw new Error('nothing is deferred')
      const { first, rest } = parts
      const asked = { ...readable(first), ...take(), withheld: summarize(first) }
      if (rest === null) return { first: asked, rest }
      return { first: asked, rest: async () => ({ increments: (await rest()).map(readable), ...take() }) }
    },
    subscribe: async (query, ask = {}) => {
      take()
      const stream = await gateway.subscribe(requestOf(gateway, query, { scopes: all, ...ask }))
      return {
        next: async () => {
          const { done, value } = await stream.next()
          return done === true ? null : { ...readable(value), ...take(), withheld: summarize(value) }
        },
        stop: async () => void (await stream.return()),
      }
    },
  }
}

const readable = <Result extends Pick<GatewayResult, 'data'>>(
  result: Result,
): Omit<Result, 'data'> & { readonly data?: unknown } => ({
  ...result,
  ...('data' in result ? { data: result.data?.toJSON() ?? null } : {}),
})

const ownCopy = (response: SubgraphResponse): SubgraphResponse => {
  try {
    return structuredClone(response)
  } catch {
    // Nested deeper than anything can be copied; nobody looks at it again.
    return response
  }
}

const WIDE: Limits = {
  ...DEFAULT_LIMITS,
  depth: 100,
  aliases: 1000,
  fieldPairs: 1_000_000,
  rootFields: 100,
  selections: 20_000,
  pageSize: 1e15,
  cost: 1e15,
}

const STANDARD = [...standardVocabulary.scopes.keys()]

const composeOrThrow = ({ subgraphs, scopes = [] }: WorldOptions): string => {
  const vocabulary = readVocabulary({
    version: '1.0-test.1',
    scopes: Object.fromEntries(
      scopes.map((scope) => [
        scope,
        { sentence: `Test scope ${scope}.`, dpv: 'dpv:Purpose', fides: 'essential' },
      ]),
    ),
  })
  const { supergraph, violations } = compose(
    subgraphs.map(({ name, sdl }) => ({ name, sdl, url: `http://${name}.example/graphql` })),
    { vocabulary },
  )
  if (supergraph === null)
    throw new Error(
      violations.map(({ code, coordinate, message }) => `${code} ${coordinate}: ${message}`).join('\n'),
    )
  return supergraph
}

const schemaOf = ({ sdl, resolvers }: TestSubgraph, unguarded: boolean): GraphQLSchema => {
  const schema = buildSubgraphSchema([
    { typeDefs: normalizeConsent(parse(sdl)), resolvers: resolvers as never },
  ])
  return unguarded ? schema : enforceGrants(schema, (context) => (context as { grant: Grant | null }).grant)
}

/** As a subgraph behind HTTP would answer: values go through JSON, errors keep message, path and extensions. */
const answer = async (
  schema: GraphQLSchema | undefined,
  { document, variables, grant, subgraph }: ReceivedRequest,
  surroundings: object = {},
): Promise<SubgraphResponse> => {
  if (schema === undefined) throw new AssentError('SUBGRAPH_UNREACHABLE', subgraph)
  const parsed = parse(document)
  const invalid = validate(schema, parsed)
  if (invalid.length > 0)
    throw new Error(
      `the gateway sent an invalid document to ${subgraph}: ${invalid.map(({ message }) => message).join('; ')}\n${document}`,
    )
  const result = await execute({
    schema,
    document: parsed,
    variableValues: variables,
    contextValue: { ...surroundings, grant },
  })
  return plain(result)
}

const plain = (result: ExecutionResult): SubgraphResponse => {
  const { data, errors } = JSON.parse(JSON.stringify(result)) as {
    data?: unknown
    errors?: SubgraphResponse['errors']
  }
  return { data: data ?? null, errors: errors ?? [] }
}

interface Listening {
  readonly lifetime: Lifetime
  readonly tamper: (request: ReceivedRequest, event: SubgraphResponse) => SubgraphResponse
}

async function* eventsOf(
  schema: GraphQLSchema | undefined,
  request: ReceivedRequest,
  { lifetime, tamper }: Listening,
): AsyncGenerator<SubgraphResponse> {
  if (schema === undefined) throw new AssentError('SUBGRAPH_UNREACHABLE', request.subgraph)
  const document = parse(request.document)
  const invalid = validate(schema, document)
  if (invalid.length > 0)
    throw new Error(`${invalid.map(({ message }) => message).join('; ')}\n${request.document}`)
  const events = await subscribe({
    schema,
    document,
    variableValues: request.variables,
    contextValue: { grant: request.grant },
  })
  if (!(Symbol.asyncIterator in events)) throw new AssentError('SUBGRAPH_RESPONSE_INVALID', request.subgraph)
  lifetime.onOver(() => void events.return(undefined))
  for await (const event of events) yield tamper(request, plain(event))
}

export const statesOf = (consents: Consents, subjects: readonly string[]): Map<string, ConsentState> =>
  new Map(
    subjects.map((subject) => {
      const answers = consents[subject] ?? {}
      const blocked = typeof answers === 'string' ? { blocked: answers } : {}
      const scopes = typeof answers === 'string' ? {} : answers
      const entries = Object.entries(scopes).map(
        ([scope, status]) =>
          [
            scope,
            { status: status ?? 'unknown', receipt: `receipt-${subject}-${scope}`, expiresAt: null },
          ] as const,
      )
      return [subject, { subject, revision: '1', scopes: new Map(entries), ...blocked }]
    }),
  )

/** A request that came by no transport: it has no headers, and nobody can leave. */
export const NO_TRANSPORT = { lifetime: UNENDING, incoming: () => undefined } as const

const headersIn =
  (headers: Readonly<Record<string, string>>) =>
  (name: string): string | undefined =>
    headers[name]

const requestOf = (
  gateway: Gateway,
  query: string | DocumentNode,
  { scopes = [], purpose = 'personalization', variables = {}, contract = {}, operationName, ...ask }: Ask,
): GatewayRequest => {
  const document = typeof query === 'string' ? parse(query) : query
  const caller = callerWith({ scopes, purpose, contract })
  const invalid = validate(gateway.viewOf(caller.contract).schema, document)
  if (invalid.length > 0) throw new Error(invalid.map(({ message }) => message).join('; '))
  return {
    document,
    variables,
    caller: {
      ...caller,
      expiresAt: ask.expiresAt ?? null,
      ...(ask.budgetMs !== undefined && { budgetMs: ask.budgetMs }),
      ...(ask.personal && { personal: ask.personal }),
      ...(ask.proof && { proof: { scopes: new Set(ask.proof) } }),
    },
    requestId: 'request-1',
    ...(operationName === undefined ? {} : { operationName }),
    ...NO_TRANSPORT,
    ...(ask.headers === undefined ? {} : { incoming: headersIn(ask.headers) }),
    ...(ask.lifetime === undefined ? {} : { lifetime: ask.lifetime }),
  }
}

export const callerWith = ({
  scopes,
  purpose = 'personalization',
  contract = {},
}: {
  scopes: readonly string[]
  purpose?: string
  contract?: Partial<ClientContract>
}): Caller => ({
  client: 'explorer',
  purpose,
  scopes: new Set(scopes),
  actor: null,
  expiresAt: null,
  context: {},
  contract: isWhole(contract)
    ? contract
    : {
        client: 'explorer',
        purposes: [purpose],
        scopes,
        operations: new Map(),
        operationsOnly: false,
        report: 'extensions',
        onWithheld: 'strip',
        disclose: 'full',
        introspection: true,
        context: {},
        ...contract,
      },
})

/** One that was read from a file is the same contract from one request to the next. */
const isWhole = (contract: Partial<ClientContract>): contract is ClientContract =>
  contract.client !== undefined && contract.operations !== undefined

const summarize = (result: GatewayResult): string[] => {
  const consent = result.extensions?.['consent'] as
    { withheld: { coordinate: string; path: string; reason: string; count: number }[] } | undefined
  return (consent?.withheld ?? []).map(
    ({ coordinate, path, reason, count }) => `${coordinate} ${path} ${reason} ${count}`,
  )
}
