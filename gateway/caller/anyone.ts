import type { Caller } from '../ports.ts'

/** Who asks a graph that holds no personal data and proves no tokens: anyone, with no scope at all. */
export const ANYONE: Caller = {
  client: 'anyone',
  purpose: 'none',
  scopes: new Set(),
  actor: null,
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
