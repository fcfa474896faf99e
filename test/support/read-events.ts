import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createWsClient } from 'graphql-ws'
import { meros } from 'meros/browser'
import { WebSocket } from 'ws'

/** What a client reads of one operation, whatever it came by. */
export type Read = Readonly<Record<string, unknown>>

export interface OperationReader {
  /** The next result; null when the operation is over. Rejects with what ended it otherwise. */
  next(): Promise<Read | null>
  /** Leaves, as a client that wants no more. */
  leave(): Promise<void>
}

export type Transport = 'sse' | 'multipart' | 'ws'

export interface Asking {
  readonly query: string
  readonly headers?: Readonly<Record<string, string>>
  readonly variables?: Record<string, unknown>
}

/** The clients that people use: `graphql-sse`, `graphql-ws`, and `meros` for multipart answers. */
export const readOver = (transport: Transport, url: string, asking: Asking): OperationReader =>
  READERS[transport](`${url}/graphql`, asking)

const readSse = (url: string, { query, headers = {}, variables }: Asking): OperationReader => {
  const client = createSseClient({ url, headers, retryAttempts: 0 })
  const results = client.iterate({ query, ...(variables && { variables }) })
  return readerOf(results as AsyncIterableIterator<Read>, () => client.dispose())
}

const readWs = (url: string, { query, headers = {}, variables }: Asking): OperationReader => {
  const client = createWsClient({
    url: url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: headers,
    retryAttempts: 0,
  })
  const results = client.iterate({ query, ...(variables && { variables }) })
  return readerOf(results as AsyncIterableIterator<Read>, () => void client.dispose())
}

const readerOf = (results: AsyncIterableIterator<Read>, dispose: () => void): OperationReader => ({
  async next() {
    const { done, value } = await results.next()
    return done === true ? null : value
  },
  async leave() {
    await results.return?.()
    dispose()
  },
})

/** As Apollo clients read subscriptions: a payload in each part, empty parts in between, what ended it outside the payload. */
const readMultipart = (url: string, { query, headers = {}, variables }: Asking): OperationReader => {
  const left = new AbortController()
  const reading = partsOf(url, { query, headers, ...(variables && { variables }) }, left.signal)
  return {
    async next() {
      for (;;) {
        const { done, value } = await reading.next()
        if (done === true) return null
        if (!('payload' in value)) continue
        if (value['payload'] === null) throw value['errors']
        return value['payload'] as Read
      }
    },
    async leave() {
      left.abort()
      await reading.return(undefined).catch(() => undefined)
    },
  }
}

async function* partsOf(
  url: string,
  { query, headers, variables }: Asking,
  signal: AbortSignal,
): AsyncGenerator<Read> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      ...headers,
      'content-type': 'application/json',
      accept: 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json',
    },
    body: JSON.stringify({ query, variables }),
    signal,
  })
  const parts = await meros<Read>(response)
  if (parts instanceof Response) {
    const { data, errors } = (await parts.json()) as { data?: unknown; errors?: unknown }
    yield data === undefined
      ? { payload: null, errors }
      : { payload: { data, ...(errors ? { errors } : {}) } }
    return
  }
  for await (const part of parts) if (part.json) yield part.body
}

const READERS = { sse: readSse, multipart: readMultipart, ws: readWs }
