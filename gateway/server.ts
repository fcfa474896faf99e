import { readFileSync } from 'node:fs'
import { type DocumentNode, parse } from 'graphql'
import { pino } from 'pino'
import type { Logger } from 'pino'
import { createConsentSubgraph } from './adapters/consent-subgraph.ts'
import { contractsInDirectory } from './adapters/contract-files.ts'
import { type DecisionLogFile, openDecisionLogFile } from './adapters/decision-log-file.ts'
import { createGrantSigner } from './adapters/grant-signer.ts'
import { createHttpSubgraphs } from './adapters/http-subgraphs.ts'
import type { HttpSubgraphs } from './adapters/http-subgraphs.ts'
import { createJwtVerifier, localKeys, remoteKeys } from './adapters/jwt-verifier.ts'
import { recordSubgraphs } from './adapters/recording-subgraphs.ts'
import type { RecordingSubgraphs } from './adapters/recording-subgraphs.ts'
import { vocabularyFromFile } from './adapters/vocabulary-file.ts'
import { identify } from './caller/identify.ts'
import type { CallerRequest } from './caller/identify.ts'
import { linksConsent } from '../directives/link.ts'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { identifyAnyone } from './caller/anyone.ts'
import { type Config, refuseUnfenced, requireProof } from './config.ts'
import { graphiqlPages } from './door/graphiql.ts'
import { openGraphqlDoor } from './door/graphql-door.ts'
import type { DoorRequest, DoorResult } from './door/graphql-door.ts'
import { openHttpDoor } from './door/http-door.ts'
import { AssentError } from './errors.ts'
import { createGateway } from './gateway.ts'
import type { Gateway, GatewayParts } from './gateway.ts'
import { startPlannerProcess } from './plan/planner-process.ts'
import type { Caller, Clock, TokenVerifier } from './ports.ts'
import { subgraphEndpoints } from './subgraph-endpoints.ts'

export interface RunningGateway {
  /** Where the door is, without a path; GraphQL is at `/graphql`. */
  readonly url: string
  close(): Promise<void>
}

export interface GatewayDependencies {
  /** The text of the supergraph, instead of the file of the settings. */
  readonly supergraph?: string
  readonly clock?: Clock
  readonly log?: Logger
}

/** The composition root at run time: plugs the adapters in and opens the door. Throws before it listens when anything does not fit. */
export const startGateway = async (
  config: Config,
  dependencies: GatewayDependencies = {},
): Promise<RunningGateway> => {
  const { clock = Date.now, log = createLog(config) } = dependencies
  const supergraph = dependencies.supergraph ?? readSupergraph(config)
  const document = parseSupergraph(supergraph)
  const isFenced = linksConsent(document)
  if (isFenced) requireProof(config)
  else warnOpen(config, log)
  const identifyCaller = createIdentify(config, clock, isFenced)
  const { subgraphs, consentSubgraphs } = connectSubgraphs(document, config, clock)
  const recorder = recordSubgraphs(subgraphs)
  const consent = createConsentSubgraph({
    subgraphs: consentSubgraphs,
    subgraph: config.consentSubgraph,
    timeoutMs: config.consentTimeoutMs,
    clock,
  })
  const { decisionLogFile: file, decisionLogPolicy: policy } = config
  const decisionLog = isFenced ? await openDecisionLogFile({ file, policy }) : NOTHING_TO_RECORD
  const mostSelections = config.maxSelections
  const parts = { supergraph, subgraphs: recorder, consent, decisionLog, clock, log, mostSelections }
  const doors = await openDoors(config, { parts, recorder, identify: identifyCaller, log }).catch(
    async (problem: unknown) => {
      await decisionLog.close()
      throw problem
    },
  )
  log.info({ url: doors.url, profile: config.profile }, 'gateway listens')
  return {
    url: doors.url,
    async close() {
      await doors.close()
      await Promise.all([subgraphs.close(), consentSubgraphs.close()])
      await decisionLog.close()
      log.info({ lostDecisionRecords: decisionLog.lost() }, 'gateway stopped')
    },
  }
}

interface DoorParts {
  readonly parts: GatewayParts
  readonly recorder: RecordingSubgraphs
  readonly identify: (request: CallerRequest) => Promise<Caller>
  readonly log: Logger
}

const openDoors = async (config: Config, doorParts: DoorParts): Promise<RunningGateway> => {
  const gateway = createGateway({ ...doorParts.parts, ...plannerProcess(config, doorParts.log) })
  try {
    return await openDoorsOf(gateway, config, doorParts)
  } catch (problem) {
    gateway.close()
    throw problem
  }
}

/** The planner may end its process, so it gets one of its own; unbuilt sources (tests) have no program for it. */
const plannerProcess = (
  { planTimeoutMs: timeoutMs }: Config,
  log: Logger,
): Pick<GatewayParts, 'startPlanner'> =>
  import.meta.url.endsWith('.ts')
    ? {}
    : { startPlanner: (supergraphSdl) => startPlannerProcess(supergraphSdl, { timeoutMs, log }) }

