import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { graphiqlPages } from './door/graphiql.ts'
import { type HttpDoor, openHttpDoor } from './door/http-door.ts'
import { AssentError } from './errors.ts'
import type { Clock } from './ports.ts'
import { openProcessParts, type ProcessParts } from './start/process-parts.ts'
import { openServedGraph, type ServedGraph } from './start/served-graph.ts'

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

/**
 * The composition root at run time: opens what lives as long as the process, then the graph, then the door.
 * Throws before it listens when anything does not fit.
 */
export const startGateway = async (
  config: Config,
  dependencies: GatewayDependencies = {},
): Promise<RunningGateway> => {
  const supergraph = dependencies.supergraph ?? readSupergraph(config)
  const process = openProcessParts(config, dependencies)
  const { log } = process
  const closing: (() => Promise<void>)[] = [() => process.close()]
  const close = async (): Promise<void> => {
    for (let next = closing.pop(); next !== undefined; next = closing.pop()) await next()
  }
  try {
    const graph = await openServedGraph(supergraph, process)
    closing.push(() => graph.close())
    if (!graph.isFenced) log.warn('the supergraph has no consent words: everything in it is served to anyone')
    const { url, ...door } = await openDoor(graph, process)
    closing.push(() => door.close())
    log.info({ url, profile: config.profile }, 'gateway listens')
    return { url, close }
  } catch (problem) {
    await close()
    throw problem
  }
}

const openDoor = ({ graphql }: ServedGraph, { config, log }: ProcessParts): Promise<HttpDoor> => {
  const development = config.profile === 'development'
  return openHttpDoor({
    ...config,
    graphql,
    pages: development ? graphiqlPages() : () => undefined,
    loopbackOnly: development && LOOPBACK.has(config.host),
    report: (details) => log.error(details, 'unexpected error'),
  })
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])

const readSupergraph = ({ supergraph }: Config): string => {
  try {
    return readFileSync(supergraph ?? '', 'utf8')
  } catch (cause) {
    throw new AssentError('SUPERGRAPH_INVALID', supergraph ?? 'setting supergraph', { cause })
  }
}
