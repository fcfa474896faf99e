import { ApolloServer, HeaderMap } from '@apollo/server'
import type { HTTPGraphQLRequest, HTTPGraphQLResponse } from '@apollo/server'
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import type { DocumentNode, GraphQLError, GraphQLSchema } from 'graphql'
import { AssentError } from '../errors.ts'
import type { CallerRequest } from '../caller/identify.ts'
import type { Caller } from '../ports.ts'
import { createDocumentReader } from './document-facts.ts'
import type { DocumentFacts, DocumentLimits } from './document-facts.ts'
import { createErrorPresenter, internalError } from './present-error.ts'
import type { ReportUnexpected } from './present-error.ts'

/** One operation of a caller, parsed and valid. */
export interface DoorRequest {
  readonly document: DocumentNode
  readonly operationName?: string
  readonly variables: Record<string, unknown>
  readonly caller: Caller
  readonly requestId: string
  readonly showSent?: boolean
}

export interface DoorResult {
  readonly data?: unknown
  readonly errors?: readonly GraphQLError[]
  readonly extensions?: Record<string, unknown>
  readonly http?: { readonly status: number }
}

export interface GraphqlDoorOptions {
  readonly apiSchema: GraphQLSchema
  readonly execute: (request: DoorRequest) => Promise<DoorResult>
  readonly identify: (request: CallerRequest) => Promise<Caller>
  readonly limits: DocumentLimits
  readonly introspection: boolean
  /** Suggestions name parts of the schema; production gives none. */
  readonly suggestions: boolean
  readonly report: ReportUnexpected
}

export interface GraphqlDoor {
  handle(request: HTTPGraphQLRequest, requestId: string): Promise<HTTPGraphQLResponse>
  stop(): Promise<void>
}

interface DoorContext {
  readonly caller: Caller
  readonly requestId: string
  readonly showSent: boolean
}

/** GraphQL over HTTP: Apollo Server reads, parses and validates; the gateway plans and executes. */
export const openGraphqlDoor = async (options: GraphqlDoorOptions): Promise<GraphqlDoor> => {
  const server = new ApolloServer<DoorContext>({
    gateway: {
      load: async () => ({ executor: executorOf(options) }),
      onSchemaLoadOrUpdate: (
        callback: (loaded: { apiSchema: GraphQLSchema; coreSupergraphSdl: string }) => void,
      ) => {
        callback({ apiSchema: options.apiSchema, coreSupergraphSdl: '' })
        return () => undefined
      },
      stop: async () => undefined,
    } as never,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
    ],
    csrfPrevention: true,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    hideSchemaDetailsFromClientErrors: !options.suggestions,
    introspection: true, // decided per caller, below
    stopOnTerminationSignals: false,
    nodeEnv: 'production',
    parseOptions: { maxTokens: options.limits.maxTokens },
    formatError: createErrorPresenter(options.report),
    // Apollo Server tells its logger error texts; the presenter reports them without values.
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })
  await server.start()
  const readDocument = createDocumentReader(options.limits)
  return {
    handle: (httpGraphQLRequest, requestId) =>
      server.executeHTTPGraphQLRequest({
        httpGraphQLRequest,
        context: () => contextOf(httpGraphQLRequest, requestId, { ...options, readDocument }),
      }),
    stop: () => server.stop(),
  }
}

interface ContextOptions extends Pick<GraphqlDoorOptions, 'identify' | 'introspection' | 'report'> {
  readonly readDocument: (text: string) => DocumentFacts | undefined
}

/** First who asks, then what is asked: a stranger learns nothing about the limits. */
const contextOf = async (
  { headers, ...request }: HTTPGraphQLRequest,
  requestId: string,
  { identify, introspection, report, readDocument }: ContextOptions,
): Promise<DoorContext> => {
  try {
    const { query, operationName } =
      request.method === 'GET' ? fromSearch(request.search) : fromBody(request.body)
    const caller = await identify({ header: (name) => headers.get(name), document: query, operationName })
    const facts = query === undefined ? undefined : readDocument(query)
    if (facts !== undefined) checkFacts(facts, operationName, introspection && caller.contract.introspection)
    return { caller, requestId, showSent: headers.get('x-assent-show') === 'sent' }
  } catch (problem) {
    throw problem instanceof AssentError ? problem : internalError(problem, report, requestId)
  }
}

interface Asked {
  readonly query: string | undefined
  readonly operationName: string | undefined
}

const fromSearch = (search: string): Asked => {
  const parameters = new URLSearchParams(search)
  return {
    query: parameters.get('query') ?? undefined,
    operationName: parameters.get('operationName') ?? undefined,
  }
}

const fromBody = (body: unknown): Asked => {
  const { query, operationName } = (body ?? {}) as { query?: unknown; operationName?: unknown }
  return {
    query: typeof query === 'string' ? query : undefined,
    operationName: typeof operationName === 'string' ? operationName : undefined,
  }
}

const checkFacts = (
  facts: DocumentFacts,
  operationName: string | undefined,
  introspection: boolean,
): void => {
  const { operations, unsupported, introspects } = facts
  if (unsupported !== undefined) throw new AssentError('OPERATION_UNSUPPORTED', unsupported)
  if (introspects && !introspection) throw new AssentError('INTROSPECTION_DISABLED', '__schema, __type')
  if (operations.length > 1 && !operationName)
    throw new AssentError('OPERATION_NAME_MISSING', 'operationName')
  const found = !operationName || operations.some(({ name }) => name?.value === operationName)
  if (!found || operations.length === 0)
    throw new AssentError('OPERATION_RESOLUTION_FAILURE', 'operationName')
}

interface ExecutorRequest {
  readonly document: DocumentNode
  readonly request: { readonly operationName?: string; readonly variables?: Record<string, unknown> }
  readonly response: { readonly http: { status?: number } }
  readonly context: DoorContext
}

const executorOf =
  ({ execute, report }: GraphqlDoorOptions) =>
  async ({ document, request, response, context }: ExecutorRequest): Promise<DoorResult> => {
    const { operationName, variables = {} } = request
    try {
      const named = operationName ? { operationName } : {}
      const { http, ...result } = await execute({ document, ...named, variables, ...context })
      if (http !== undefined) response.http.status = http.status
      return 'data' in result ? asPartialAnswer(result) : result
    } catch (problem) {
      return {
        errors: [
          problem instanceof AssentError ? problem : internalError(problem, report, context.requestId),
        ],
      }
    }
  }

/** An error inside an answer does not decide the status of the whole answer (GraphQL over HTTP §6.4.1). */
const asPartialAnswer = (result: DoorResult): DoorResult => {
  for (const { extensions } of result.errors ?? []) delete extensions['http']
  return result
}

export { HeaderMap }