const openDoorsOf = async (
  gateway: Gateway,
  config: Config,
  { recorder, identify: identifyCaller, log }: DoorParts,
): Promise<RunningGateway> => {
  refuseUnknownScopes(gateway, vocabularyFromFile(config.vocabulary))
  const development = config.profile === 'development'
  const report = (details: object): void => log.error(details, 'unexpected error')
  const graphql = await openGraphqlDoor({
    apiSchema: gateway.apiSchema,
    execute: showingSent(gateway, recorder),
    identify: identifyCaller,
    limits: config,
    introspection: config.introspection,
    suggestions: development,
    report,
  })
  const http = await openHttpDoor({
    ...config,
    graphql,
    pages: development ? graphiqlPages() : () => undefined,
    loopbackOnly: development && LOOPBACK.has(config.host),
    report,
  })
  return {
    url: http.url,
    async close() {
      await http.close()
      await graphql.stop()
      gateway.close()
    },
  }
}

/** A graph without consent words decides nothing about anybody. */
const NOTHING_TO_RECORD: DecisionLogFile = {
  write: () => Promise.resolve(),
  lost: () => 0,
  close: () => Promise.resolve(),
}

/** A scope that no purpose may use would withhold its fields from everybody, silently: more likely it is misspelt. */
const refuseUnknownScopes = ({ scopes }: Gateway, vocabulary: Vocabulary): void => {
  const unknown = [...scopes].filter(([scope]) => !vocabulary.scopes.has(scope))
  if (unknown.length === 0) return
  const faults = unknown.map(([scope, coordinate]) => ({
    name: scope,
    place: coordinate,
    problem: 'is not a scope of the vocabulary.',
    remedy: 'Correct the directive, or add the scope to the file of the setting `vocabulary`.',
  }))
  throw new AssentError('SUPERGRAPH_UNFENCED', 'supergraph', { faults })
}

const warnOpen = (config: Config, log: Logger): void => {
  refuseUnfenced(config)
  log.warn('the supergraph has no consent words: everything in it is served to anyone')
}

const createIdentify = (
  config: Config,
  clock: Clock,
  isFenced: boolean,
): ((request: CallerRequest) => Promise<Caller>) => {
  if (!isFenced && config.jwtIssuer === null) return identifyAnyone(config.profile)
  const vocabulary = vocabularyFromFile(config.vocabulary)
  const contracts = contractsInDirectory(config.clients, vocabulary)
  const verifier = createVerifier(config, clock)
  return (request) => identify(request, { profile: config.profile, contracts, verifier, vocabulary })
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])

/** Shared by a development gateway and subgraphs that were started by hand; production refuses to start without a secret. */
const DEVELOPMENT_SECRET = 'assent development, not a secret at all'

const createLog = ({ logLevel }: Config): Logger =>
  pino({ level: logLevel, base: null }, pino.destination({ fd: 2, sync: true }))

const parseSupergraph = (supergraph: string): DocumentNode => {
  try {
    return parse(supergraph, { noLocation: true })
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', 'supergraph', { cause })
  }
}

const readSupergraph = ({ supergraph }: Config): string => {
  try {
    return readFileSync(supergraph ?? '', 'utf8')
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', supergraph ?? 'setting supergraph', { cause })
  }
}

const createVerifier = (config: Config, clock: Clock): TokenVerifier | undefined => {
  const { jwtIssuer, jwtAudience, jwtJwksUrl, jwtPublicKeyFile } = config
  if (jwtIssuer === null || jwtAudience === null) return undefined
  const keys = jwtJwksUrl === null ? localKeys(readKeyFile(jwtPublicKeyFile)) : remoteKeys(jwtJwksUrl)
  return createJwtVerifier({
    keys,
    issuer: jwtIssuer,
    audience: jwtAudience,
    algorithms: config.jwtAlgorithms,
    clientClaim: config.jwtClientClaim,
    clock,
  })
}

const readKeyFile = (file: string | null): string => {
  try {
    return readFileSync(file ?? '', 'utf8')
  } catch (cause) {
    throw new AssentError('CONFIG_INVALID', 'jwt.publicKeyFile cannot be read', { cause })
  }
}

/** Consent has connections of its own, so that slow subgraphs cannot hold it up. */
const connectSubgraphs = (
  supergraph: DocumentNode,
  config: Config,
  clock: Clock,
): { subgraphs: HttpSubgraphs; consentSubgraphs: HttpSubgraphs } => {
  const { urls, consentUrl } = subgraphEndpoints(supergraph, config)
  const secret = config.grantSecret ?? (linksConsent(supergraph) ? DEVELOPMENT_SECRET : null)
  const shared = {
    sign: secret === null ? null : createGrantSigner({ secret, clock, seconds: config.grantSeconds }),
    maxResponseBytes: config.subgraphMaxResponseBytes,
    connections: config.subgraphConnections,
  }
  return {
    subgraphs: createHttpSubgraphs({ ...shared, urls, timeoutMs: config.subgraphTimeoutMs }),
    consentSubgraphs: createHttpSubgraphs({
      ...shared,
      urls: new Map(consentUrl === null ? [] : [[config.consentSubgraph, consentUrl]]),
      timeoutMs: config.consentTimeoutMs,
    }),
  }
}

/** In development a request may ask for what it caused; production refuses the header that asks. */
const showingSent =
  (gateway: Gateway, recorder: RecordingSubgraphs) =>
  async (request: DoorRequest): Promise<DoorResult> => {
    if (!request.showSent) return gateway.execute(request)
    recorder.watch(request.requestId)
    try {
      const result = await gateway.execute(request)
      return { ...result, extensions: { ...result.extensions, sent: recorder.take(request.requestId) } }
    } finally {
      recorder.take(request.requestId)
    }
  }
