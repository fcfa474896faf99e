import { type DoorParts, isInParts } from '../door/answer-parts.ts'
import type { GraphqlDoor } from '../door/graphql-door.ts'
import { AssentError } from '../errors.ts'
import { createLifetime } from '../lifetime.ts'
import type { CurrentGraph } from './current-graph.ts'

/**
 * Each request goes to the graph that is current when it comes, and holds it until its answer is made. A stream has no end
 * of its own, so it ends when its graph is replaced: the client subscribes again, and is served by the new one.
 */
export const currentGraphqlDoor = (current: CurrentGraph): Pick<GraphqlDoor, 'answer' | 'open'> => ({
  async answer(params, asking) {
    const lease = current.lease()
    try {
      return await lease.graph.graphql.answer(params, asking)
    } finally {
      lease.release()
    }
  },
  async open(params, asking) {
    const lease = current.lease()
    const lifetime = createLifetime()
    const unlisten = asking.lifetime.onOver((cause) => lifetime.end(cause))
    const release = (): void => {
      unlisten()
      lease.release()
    }
    const answer = await lease.graph.graphql.open(params, { ...asking, lifetime })
    if (!isInParts(answer)) {
      release()
      return answer
    }
    if (!answer.areDeferred)
      lease.onReplaced(() => lifetime.end(new AssentError('SUPERGRAPH_REPLACED', 'stream')))
    return releasing(answer, release)
  },
})

const releasing = (parts: DoorParts, release: () => void): DoorParts => ({
  areDeferred: parts.areDeferred,
  async next() {
    const part = await parts.next()
    if (part.done === true) release()
    return part
  },
  async return() {
    release()
    return parts.return()
  },
  [Symbol.asyncIterator]() {
    return this
  },
})
