import { randomUUID } from 'node:crypto'
import type { Grant } from '../../directives/grant.ts'

/** The grant by which the gateway itself asks about consent: about anybody, for nobody. */
export const deciderGrant = (subgraph: string): Grant => ({
  subgraph,
  client: 'gateway',
  purpose: 'consent',
  request: randomUUID(),
  actor: null,
  lookups: {},
})
