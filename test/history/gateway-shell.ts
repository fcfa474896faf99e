import { type DocumentNode, parse } from 'graphql'
import type { GatewayResult } from '../../gateway/request.ts'
import { UNENDING } from '../../gateway/lifetime.ts'
import type { ConsentSource, SubgraphClient } from '../../gateway/ports.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { callerWith, createWorld, type World } from '../support/world.ts'

/** What a gateway is put in front of for as long as one simulation lasts. */
export interface Surrounding {
  readonly consent: Required<ConsentSource>
  readonly subgraphs: SubgraphClient
  readonly clock: () => number
}

export interface Asked {
  readonly persons: readonly string[]
  readonly values: Values
  /** `x-consent-revision` */
  readonly notBefore: string | null
}

/** A gateway with its plans made: what takes long, and real time, is done once for all simulations. */
export interface GatewayShell {
  surround(surrounding: Surrounding): void
  ask(asked: Asked): Promise<GatewayResult>
}

export type Values = keyof typeof DOCUMENTS

const asking = (fields: string): DocumentNode =>
  parse(`query($ids: [ID!]!) { people(ids: $ids) { ${fields} } }`)

const DOCUMENTS = {
  email: asking('email'),
  vector: asking('vector'),
  churn: asking('churn'),
  all: asking('email vector churn'),
}

export const VALUES = Object.keys(DOCUMENTS) as readonly Values[]

const CALLER = callerWith({ scopes: ['contact', 'profiling'] })

const shells = new Map<string, GatewayShell>()
let supergraph: string | undefined

export const gatewayShell = async (name: string): Promise<GatewayShell> => {
  const known = shells.get(name)
  if (known !== undefined) return known
  let current: Surrounding = NOTHING
  const world = worldOf(() => current)
  supergraph = world.supergraph
  const shell: GatewayShell = {
    surround: (surrounding) => void (current = surrounding),
    ask: ({ persons, values, notBefore }) =>
      world.gateway.execute({
        document: DOCUMENTS[values],
        variables: { ids: persons },
        caller: CALLER,
        requestId: name,
        lifetime: UNENDING,
        incoming: (header) => (header === 'x-consent-revision' ? (notBefore ?? undefined) : undefined),
      }),
  }
  for (const values of VALUES) await shell.ask({ persons: [], values, notBefore: null })
  shells.set(name, shell)
  return shell
}

const NOTHING: Surrounding = {
  consent: {
    known: () => undefined,
    load: () => Promise.resolve(new Map()),
    changes: {
      holds: () => true,
      position: () => 0,
      after: () => [],
      reach: () => Promise.resolve(),
    },
  },
  subgraphs: { send: () => Promise.resolve({ data: { people: [] }, errors: [] }) },
  clock: Date.now,
}

const worldOf = (current: () => Surrounding): World =>
  createWorld({
    ...peopleGraph,
    consents: {},
    consent: {
      known: (subject, context) => current().consent.known(subject, context),
      load: (subjects, context) => current().consent.load(subjects, context),
      changes: {
        holds: () => current().consent.changes.holds(),
        position: () => current().consent.changes.position(),
        after: (position) => current().consent.changes.after(position),
        reach: (revision) => current().consent.changes.reach(revision),
      },
    },
    around: () => ({ send: (request) => current().subgraphs.send(request) }),
    clock: () => current().clock(),
    ...(supergraph !== undefined && { supergraph }),
  })
