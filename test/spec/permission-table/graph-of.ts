import { canary } from '../../support/people-graph.ts'
import type { Consents, TestSubgraph, WorldOptions } from '../../support/world.ts'

const FEDERATION =
  '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@external", "@requires", "@provides", "@shareable", "@interfaceObject"])'
export const CONSENT = 'https://assent.example/consent/v1.0'
const SPELLED = `@link(url: "${CONSENT}", import: ["@requiresScope", "@dataSubject"])`

/** Ada gave everything, Bo nothing, Cyd gave contact. */
const SAID: Consents = {
  ada: { contact: 'given', identity_strong: 'given', profiling: 'given' },
  bo: { contact: 'refused', identity_strong: 'refused', profiling: 'refused' },
  cyd: { contact: 'given' },
}

type Resolvers = TestSubgraph['resolvers']

export const subgraph = (name: string, sdl: string, resolvers: Resolvers, link = SPELLED): TestSubgraph => ({
  name,
  sdl: `extend schema ${FEDERATION} ${link}\n${sdl}`,
  resolvers,
})

export const graphOf = (...subgraphs: TestSubgraph[]): WorldOptions => ({
  subgraphs,
  scopes: ['contact', 'identity_strong'],
  consents: SAID,
})

export const byId = ({ id }: { id: string }) => ({ id })
export const secret =
  (field: string) =>
  ({ id }: { id: string }) =>
    canary(id, field)
export const crowd = () => ['ada', 'bo', 'cyd'].map((id) => ({ id }))

export const PERSON = 'type Person @key(fields: "id") @dataSubject(key: "id")'
