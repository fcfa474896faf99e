import { type DocumentNode, GraphQLError, parse } from 'graphql'
import { recordSubgraphs } from '../adapters/recording-subgraphs.ts'
import type { RecordingSubgraphs } from '../adapters/recording-subgraphs.ts'
import { readAccessWords } from '../../directives/caller-access.ts'
import { linksConsent } from '../../directives/link.ts'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import { refuseUnfenced, requireProof, requireVerifier } from '../config.ts'
import { openGraphqlDoor } from '../door/graphql-door.ts'
import type { GraphqlDoor } from '../door/graphql-door.ts'
import { AssentError } from '../errors.ts'
import { createGateway } from '../gateway.ts'
import type { Gateway } from '../gateway.ts'
import { observedPlanner } from '../observe/observed-planner.ts'
import { type PlannerProcess, startPlannerProcess } from '../plan/planner-process.ts'
import type { ConsentSource, DecisionLog, LeaseTerm, SubgraphClient } from '../ports.ts'
import { connectSubgraphs, type ConnectedSubgraphs } from './connect-subgraphs.ts'
import { hearingConsent } from './hearing-consent.ts'
import { openConsent, type OpenConsent } from './open-consent.ts'
import { limitsOf } from './limits-of.ts'
import type { Identify, Identifying } from './create-identify.ts'
import type { ProcessParts } from './process-parts.ts'
import { explaining } from './explaining.ts'
import { createRefusals } from './refusals.ts'
import { showingSent } from './showing-sent.ts'

/** What is made anew when the supergraph changes: gateway, planner, connections, and the door's view of the schema. */
export interface ServedGraph {
  readonly isFenced: boolean
  readonly gateway: Gateway
  readonly graphql: GraphqlDoor
  readonly consent: ConsentSource
  /** Whether a planner waits for documents at the moment. */
  readonly isPlanning: () => boolean
  close(): Promise<void>
}

export interface OpenServedGraphOptions {
  /** A graph that has consent words in service is not replaced by one that has none. */
  readonly mustBeFenced: boolean
}

/** Makes all that one supergraph needs. Throws with every reason when it cannot be served; then nothing is left behind. */
export const openServedGraph = async (
  supergraph: string,
  process: ProcessParts,
  options: OpenServedGraphOptions,
): Promise<ServedGraph> => {
  const document = parseSupergraph(supergraph)
  const isFenced = linksConsent(document)
  const asksCallers = readAccessWords(document).length > 0
  const { identify, contracts } = await process.identify({ isFenced, asksCallers })
  const decisionLog = await process.decisionLog(isFenced)
  const parts = openParts({
    supergraph,
    document,
    isFenced,
    asksCallers,
    contracts,
    decisionLog,
    process,
    ...options,
  })
  const { gateway, planner, connected, recorder, consent, opened } = parts
  const close = async (): Promise<void> => {
    gateway.close()
    await opened.close()
    await closeConnections(connected)
  }
  try {
    await loadedInTime(planner)
    const graphql = await openDoorOf(process, { gateway, recorder, identify })
    return {
      isFenced,
      gateway,
      graphql,
      consent,
      isPlanning: () => planner?.isLoaded ?? true,
      async close() {
        await graphql.stop()
        await close()
      },
    }
  } catch (problem) {
    await close()
    throw problem
  }
}

interface Opening extends OpenServedGraphOptions {
  readonly supergraph: string
  readonly document: DocumentNode
  readonly isFenced: boolean
  readonly asksCallers: boolean
  readonly contracts: Identifying['contracts']
  readonly decisionLog: DecisionLog
  readonly process: ProcessParts
}

/** Everything is tried before anything is refused, so that one attempt tells all that is wrong. */
const openParts = (opening: Opening) => {
  const { document, process, supergraph, decisionLog } = opening
  const { config, clock, log } = process
  const { meter } = process.telemetry
  const refusals = createRefusals()
  refusals.gather(() => refuseOpen(opening))
  const term = (): LeaseTerm | null => opened.consent.changes?.term?.() ?? null
  const connected = refusals.gather(() => connectSubgraphs(document, { ...process, term }))
  const { subgraphs = NOWHERE } = connected ?? {}
  const recorder = recordSubgraphs(subgraphs)
  const opened: OpenConsent = consentFor(opening, connected)
  const consent = hearingConsent(opened.consent, process.heardConsent)
  let planner: PlannerProcess | null = null
  const startPlanner = plannerProgram(process)
  const gateway = refusals.gather(() =>
    createGateway({
      supergraph,
      subgraphs: recorder,
      consent,
      decisionLog,
      clock,
      log,
      limits: limitsOf(config),
      costs: config,
      overrideLabels: config.overrideLabels,
      streamLimits: config,
      ...(meter && { onStreams: (by: 1 | -1) => meter.add('openStreams', {}, by) }),
      ...(process.uses && { onDeprecated: (...use) => process.uses?.count(...use) }),
      ...(connected && { streams: connected.streams }),
      ...(startPlanner && {
        startPlanner: (sdl) => observedPlanner((planner = startPlanner(sdl)), meter),
      }),
    }),
  )
  if (gateway !== undefined) for (const check of checksOf(gateway, opening)) refusals.gather(check)
  try {
    refusals.throwAny()
  } catch (problem) {
    gateway?.close()
    void opened.close()
    if (connected !== undefined) void closeConnections(connected)
    throw problem
  }
  if (gateway === undefined || connected === undefined) throw new Error('refused without a reason')
  return { gateway, planner: planner as PlannerProcess | null, connected, recorder, consent, opened }
}

