import type { GraphqlDoor } from '../door/graphql-door.ts'
import type { CurrentGraph } from './current-graph.ts'

/** Each request goes to the graph that is current when it comes, and holds it until its answer is made. */
export const currentGraphqlDoor = (current: CurrentGraph): Pick<GraphqlDoor, 'answer'> => ({
  async answer(params, asking) {
    const lease = current.lease()
    try {
      return await lease.graph.graphql.answer(params, asking)
    } finally {
      lease.release()
    }
  },
})
