import type { DocumentNode } from 'graphql'
import { createGrantSigner, type GrantSigner } from '../adapters/grant-signer.ts'
import { createHttpSubgraphs } from '../adapters/http-subgraphs.ts'
import type { HttpSubgraphs } from '../adapters/http-subgraphs.ts'
import { type ConnectedStreams, createSubgraphStreams } from '../adapters/subgraph-streams.ts'
import { linksConsent } from '../../directives/link.ts'
import { NO_HEADER_RULES } from '../header-rules.ts'
import type { LeaseTerm, SubgraphEvent } from '../ports.ts'
import { subgraphEndpoints } from '../subgraph-endpoints.ts'
import type { ProcessParts } from './process-parts.ts'

export interface ConnectedSubgraphs {
  readonly subgraphs: HttpSubgraphs
  readonly streams: ConnectedStreams
  /** Consent has connections of its own, so that slow subgraphs cannot hold it up. */
  readonly consentSubgraphs: HttpSubgraphs
}

interface Connecting extends Pick<ProcessParts, 'config' | 'clock' | 'telemetry'> {
  /** The rest of the lease on consent; null where there is none. */
  readonly term: () => LeaseTerm | null
}

/** Connections to what one supergraph names; they end with it. */
export const connectSubgraphs = (
  supergraph: DocumentNode,
  { config, clock, telemetry: { meter }, term }: Connecting,
): ConnectedSubgraphs => {
  const { urls, streamUrls, consentUrl } = subgraphEndpoints(supergraph, config)
  const shared = {
    sign: signerOf(supergraph, { config, clock }),
    maxResponseBytes: config.subgraphMaxResponseBytes,
    connections: config.subgraphConnections,
    headers: config.headers ?? NO_HEADER_RULES,
    deadlineHeader: config.subgraphDeadlineHeader,
    concurrency: config.subgraphConcurrency,
    queue: config.subgraphQueue,
    retries: config.subgraphRetries,
    retryPercent: config.subgraphRetryPercent,
    circuit: {
      errorPercent: config.subgraphCircuitErrorPercent,
      volume: config.subgraphCircuitVolume,
      openMs: config.subgraphCircuitOpenMs,
    },
    ...(meter && {
      onEvent: (event: SubgraphEvent, subgraph: string) => meter.add('subgraphEvents', { subgraph, event }),
      onAnswer: (characters: number, subgraph: string) =>
        meter.observe('subgraphReceivedBytes', { subgraph }, characters),
    }),
  }
  return {
    streams: createSubgraphStreams({
      ...shared,
      urls: streamUrls,
      protocols: config.subgraphSubscriptions,
      timeoutMs: config.subgraphTimeoutMs,
      maxEventBytes: config.subgraphMaxResponseBytes,
    }),
    subgraphs: createHttpSubgraphs({
      ...shared,
      urls,
      term,
      dedupe: config.subgraphDedupe,
      timeoutMs: config.subgraphTimeoutMs,
    }),
    consentSubgraphs: createHttpSubgraphs({
      ...shared,
      urls: new Map(consentUrl === null ? [] : [[config.consentSubgraph, consentUrl]]),
      // A question asked after a withdrawal must not be answered from before it.
      dedupe: false,
      timeoutMs: config.consentTimeoutMs,
    }),
  }
}

/** Null for a graph that has nothing to grant. */
export const signerOf = (
  supergraph: DocumentNode,
  { config, clock }: Pick<ProcessParts, 'config' | 'clock'>,
): GrantSigner | null => {
  const secret = config.grantSecret ?? (linksConsent(supergraph) ? DEVELOPMENT_SECRET : null)
  return secret === null ? null : createGrantSigner({ secret, clock, seconds: config.grantSeconds })
}

/** Shared by a development gateway and subgraphs that were started by hand; production refuses to start without a secret. */
const DEVELOPMENT_SECRET = 'assent development, not a secret at all'
