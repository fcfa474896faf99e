import type { GraphqlDoor } from '../door/graphql-door.ts'
import type { CurrentGraph, GraphLease } from './current-graph.ts'

/** Each request goes to the graph that is current when it comes, and holds it until the last part of its answer is made. */
export const currentGraphqlDoor = (current: CurrentGraph): Pick<GraphqlDoor, 'handle'> => ({
  async handle(request, requestId) {
    const lease = current.lease()
    let isStream = false
    try {
      const answer = await lease.graph.graphql.handle(request, requestId)
      if (answer.body.kind === 'complete') return answer
      isStream = true
      return { ...answer, body: { ...answer.body, asyncIterator: held(answer.body.asyncIterator, lease) } }
    } finally {
      if (!isStream) lease.release()
    }
  },
})

async function* held<T>(parts: AsyncIterable<T>, lease: GraphLease): AsyncGenerator<T> {
  try {
    yield* parts
  } finally {
    lease.release()
  }
}
