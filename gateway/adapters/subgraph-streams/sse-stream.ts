import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import { AssentError } from '../../errors.ts'
import type { SubgraphRequest, SubgraphResponse } from '../../ports.ts'
import { readAnswer } from '../http-subgraphs/read-answer.ts'
import { readEventStream } from './read-event-stream.ts'
import type { OpenStream, StreamOptions } from './stream-options.ts'

/** Subscriptions over server-sent events: the `graphql-sse` protocol in distinct connections, one request a subscription. */
export const createSseStreams = ({
  timeoutMs,
}: {
  /** To connect, and for the headers of the answer. */
  readonly timeoutMs: number
}): { open: (options: StreamOptions) => OpenStream; close(): Promise<void> } => {
  // Streams have connections of their own: a queue of queries does not wait behind them.
  const agent = new Agent({ connectTimeout: timeoutMs, headersTimeout: timeoutMs, bodyTimeout: 0 })
  return {
    open: (options) => (request) => eventsOf(request, agent, options),
    close: () => agent.destroy(),
  }
}

async function* eventsOf(
  request: SubgraphRequest,
  agent: Agent,
  options: StreamOptions,
): AsyncGenerator<SubgraphResponse> {
  const abort = new AbortController()
  const unlisten = request.lifetime.onOver(() => abort.abort())
  try {
    const answer = await post(request, agent, { ...options, signal: abort.signal })
    if (!/^text\/event-stream\b/i.test(String(answer.headers['content-type'])))
      yield await refusalOf(answer, options)
    else yield* nextEvents(answer, request, options)
  } finally {
    unlisten()
    abort.abort()
  }
}

const post = async (
  request: SubgraphRequest,
  agent: Agent,
  { subgraph, url, write, timeoutMs, signal }: StreamOptions & { readonly signal: AbortSignal },
): Promise<Dispatcher.ResponseData> => {
  const written = write(request)
  const { body } = written
  const path = `${url.pathname}${url.search}`
  try {
    return await agent.request({
      origin: url.origin,
      path,
      method: 'POST',
      headers: [...written.headers(timeoutMs)],
      body,
      signal,
    })
  } catch (cause) {
    if (request.lifetime.over !== null) throw request.lifetime.over
    throw new AssentError('SUBGRAPH_UNREACHABLE', subgraph, { cause })
  }
}

async function* nextEvents(
  { body }: Dispatcher.ResponseData,
  { lifetime }: SubgraphRequest,
  { subgraph, maxEventBytes }: StreamOptions,
): AsyncGenerator<SubgraphResponse> {
  try {
    for await (const { event, data } of readEventStream(body, maxEventBytes)) {
      if (event === 'complete') return
      if (event === 'next') yield readAnswer(subgraph, data)
    }
  } catch (cause) {
    if (cause instanceof AssentError) throw cause
    if (lifetime.over !== null) throw lifetime.over
    throw new AssentError('SUBGRAPH_STREAM_BROKEN', subgraph, { cause })
  }
  // Without its last word it did not end, it broke.
  throw new AssentError('SUBGRAPH_STREAM_BROKEN', subgraph)
}

/** A subscription that is refused is answered like a query: one result, with its errors. */
const refusalOf = async (
  { body, headers }: Dispatcher.ResponseData,
  { subgraph, maxEventBytes }: StreamOptions,
): Promise<SubgraphResponse> => {
  if (!/^application\/(graphql-response\+)?json\b/i.test(String(headers['content-type'])))
    throw new AssentError('SUBGRAPH_RESPONSE_INVALID', subgraph)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > maxEventBytes) throw new AssentError('SUBGRAPH_RESPONSE_INVALID', subgraph)
    chunks.push(chunk)
  }
  return readAnswer(subgraph, Buffer.concat(chunks).toString('utf8'))
}
