import type { Caller } from '../ports.ts'
import { type CallerRequest, refuseDevelopmentHeaders } from './identify.ts'

/** Who asks a graph that holds no personal data and proves no tokens: anyone, with no scope at all. */
const ANYONE: Caller = {
  client: 'anyone',
  purpose: 'none',
  scopes: new Set(),
  actor: null,
  expiresAt: null,
  context: {},
  contract: {
    client: 'anyone',
    purposes: ['none'],
    scopes: [],
    operations: new Map(),
    operationsOnly: false,
    report: 'extensions',
    onWithheld: 'strip',
    disclose: 'full',
    introspection: true,
    context: {},
  },
}

/** Headers that mean something to a development gateway only are refused in production here, too. */
export const identifyAnyone =
  (profile: 'development' | 'production') =>
  async (request: CallerRequest): Promise<Caller> => {
    if (profile === 'production') refuseDevelopmentHeaders(request)
    return ANYONE
  }
