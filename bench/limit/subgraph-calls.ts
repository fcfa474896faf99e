import { Pool } from 'undici'
import type { Dispatcher } from 'undici'

/** One request to one subgraph: its name and the ready body. */
export interface Call {
  readonly subgraph: string
  readonly body: string
}

/** Sends and returns the answer as it came. */
export type SendCall = (call: Call) => Promise<Buffer>

/** The cheapest way out of Node that a gateway would dare: undici's dispatch on kept connections. */
export const openCalls = (origin: string): SendCall => {
  const pool = new Pool(origin, { connections: 64 })
  return ({ subgraph, body }) =>
    new Promise((resolve, reject) => {
      pool.dispatch({ method: 'POST', path: `/${subgraph}`, headers: HEADERS, body }, gather(resolve, reject))
    })
}

const HEADERS = ['content-type', 'application/json', 'accept', 'application/json']

const gather = (
  resolve: (answer: Buffer) => void,
  reject: (cause: Error) => void,
): Dispatcher.DispatchHandler => {
  const chunks: Buffer[] = []
  return {
    onRequestStart: () => undefined,
    onResponseStart: () => undefined,
    onResponseData: (_controller, chunk) => void chunks.push(chunk),
    onResponseEnd: () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)),
    onResponseError: (_controller, cause) => reject(cause),
  }
}
