import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Address, listen } from './listen.ts'

export interface Scraped {
  text(): Promise<string>
  readonly contentType: string
}

export interface MetricsDoor {
  readonly url: string
  close(): Promise<void>
}

/** Metrics have an address of their own, which need not be reachable from where clients are. */
export const openMetricsDoor = async (metrics: Scraped, address: Address): Promise<MetricsDoor> => {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD'))
      return void response.writeHead(404, { 'content-type': 'text/plain' }).end('The path is /metrics.\n')
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.destroy(),
    )
  })
  await listen(server, address)
  server.unref()
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
