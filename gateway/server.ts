import type { Config } from './config.ts'
import { graphiqlPages } from './door/graphiql.ts'
import type { Readiness } from './door/health.ts'
import { type HttpDoor, openHttpDoor } from './door/http-door.ts'
import { createCurrentGraph, type CurrentGraph } from './start/current-graph.ts'
import { currentGraphqlDoor } from './start/current-graphql-door.ts'
import { followSource } from './start/follow-source.ts'
import { createGraphLoader } from './start/graph-loader.ts'
import { openSupergraphSource } from './start/open-supergraph-source.ts'
import { openProcessParts, type ProcessDependencies, type ProcessParts } from './start/process-parts.ts'
import { createReadiness } from './start/readiness.ts'
import { feedOfText, type SupergraphFeed } from './start/supergraph-feed.ts'

export interface RunningGateway {
  /** Where the door is, without a path; GraphQL is at `/graphql`. */
  readonly url: string
  close(): Promise<void>
}

export interface GatewayDependencies extends ProcessDependencies {
  /** The text of the supergraph, instead of the file or url of the settings. */
  readonly supergraph?: string
  /** What brings supergraphs, instead of the file or url of the settings. */
  readonly feed?: SupergraphFeed
  /** What `/health/ready` tells, made from how this gateway is by itself. */
  readonly readiness?: (own: TellReadiness) => TellReadiness
}

export type TellReadiness = () => Promise<Readiness>

/**
 * The composition root at run time: opens what lives as long as the process, then the graph, then the door.
 * Throws before it listens when anything does not fit; while it waits for the url of a supergraph its door says so.
 */
export const startGateway = async (
  config: Config,
  dependencies: GatewayDependencies = {},
): Promise<RunningGateway> => {
  const process = await openProcessParts(config, dependencies)
  const { log, heardConsent } = process
  const { supergraph, readiness = (own) => own } = dependencies
  const feed =
    dependencies.feed ??
    (supergraph === undefined
      ? followSource({ source: openSupergraphSource(config), config, log })
      : feedOfText(supergraph))
  const current = createCurrentGraph((err) => log.error({ err }, 'a supergraph could not be closed'))
  const told = readiness(createReadiness({ current, heardConsent, sourceProblem: () => feed.problem }))
  const door = openedOnce(() => openDoor(current, told, process))
  const closeAll = async () => {
    await feed.close()
    await door.close()
    await current.close()
    return process.close()
  }
  try {
    await feed.start(createGraphLoader(current, process), async () => void (await door.open()))
    const { url } = await door.open()
    const close = async (): Promise<void> => log.info(await closeAll(), 'gateway stopped')
    return { url, close }
  } catch (problem) {
    await closeAll()
    throw problem
  }
}

const openedOnce = (
  openIt: () => Promise<HttpDoor>,
): { open: () => Promise<HttpDoor>; close: () => Promise<void> } => {
  let opening: Promise<HttpDoor> | undefined
  return {
    open: () => (opening ??= openIt()),
    async close() {
      const door = await opening?.catch(() => undefined)
      await door?.close()
    },
  }
}

const openDoor = async (
  current: CurrentGraph,
  readiness: TellReadiness,
  { config, log, telemetry }: ProcessParts,
): Promise<HttpDoor> => {
  const development = config.profile === 'development'
  const door = await openHttpDoor({
    ...config,
    pingMs: config.streamPingSeconds * 1000,
    graphql: currentGraphqlDoor(current),
    readiness,
    pages: development ? graphiqlPages() : () => undefined,
    loopbackOnly: development && LOOPBACK.has(config.host),
    observer: telemetry.observer,
    report: (details) => log.error(details, 'unexpected error'),
  })
  log.info({ url: door.url, profile: config.profile }, 'gateway listens')
  return door
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])
