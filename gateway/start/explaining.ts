import type { Executing } from '../door/asking.ts'
import { AssentError } from '../errors.ts'
import type { Gateway } from '../gateway.ts'
import { type ExplainingWatch, watchExplained } from '../observe/watch-explained.ts'
import type { GatewayRequest } from '../request.ts'
import { mapEvents } from './map-events.ts'

const HEADER = 'x-assent-explain'

/**
 * A request may ask for its plan and what the fence did, when its contract or a development gateway lets it. A subscription
 * is told the plan with its first event, and with each what the fence did for that one. What is deferred then comes with the
 * rest: the plan that is shown is the one that was run.
 */
export const explaining = (
  { protection }: Pick<Gateway, 'protection'>,
  isDevelopment: boolean,
  executing: Executing,
): Executing => {
  /** Null for a request that asks for nothing of the kind. */
  const watchOf = ({ incoming, caller: { contract }, watch }: GatewayRequest): ExplainingWatch | null => {
    const asked = incoming(HEADER)
    if (asked === undefined) return null
    if (!isDevelopment && contract.explain !== true) throw new AssentError('EXPLAIN_REFUSED', HEADER)
    if (asked !== 'plan') throw new AssentError('HEADER_INVALID', HEADER)
    return watchExplained({ protection, tellsReasons: contract.disclose === 'full', also: watch })
  }
  return {
    async execute(request) {
      const watch = watchOf(request)
      if (watch === null) return executing.execute(request)
      const result = await executing.execute({ ...request, watch })
      return { ...result, extensions: { ...result.extensions, ...watch.explained() } }
    },
    executeInParts: async (request) =>
      request.incoming(HEADER) === undefined ? executing.executeInParts(request) : null,
    async subscribe(request) {
      const watch = watchOf(request)
      if (watch === null) return executing.subscribe(request)
      const events = await executing.subscribe({ ...request, watch })
      let isFirst = true
      return mapEvents(events, (event) => {
        const { fence, ...planned } = watch.explained()
        const told = { ...(isFirst && planned), fence }
        isFirst = false
        return { ...event, extensions: { ...event.extensions, ...told } }
      })
    },
  }
}
