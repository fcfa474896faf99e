import type { DocumentNode, GraphQLSchema, OperationTypeNode } from 'graphql'
import { AssentError } from '../errors.ts'
import type { CallerRequest } from '../caller/identify.ts'
import { createDocumentReader } from '../limits/document-facts.ts'
import type { DocumentFacts } from '../limits/document-facts.ts'
import { type Limits, limitsOfClients } from '../limits/limits.ts'
import type { Caller, ClientContract } from '../ports.ts'
import type { DoorAnswer } from './answer-text.ts'
import { type DoorParts, openParts, type Telling } from './answer-parts.ts'
import { hasConditionalRoot } from './conditional-root.ts'
import type { GatewayRequest, GatewayResult } from '../request.ts'
import type { Asking, AskingInParts, Executing } from './asking.ts'
import { openDocumentRooms } from './document-rooms.ts'
import type { DocumentRooms, ViewOf } from './document-rooms.ts'
import type { Validated } from './document-server.ts'
import type { GraphqlParams } from './graphql-params.ts'
import type { PersistedDocuments } from './persisted-documents.ts'
import { createErrorPresenter, internalError, toldError } from './present-error.ts'
import type { ReportUnexpected } from './present-error.ts'

export interface GraphqlDoorOptions extends Executing {
  readonly apiSchema: GraphQLSchema
  /** Of clients that do not see all of it. */
  readonly viewOf?: ViewOf
  readonly identify: (request: CallerRequest) => Promise<Caller>
  readonly limits: Limits
  readonly introspection: boolean
  /** Suggestions name parts of the schema; production gives none. */
  readonly suggestions: boolean
  readonly report: ReportUnexpected
  readonly persisted: PersistedDocuments
}

export interface GraphqlDoor {
  /** Checks, parses, validates and executes one operation. Never rejects: what is wrong is in the answer. */
  answer(params: GraphqlParams, asking: Asking): Promise<DoorAnswer>
  /** The same, where an answer may come in parts. */
  open(params: GraphqlParams, asking: AskingInParts): Promise<DoorAnswer | DoorParts>
  stop(): Promise<void>
}

/** The door of one schema, the same for every transport: who asks, what may be asked, and whether it fits. */
export const openGraphqlDoor = async (options: GraphqlDoorOptions): Promise<GraphqlDoor> => {
  const { limits, report } = options
  const present = createErrorPresenter(report)
  const rooms = await openDocumentRooms({ ...options, present }, options.viewOf)
  const limitsOf = limitsOfClients(limits)
  const read = createDocumentReader()
  const readDocument: DocumentParts['readDocument'] = (text, { contract }) => read(text, limitsOf(contract))
  const parts = { ...options, rooms, readDocument }
  const run = async <Answer>(
    params: GraphqlParams,
    asking: Asking & Partial<AskingInParts>,
    answer: (request: GatewayRequest) => Promise<Answer>,
  ): Promise<Answer | DoorAnswer> => {
    try {
      const { caller, text } = await admit(params, asking, options)
      asking.watch?.identified(caller)
      const { document, errors } = await documentOf(text, { params, asking, caller }, parts)
      if (document === undefined) return { errors: errors ?? [] }
      asking.watch?.asked(document, params.operationName)
      options.persisted.keep(params)
      return await answer(requestOf(document, { params, asking, caller }))
    } catch (problem) {
      return { errors: [told(problem, asking.requestId)] }
    }
  }
  const told = (problem: unknown, requestId: string) =>
    toldError(problem instanceof AssentError ? problem : internalError(problem, report, requestId))
  const telling: Telling = { tell: (result) => tell(result, present), told }
  return {
    answer: (params, asking) =>
      run(params, asking, async (request) => tell(await options.execute(request), present)),
    open: (params, asking) =>
      run(params, asking, (request) => openParts(request, asking, { ...options, ...telling })),
    stop: () => rooms.stop(),
  }
}

