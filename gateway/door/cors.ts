import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http'

export interface CorsOptions {
  /** Exact origins, or `*` alone; none serves no page of another origin. */
  readonly corsOrigins: readonly string[]
  readonly corsCredentials: boolean
  readonly corsMaxAgeSeconds: number
  /** Headers of an answer that a page may read. */
  readonly corsExposedHeaders: readonly string[]
}

/** What a browser is told of who may read an answer (Fetch standard, §3.3 CORS protocol). */
export interface Cors {
  /** Headers of an answer to this request. */
  answer(request: IncomingHttpHeaders): OutgoingHttpHeaders
  /** Headers of an answer to the question whether a request may be made. */
  preflight(request: IncomingHttpHeaders): OutgoingHttpHeaders
}

/** An origin that is not listed is told nothing: its pages then get nothing from the browser. */
export const createCors = (options: CorsOptions): Cors => {
  const { corsOrigins, corsCredentials, corsMaxAgeSeconds, corsExposedHeaders } = options
  const listed: ReadonlySet<string> = new Set(corsOrigins)
  const isForAll = listed.has('*')
  // The answer to one origin must not be kept for another.
  const base: OutgoingHttpHeaders = isForAll || listed.size === 0 ? {} : { vary: 'Origin' }
  const allowed = ({ origin }: IncomingHttpHeaders): OutgoingHttpHeaders | null => {
    if (origin === undefined || !(isForAll || listed.has(origin))) return null
    const credentials = corsCredentials ? { 'access-control-allow-credentials': 'true' } : {}
    return { ...base, ...credentials, 'access-control-allow-origin': isForAll ? '*' : origin }
  }
  const exposed =
    corsExposedHeaders.length === 0 ? {} : { 'access-control-expose-headers': corsExposedHeaders.join(', ') }
  return {
    answer(request) {
      const headers = allowed(request)
      return headers === null ? base : { ...headers, ...exposed }
    },
    preflight(request) {
      const headers = allowed(request)
      if (headers === null || request['access-control-request-method'] === undefined) return base
      const asked = request['access-control-request-headers'] ?? ''
      return {
        ...headers,
        vary: 'Origin, Access-Control-Request-Headers',
        'access-control-allow-methods': 'GET, POST',
        'access-control-max-age': String(corsMaxAgeSeconds),
        ...(HEADER_NAMES.test(asked) && { 'access-control-allow-headers': asked }),
      }
    },
  }
}

const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+( *, *[\w!#$%&'*+.^`|~-]+)*$/
