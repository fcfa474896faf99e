import { AssentError } from './errors.ts'
import { rootRequest } from './execute/execute.ts'
import type { Lifetime } from './lifetime.ts'
import type { FetchNode, QueryPlan } from './plan/query-plan.ts'
import type {
  Caller,
  Clock,
  SubgraphClient,
  SubgraphRequest,
  SubgraphResponse,
  SubgraphStreams,
} from './ports.ts'
import { type EventStream, openEventStream } from './stream/event-stream.ts'
import type { OpenStreams } from './stream/open-streams.ts'
import { createStreamLifetime } from './stream/stream-lifetime.ts'

export interface StreamLimits {
  /** Streams open at once, of all clients together. */
  readonly mostStreams: number
  /** Events of one stream that may wait for a slow client. */
  readonly mostWaitingEvents: number
  readonly maxLifetimeSeconds: number
}

export interface Subscribing<Answer> extends StreamLimits, RootContext {
  readonly plan: QueryPlan
  readonly caller: Caller
  readonly clock: Clock
  readonly streams: SubgraphStreams
  readonly openStreams: OpenStreams
  readonly subgraphs: SubgraphClient
  /** Runs the whole plan for one event, with its own fence and its own record. */
  readonly answer: (event: AnsweredEvent) => Promise<Answer>
}

type RootContext = Parameters<typeof rootRequest>[1]

export interface AnsweredEvent {
  /** Answers the first fetch of the plan with the event. */
  readonly subgraphs: SubgraphClient
  /** Of the stream: its end is the end of what runs for the event. */
  readonly lifetime: Lifetime
}

/**
 * Opens a subscription. Every event runs the same plan from its beginning, where the first fetch is answered by the event:
 * it is cut, judged, kept on record and projected as any other answer, and nothing is remembered from the event before.
 */
export const subscribe = <Answer>(subscribing: Subscribing<Answer>): EventStream<Answer> => {
  const { openStreams, streams, mostWaitingEvents, answer, subgraphs } = subscribing
  const lifetime = createStreamLifetime({ ...subscribing, client: subscribing.lifetime })
  const request = rootRequest(subscriptionOf(subscribing.plan), { ...subscribing, lifetime })
  openStreams.enter(lifetime)
  if (lifetime.over !== null) throw lifetime.over
  return openEventStream({
    source: streams.open(request),
    lifetime,
    mostWaitingEvents,
    answer: (event) => answer({ subgraphs: answeredBy(event, subgraphs), lifetime }),
  })
}

const subscriptionOf = ({ root }: QueryPlan): FetchNode => {
  const first = root?.kind === 'Sequence' ? root.nodes[0] : root
  if (first?.kind === 'Fetch' && first.operation === 'subscription') return first
  throw new AssentError(root === null ? 'UNAUTHORIZED_FIELD_OR_TYPE' : 'PLAN_FAILED', 'subscription')
}

const answeredBy = (event: SubgraphResponse, subgraphs: SubgraphClient): SubgraphClient => ({
  send: (request: SubgraphRequest) =>
    request.kind === 'subscription' ? Promise.resolve(event) : subgraphs.send(request),
})
