import { AssentError } from '../errors.ts'
import type { IncomingHeaders } from '../ports.ts'

/**
 * A request that a web page can cause without asking first carries the cookies of whoever looks at the page, and is refused
 * (Fetch standard, CORS-safelisted requests). JSON bodies always ask first. A GET asks first when it has a header of its own
 * choosing; its content type is held to JSON, because browsers have let others pass (GHSA-9q82-xgwf-vj6h).
 */
export const refuseForgeable = (incoming: IncomingHeaders): void => {
  const type = incoming('content-type')
  if (type !== undefined) {
    if (!/^application\/json *(;|$)/i.test(type))
      throw new AssentError('CONTENT_TYPE_UNSUPPORTED', 'content-type')
    return
  }
  if (!PREFLIGHT_HEADERS.some((name) => incoming(name))) throw new AssentError('REQUEST_FORGEABLE', 'headers')
}

const PREFLIGHT_HEADERS = ['graphql-require-preflight', 'apollo-require-preflight', 'x-apollo-operation-name']
