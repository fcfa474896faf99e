import { type DocumentNode, parse } from 'graphql'
import { createConsentSubgraph } from '../adapters/consent-subgraph.ts'
import { recordSubgraphs } from '../adapters/recording-subgraphs.ts'
import type { RecordingSubgraphs } from '../adapters/recording-subgraphs.ts'
import { linksConsent } from '../../directives/link.ts'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import { refuseUnfenced, requireProof } from '../config.ts'
import { openGraphqlDoor } from '../door/graphql-door.ts'
import type { DoorRequest, DoorResult, GraphqlDoor } from '../door/graphql-door.ts'
import { AssentError } from '../errors.ts'
import { createGateway } from '../gateway.ts'
import type { Gateway, GatewayParts } from '../gateway.ts'
import { startPlannerProcess } from '../plan/planner-process.ts'
import { connectSubgraphs } from './connect-subgraphs.ts'
import type { ProcessParts } from './process-parts.ts'

/** What is made anew when the supergraph changes: gateway, planner, connections, and the door's view of the schema. */
export interface ServedGraph {
  readonly isFenced: boolean
  readonly gateway: Gateway
  readonly graphql: GraphqlDoor
  close(): Promise<void>
}

/** Makes all that one supergraph needs. Throws with every reason when it cannot be served; then nothing is left behind. */
export const openServedGraph = async (supergraph: string, process: ProcessParts): Promise<ServedGraph> => {
  const { config, clock, log } = process
  const document = parseSupergraph(supergraph)
  const isFenced = linksConsent(document)
  if (isFenced) requireProof(config)
  else refuseUnfenced(config)
  const identify = process.identify(isFenced)
  const { subgraphs, consentSubgraphs } = connectSubgraphs(document, config, clock)
  const recorder = recordSubgraphs(subgraphs)
  const consent = createConsentSubgraph({
    subgraphs: consentSubgraphs,
    subgraph: config.consentSubgraph,
    timeoutMs: config.consentTimeoutMs,
    clock,
  })
  const closeConnections = () => Promise.all([subgraphs.close(), consentSubgraphs.close()])
  let gateway: Gateway | undefined
  try {
    const decisionLog = await process.decisionLog(isFenced)
    const parts = { supergraph, subgraphs: recorder, consent, decisionLog, clock, log }
    gateway = createGateway({
      ...parts,
      mostSelections: config.maxSelections,
      ...plannerProcess(process),
    })
    refuseUnknownScopes(gateway, process.vocabulary)
    const graphql = await openGraphqlDoor({
      apiSchema: gateway.apiSchema,
      execute: showingSent(gateway, recorder),
      identify,
      limits: config,
      introspection: config.introspection,
      suggestions: config.profile === 'development',
      report: (details) => log.error(details, 'unexpected error'),
    })
    return served({ isFenced, gateway, graphql }, closeConnections)
  } catch (problem) {
    gateway?.close()
    await closeConnections()
    throw problem
  }
}

const served = (
  parts: Pick<ServedGraph, 'isFenced' | 'gateway' | 'graphql'>,
  closeConnections: () => Promise<unknown>,
): ServedGraph => ({
  ...parts,
  async close() {
    await parts.graphql.stop()
    parts.gateway.close()
    await closeConnections()
  },
})

const parseSupergraph = (supergraph: string): DocumentNode => {
  try {
    return parse(supergraph, { noLocation: true })
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', 'supergraph', { cause })
  }
}

/** The planner may end its process, so it gets one of its own; unbuilt sources (tests) have no program for it. */
const plannerProcess = ({
  config: { planTimeoutMs: timeoutMs },
  log,
}: ProcessParts): Pick<GatewayParts, 'startPlanner'> =>
  import.meta.url.endsWith('.ts')
    ? {}
    : { startPlanner: (supergraphSdl) => startPlannerProcess(supergraphSdl, { timeoutMs, log }) }

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
