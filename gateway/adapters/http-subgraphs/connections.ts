import { Pool } from 'undici'
import { Exchange } from './exchange.ts'
import type { ExchangeListener } from './exchange.ts'

export interface ConnectionsOptions {
  /** Kept to one origin at most. */
  readonly connections: number
  /** To make one, in milliseconds. */
  readonly connectTimeoutMs: number
  readonly maxResponseBytes: number
}

/** Header names and values in turn. */
export type HeaderLines = readonly string[]

export interface Wire {
  /** Tells the listener once, whatever happens. Returns how to cut the exchange off. */
  post(headers: HeaderLines, body: Buffer, listener: ExchangeListener): () => void
}

export interface Connections {
  wireTo(url: URL): Wire
  close(): Promise<void>
}

/** Kept connections, one pool an origin. Redirects are not followed: a grant is for one place. */
export const openConnections = (options: ConnectionsOptions): Connections => {
  const pools = new Map<string, Pool>()
  return {
    wireTo(url) {
      const pool = pools.get(url.origin) ?? createPool(url.origin, options)
      pools.set(url.origin, pool)
      return wireThrough(pool, `${url.pathname}${url.search}`, options.maxResponseBytes)
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()))
    },
  }
}

/** Whoever asks has a deadline for the whole answer; the pool needs none of its own. */
const createPool = (origin: string, { connections, connectTimeoutMs }: ConnectionsOptions): Pool =>
  new Pool(origin, { connections, connectTimeout: connectTimeoutMs, headersTimeout: 0, bodyTimeout: 0 })

const wireThrough = (pool: Pool, path: string, maxResponseBytes: number): Wire => ({
  post(headers, body, listener) {
    const exchange = new Exchange(listener, maxResponseBytes)
    pool.dispatch({ method: 'POST', path, headers: headers as string[], body, blocking: false }, exchange)
    return () => exchange.cut()
  },
})