/** Nobody is asked about in a graph that has nothing to protect, and nowhere where the settings were refused. */
const consentFor = (
  { document, isFenced, process }: Opening,
  connected: ConnectedSubgraphs | undefined,
): OpenConsent => {
  if (process.consent !== undefined) return { consent: process.consent, close: () => Promise.resolve() }
  if (connected !== undefined && isFenced) return openConsent(document, connected.consentSubgraphs, process)
  const nobody: ConsentSource = {
    load: () => Promise.reject(new AssentError('CONSENT_UNAVAILABLE', 'consent')),
  }
  return { consent: nobody, close: () => Promise.resolve() }
}

/** What settings and contracts say must fit what the graph says. */
const checksOf = (gateway: Gateway, { contracts, process: { vocabulary } }: Opening): (() => void)[] => [
  () => refuseUnknownScopes(gateway, vocabulary),
  ...[...contracts()].map((contract) => () => void gateway.viewOf(contract)),
]

const closeConnections = (connected: ConnectedSubgraphs): Promise<unknown> =>
  Promise.all([connected.subgraphs.close(), connected.consentSubgraphs.close(), connected.streams.close()])

/** A production gateway proves; one that was set up for consent, or that serves a fenced graph, does not serve an open one. */
const refuseOpen = ({ isFenced, asksCallers, mustBeFenced, process: { config } }: Opening): void => {
  if (isFenced) return requireProof(config)
  if (asksCallers) requireVerifier(config)
  refuseUnfenced(config, { provesCallers: asksCallers })
  if (mustBeFenced) throw new AssentError('SUPERGRAPH_UNFENCED', 'supergraph', { faults: [LOST_ITS_FENCE] })
}

const LOST_ITS_FENCE = {
  name: 'the supergraph',
  place: '@link',
  problem: 'links no consent words, and the one in service does.',
  remedy: 'Compose with `assent schema compose`, or set `openGraph: true` and start again.',
}

/** Stands in for connections that were refused: nothing is sent before that is known. */
const NOWHERE: SubgraphClient = {
  send: ({ subgraph }) => Promise.reject(new AssentError('SUBGRAPH_UNREACHABLE', subgraph)),
}

const openDoorOf = (
  { config, log, persisted }: ProcessParts,
  { gateway, recorder, identify }: { gateway: Gateway; recorder: RecordingSubgraphs; identify: Identify },
): Promise<GraphqlDoor> =>
  openGraphqlDoor({
    apiSchema: gateway.apiSchema,
    viewOf: (contract) => gateway.viewOf(contract),
    ...explaining(gateway, config.profile === 'development', showingSent(gateway, recorder)),
    identify,
    persisted,
    limits: limitsOf(config),
    introspection: config.introspection,
    suggestions: config.profile === 'development',
    report: (details) => log.error(details, 'unexpected error'),
  })

/** Its process does not keep ours alive, so the wait for it does. */
const loadedInTime = async (planner: PlannerProcess | null): Promise<void> => {
  if (planner === null) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const problem = new AssentError('PLANNER_UNAVAILABLE', 'planner')
    timer = setTimeout(() => reject(problem), LONGEST_PLANNER_LOAD_MS)
  })
  try {
    await Promise.race([planner.loaded, late])
  } finally {
    clearTimeout(timer)
  }
}

const LONGEST_PLANNER_LOAD_MS = 30_000

const parseSupergraph = (supergraph: string): DocumentNode => {
  try {
    return parse(supergraph, { noLocation: true })
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', `supergraph${positionOf(cause)}`, { cause })
  }
}

/** Where it stops being GraphQL; the words of the parser quote what stands there. */
const positionOf = (cause: unknown): string => {
  const [at] = cause instanceof GraphQLError ? (cause.locations ?? []) : []
  return at === undefined ? '' : `:${at.line}:${at.column}`
}

/** The planner may end its process, so it gets one of its own; unbuilt sources (tests) have no program for it. */
const plannerProgram = ({
  config: { planTimeoutMs: timeoutMs },
  log,
  plannerProgram: program,
  telemetry: { meter },
}: ProcessParts): ((supergraphSdl: string) => PlannerProcess) | null => {
  if (program === undefined && import.meta.url.endsWith('.ts')) return null
  return (supergraphSdl) =>
    startPlannerProcess(supergraphSdl, {
      timeoutMs,
      log,
      ...(program && { program }),
      ...(meter && { onRestart: () => meter.add('plannerRestarts', {}) }),
    })
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
