import { createChannel, type Channel } from './channel.ts'
import { peopleGraph } from './people-graph.ts'
import type { Consents, TestSubgraph, WorldOptions } from './world.ts'

export interface PeopleEvents extends Pick<WorldOptions, 'subgraphs' | 'scopes'> {
  /** What the people subgraph tells whoever subscribed last: the ids of those who changed. */
  readonly channel: () => Channel<readonly string[]>
  /** Resolves when somebody has subscribed since this was asked last. */
  subscribed(): Promise<void>
  /** As in the people graph, to be changed between events. */
  readonly consents: Consents
}

/** The people graph, whose people subgraph also tells of changes. */
export const peopleEvents = (): PeopleEvents => {
  let channel = createChannel<readonly string[]>()
  const [people, insights] = peopleGraph.subgraphs as [TestSubgraph, TestSubgraph]
  const byId = people.resolvers['Query']?.['person'] as (_: unknown, args: { id: string }) => unknown
  let tell: () => void = () => undefined
  let told = new Promise<void>((resolve) => (tell = resolve))
  const subscribe = () => {
    channel = createChannel()
    tell()
    return channel
  }
  const talking: TestSubgraph = {
    ...people,
    sdl: `${people.sdl}
type Subscription {
  changed: [Person!]!
  arrived(at: String): Person
  count: Int!
}`,
    resolvers: {
      ...people.resolvers,
      Subscription: {
        changed: { subscribe, resolve: (ids: string[]) => ids.map((id) => byId(null, { id })) },
        arrived: { subscribe, resolve: ([id = '']: string[]) => byId(null, { id }) },
        count: { subscribe, resolve: (ids: string[]) => ids.length },
      },
    },
  }
  return {
    subgraphs: [talking, insights],
    scopes: peopleGraph.scopes,
    channel: () => channel,
    async subscribed() {
      await told
      told = new Promise((resolve) => (tell = resolve))
    },
    consents: structuredClone(peopleGraph.consents),
  }
}
