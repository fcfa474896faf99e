import type { IncomingHttpHeaders } from 'node:http'

/** One address of a service beside its GraphQL, without a word of the server that carries it. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'OPTIONS'
  /** `/consent/v1/me/receipts/:id` */
  readonly path: string
  readonly answer: (request: RouteRequest) => Promise<RouteAnswer>
}

export interface RouteRequest {
  readonly headers: IncomingHttpHeaders
  /** Without what stands behind `?`. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** The body as it came; empty when there is none. */
  readonly text: string
}

export interface RouteAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): RouteAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  }
}
