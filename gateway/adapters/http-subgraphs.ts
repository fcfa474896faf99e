import { Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { AssentError } from '../errors.ts'
import type { SubgraphClient, SubgraphError, SubgraphRequest, SubgraphResponse } from '../ports.ts'
import type { GrantSigner } from './grant-signer.ts'

export interface HttpSubgraphsOptions {
  /** GraphQL endpoint by subgraph name. */
  readonly urls: ReadonlyMap<string, string>
  /** Null for a graph without personal data: its requests carry no grant and need no signature. */
  readonly sign: GrantSigner | null
  /** For the whole answer, in milliseconds. */
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly connections: number
}

export interface HttpSubgraphs extends SubgraphClient {
  close(): Promise<void>
}

/** Subgraphs over HTTP, one pool of connections an origin. Redirects are not followed: a grant is for one place. */
export const createHttpSubgraphs = (options: HttpSubgraphsOptions): HttpSubgraphs => {
  const urls = new Map([...options.urls].map(([name, url]) => [name, new URL(url)]))
  const pools = new Map<string, Pool>()
  const poolOf = ({ origin }: URL): Pool => {
    const pool = pools.get(origin) ?? new Pool(origin, { connections: options.connections })
    pools.set(origin, pool)
    return pool
  }
  return {
    async send(request) {
      const url = urls.get(request.subgraph)
      if (url === undefined) throw new AssentError('SUBGRAPH_UNREACHABLE', request.subgraph)
      return wellFormed(request.subgraph, await post(request, url, poolOf(url), options))
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()))
    },
  }
}

const post = async (
  { subgraph, documentJson, variables, grant }: SubgraphRequest,
  url: URL,
  pool: Pool,
  options: HttpSubgraphsOptions,
): Promise<string> => {
  const path = `${url.pathname}${url.search}`
  const signed = options.sign === null ? '' : `,"extensions":{"assent":${JSON.stringify(grant)}}`
  const body = `{"query":${documentJson},"variables":${variables}${signed}}`
  const headers = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json, application/json',
    'x-request-id': grant.request,
    ...options.sign?.(subgraph, url.pathname, body),
  }
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), options.timeoutMs)
  try {
    const answer = await pool.request({ method: 'POST', path, headers, body, signal: deadline.signal })
    return await readJson(subgraph, answer, options.maxResponseBytes)
  } catch (cause) {
    if (cause instanceof AssentError) throw cause
    // The cause may name host and port; it goes to the log, never into the message.
    throw new AssentError(deadline.signal.aborted ? 'SUBGRAPH_TIMEOUT' : 'SUBGRAPH_UNREACHABLE', subgraph, {
      cause,
    })
  } finally {
    clearTimeout(timer)
  }
}

const JSON_TYPE = /^application\/(graphql-response\+)?json *(; *charset="?utf-8"? *)?$/i

const readJson = async (
  subgraph: string,
  answer: Dispatcher.ResponseData,
  limit: number,
): Promise<string> => {
  const { headers, body } = answer
  const plain = JSON_TYPE.test(String(headers['content-type'])) && headers['content-encoding'] === undefined
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (!plain || size > limit) {
      body.destroy()
      throw new AssentError('SUBGRAPH_RESPONSE_INVALID', subgraph)
    }
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new AssentError('SUBGRAPH_RESPONSE_INVALID', subgraph)
  }
}

/** A response is a map with `data`, `errors` or both (GraphQL specification §7.1). Everything else is dropped unread. */
const wellFormed = (subgraph: string, text: string): SubgraphResponse => {
  const parsed = parseJson(text)
  if (!isRecord(parsed)) throw new AssentError('SUBGRAPH_RESPONSE_INVALID', subgraph)
  const { data = null, errors = [] } = parsed as { data?: unknown; errors?: unknown }
  const answered = data !== null || (Array.isArray(errors) && errors.length > 0)
  if (!answered || (data !== null && !isRecord(data)) || !Array.isArray(errors) || !errors.every(isError)) {
    throw new AssentError('SUBGRAPH_RESPONSE_INVALID', subgraph)
  }
  return { data, errors }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isError = (value: unknown): value is SubgraphError => {
  if (!isRecord(value) || typeof value['message'] !== 'string') return false
  const { path, extensions } = value as { path?: unknown; extensions?: unknown }
  const isKey = (key: unknown): boolean => typeof key === 'string' || Number.isInteger(key)
  const pathFits = path === undefined || path === null || (Array.isArray(path) && path.every(isKey))
  return pathFits && (extensions === undefined || extensions === null || isRecord(extensions))
}
