import { buildSubgraphSchema } from '@apollo/subgraph'
import { graphql, parse } from 'graphql'
import { enforceGrants } from '../../../directives/enforce.ts'
import { normalizeConsent } from '../../../directives/link.ts'
import { standardVocabulary } from '../../../directives/vocabulary.ts'
import type { AskPorts } from '../../../subgraphs/aggregates/ask-cohort.ts'
import {
  createMemoryCohortEvents,
  type MemoryCohortEvent,
} from '../../../subgraphs/aggregates/memory-cohort-events.ts'
import type { Aggregates } from '../../../subgraphs/aggregates/metric.ts'
import { createMemoryPeople } from '../../../subgraphs/aggregates/people/memory-people.ts'
import { readAggregates } from '../../../subgraphs/aggregates/read-aggregates.ts'
import { createAggregatesSubgraph } from '../../../subgraphs/aggregates/subgraph.ts'
import { createMemoryLedger } from '../../../subgraphs/budget/memory-ledger.ts'
import { seededWords } from '../seeded-words.ts'

/** The snapshot of this moment is that of the midnight before. */
export const NOON = Date.UTC(2026, 4, 10, 12)
export const MIDNIGHT = Date.UTC(2026, 4, 10)
export const DAY = 86_400_000
export const WINDOW = 'from: "2026-05-01T00:00:00Z", to: "2026-06-01T00:00:00Z"'

const BUDGETS = `
dataset: events
snapshotHours: 24
budgets:
  analytics:
    delta: 1e-6
    lifetime: 20
    windows: [{ days: 1, epsilon: 4 }]
`

export const SESSIONS = `
metric: sessions
description: Visits.
event: session
scope: analytics
purposes: [analytics]
statistics: [count, people, sum, mean]
contributions: 2
value: { field: seconds, unit: seconds, grid: 1, lower: 0, upper: 100, edges: [0, 10, 50, 100] }
cells: 2
quantiles: 100
dimensions:
  channel: { field: channel, values: [web, app, shop] }
epsilon: { default: 1, most: 2 }
suppressBelow: 10
`

export const aggregatesOf = (sessions = SESSIONS, budgets = BUDGETS): Aggregates =>
  readAggregates(
    [
      { file: 'budgets.yaml', text: budgets },
      { file: 'sessions.yaml', text: sessions },
    ],
    standardVocabulary,
  )

let made = 0

/** A session of somebody, of the day before the snapshot where nothing else is said. */
export const session = (
  pid: string,
  data: Readonly<Record<string, unknown>> = {},
  eventId = `e${(made += 1)}`,
): MemoryCohortEvent => ({
  type: 'session',
  source: 'shop',
  eventId,
  pid,
  scope: 'analytics',
  occurredAt: MIDNIGHT - DAY,
  receivedAt: MIDNIGHT - DAY + 1_000,
  data: { seconds: 50, channel: 'web', ...data },
})

/** So many people with one session each. */
export const crowd = (count: number, data: Readonly<Record<string, unknown>> = {}): MemoryCohortEvent[] =>
  Array.from({ length: count }, (_, index) => session(`p${index}`, data, `c${index}`))

export interface DeskOptions extends Partial<AskPorts> {
  readonly kept?: readonly MemoryCohortEvent[]
  readonly aggregates?: Aggregates
  readonly seed?: number
}

export const portsOf = ({ kept = [], seed = 1, ...ports }: DeskOptions = {}): AskPorts => ({
  events: createMemoryCohortEvents(kept),
  people: createMemoryPeople(),
  catchUp: async () => {},
  ledger: createMemoryLedger(),
  key: Buffer.alloc(32, 7),
  words: seededWords(seed),
  clock: () => NOON,
  pace: () => async () => {},
  ...ports,
})

export interface AskAs {
  readonly purpose?: string | null
  readonly variables?: Record<string, unknown>
}

/** The subgraph as the gateway asks it, for a purpose. */
export const openCohortDesk = ({ aggregates = aggregatesOf(), ...options }: DeskOptions = {}) => {
  const ports = portsOf(options)
  const { sdl, resolvers } = createAggregatesSubgraph({ ...ports, aggregates })
  const schema = enforceGrants(
    buildSubgraphSchema([{ typeDefs: normalizeConsent(parse(sdl)), resolvers: resolvers as never }]),
    (context) => (context as { grant: never }).grant,
  )
  return {
    ports,
    ask: async (query: string, { purpose = 'analytics', variables = {} }: AskAs = {}) => {
      const grant = purpose === null ? null : { purpose, client: 'reports', lookups: {} }
      const { data, errors } = await graphql({
        schema,
        source: query,
        variableValues: variables,
        contextValue: { grant, clock: ports.clock },
      })
      // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it asked for
      const plain: any = JSON.parse(JSON.stringify(data ?? null))
      return { data: plain, errors }
    },
  }
}
