import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { readConfig } from '../../gateway/config.ts'
import { type RunningGateway, startGateway } from '../../gateway/server.ts'
import { createLogLines, type LogLines } from './log-lines.ts'
import { type PersonServices, startPersonServices } from './person-services.ts'

/** A span as a collector gets it. */
export interface CollectedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly status: { readonly code?: number }
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface Collector {
  readonly url: string
  readonly spans: CollectedSpan[]
  /** What came over the wire. */
  readonly bodies: string[]
  close(): Promise<void>
}

/** Takes OTLP over HTTP as JSON, as a collector would. */
export const startCollector = async (): Promise<Collector> => {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      bodies.push(body)
      spans.push(...spansIn(JSON.parse(body) as Exported))
      response.setHeader('content-type', 'application/json').end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    bodies,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

interface Exported {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[]
  }[]
}

type ExportedSpan = Omit<CollectedSpan, 'attributes'> & {
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

const spansIn = ({ resourceSpans }: Exported): CollectedSpan[] =>
  resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ attributes, ...span }) => ({
      ...span,
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    }))

export interface ObservedGateway {
  readonly gateway: RunningGateway
  readonly services: PersonServices
  readonly logged: LogLines
  /** The value of each series, by its name and labels as Prometheus writes them. */
  scrape(): Promise<ReadonlyMap<string, number>>
  scraped(): Promise<string>
  ask(query: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  close(): Promise<void>
}

/** A development gateway before the people of `person-services.ts`, with the telemetry that is asked for. */
export const startObservedGateway = async (
  settings: Readonly<Record<string, string>>,
): Promise<ObservedGateway> => {
  const services = await startPersonServices()
  const logged = createLogLines()
  const overrides = {
    port: '0',
    profile: 'development',
    consentTimeoutMs: '5000',
    subgraphRetries: '0',
    decisionLogFile: join(mkdtempSync(join(tmpdir(), 'assent-observed-')), 'decisions.jsonl'),
    ...settings,
  }
  const supergraph = services.supergraph({ email: true })
  const gateway = await startGateway(readConfig({ env: {}, overrides }), { supergraph, log: logged.log })
  const metricsUrl = String(logged.lines.find(({ msg }) => msg === 'metrics are served')?.['url'])
  const scraped = async () => (await fetch(metricsUrl)).text()
  return {
    gateway,
    services,
    logged,
    scraped,
    scrape: async () => seriesIn(await scraped()),
    ask: (query, headers = {}) =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      }),
    async close() {
      await gateway.close()
      await services.close()
    },
  }
}

const seriesIn = (page: string): Map<string, number> =>
  new Map(
    page.split('\n').flatMap((line): [string, number][] => {
      const at = line.lastIndexOf(' ')
      return line.startsWith('#') || at < 0 ? [] : [[line.slice(0, at), Number(line.slice(at + 1))]]
    }),
  )
