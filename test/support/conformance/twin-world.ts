import type { ConsentState, SubgraphResponse } from '../../../gateway/ports.ts'
import { AssentError } from '../../../gateway/errors.ts'
import { createWorld, type World } from '../world.ts'
import { type Twin, TWIN_SCOPE } from './fence-suite.ts'
import { NONSENSE, tamperEntities } from './faults.ts'
import { suiteResolvers } from './subgraph-resolvers.ts'
import type { Case, Suite } from './suite.ts'

export interface TwinWorld extends World {
  /** Forgets what was before; the faults are those of this case. */
  begin(one: Case): void
}

/** A suite's graph with people in it, all of whom have said yes to everything. */
export const createTwinWorld = (suite: Suite, twin: Twin): TwinWorld => {
  const journal: string[] = []
  let faults: NonNullable<Case['faults']> = {}
  const resolvers = new Map(suiteResolvers(suite, journal).map((one) => [one.name, one.resolvers]))
  const world = createWorld({
    subgraphs: twin.subgraphs.map(({ name, sdl }) => ({ name, sdl, resolvers: resolvers.get(name) ?? {} })),
    supergraph: twin.supergraph,
    unguardedSubgraphs: twin.fenced.length === 0,
    scopes: [TWIN_SCOPE],
    consents: {},
    consent: { load: async (subjects) => new Map(subjects.map((subject) => [subject, willing(subject)])) },
    tamper: ({ subgraph }, response): SubgraphResponse => {
      const fault = faults[subgraph]
      if (fault === 'down' || (fault !== undefined && NONSENSE[fault] !== undefined))
        throw new AssentError('SUBGRAPH_RESPONSE_INVALID', subgraph)
      const { data, errors = [] } = tamperEntities(fault, { ...response })
      return { data, errors: errors as SubgraphResponse['errors'] }
    },
  })
  return {
    ...world,
    begin: (one) => {
      journal.length = 0
      faults = one.faults ?? {}
    },
  }
}

const willing = (subject: string): ConsentState => ({
  subject,
  revision: '1',
  scopes: new Map([[TWIN_SCOPE, { status: 'given', receipt: `receipt-${subject}`, expiresAt: null }]]),
})