/** First who asks, then what is asked: a stranger learns nothing about documents and limits. */
const admit = async (
  params: GraphqlParams,
  { incoming }: Asking,
  { identify, persisted }: Pick<GraphqlDoorOptions, 'identify' | 'persisted'>,
): Promise<{ readonly caller: Caller; readonly text: string }> => {
  const { query, operationName } = params
  const documentOf = ({ trustedDocuments }: ClientContract) => persisted.textOf(params, trustedDocuments)
  const caller = await identify({ header: incoming, document: query, documentOf, operationName })
  const text = documentOf(caller.contract)
  if (text === undefined) throw new AssentError('PARAMETERS_INVALID', 'query')
  return { caller, text }
}

interface Asked {
  readonly params: GraphqlParams
  readonly asking: Asking & Partial<AskingInParts>
  readonly caller: Caller
}

interface DocumentParts extends Pick<GraphqlDoorOptions, 'introspection'> {
  readonly rooms: DocumentRooms
  readonly readDocument: (text: string, caller: Caller) => DocumentFacts | undefined
}

/** The document of a text, held to what this caller may ask: also when it is known, because the caller may be another one. */
const documentOf = async (text: string, asked: Asked, parts: DocumentParts): Promise<Validated> => {
  const open = parts.rooms.of(asked.caller.contract)
  const room = 'known' in open ? open : await open
  const known = room.known.get(text)
  const facts = known?.facts ?? parts.readDocument(text, asked.caller)
  if (facts !== undefined) checkFacts(facts, asked, parts.introspection)
  if (known !== undefined) return known
  const valid = await room.server.validate(text, asked.params.operationName)
  if (valid.document === undefined || facts === undefined) return valid
  return room.known.keep(text, { document: valid.document, facts })
}

const checkFacts = (
  { document, operations, unsupported, introspects }: DocumentFacts,
  { params: { operationName }, asking, caller }: Asked,
  introspection: boolean,
): void => {
  if (unsupported !== undefined) throw new AssentError('OPERATION_UNSUPPORTED', unsupported)
  if (introspects && !(introspection && caller.contract.introspection))
    throw new AssentError('INTROSPECTION_DISABLED', '__schema, __type')
  if (operations.length > 1 && !operationName)
    throw new AssentError('OPERATION_NAME_MISSING', 'operationName')
  const asked = operationName ? operations.find(({ name }) => name?.value === operationName) : operations[0]
  if (asked === undefined) throw new AssentError('OPERATION_RESOLUTION_FAILURE', 'operationName')
  checkTransport(asked.operation, asking)
  if (hasConditionalRoot(document, asked))
    throw new AssentError('GRAPHQL_VALIDATION_FAILED', 'subscription root field')
}

/** What this way of asking can carry, and may cause. */
const checkTransport = (kind: OperationTypeNode, { tellsEvents, mayChange }: Asked['asking']): void => {
  if (kind === 'subscription' && tellsEvents !== true)
    throw new AssentError('STREAM_UNSUPPORTED', 'subscription')
  if (kind === 'mutation' && !mayChange) throw new AssentError('MUTATION_BY_GET', 'method')
}

const requestOf = (
  document: DocumentNode,
  { params: { operationName, variables, exactVariables }, asking, caller }: Asked,
): GatewayRequest => {
  const { requestId, incoming, lifetime, watch, batch } = asking
  return {
    document,
    variables,
    caller,
    requestId,
    lifetime,
    incoming,
    watch,
    ...(exactVariables && { exactVariables }),
    ...(operationName && { operationName }),
    ...(batch && { batch }),
  }
}

const tell = (result: GatewayResult, present: ReturnType<typeof createErrorPresenter>): DoorAnswer => {
  const { data, errors, extensions, http, mayLeave } = result
  // Nearly every answer is data and nothing else.
  if (errors === undefined && extensions === undefined && http === undefined && mayLeave !== undefined)
    return { data, mayLeave }
  return {
    ...('data' in result && { data }),
    ...(extensions && { extensions }),
    ...(mayLeave && { mayLeave }),
    ...(errors && { errors: errors.map((error) => present(error.toJSON(), error)) }),
    ...(http && { status: http.status }),
  }
}
