import type { RecordingSubgraphs } from '../adapters/recording-subgraphs.ts'
import type { Executing } from '../door/asking.ts'
import type { GatewayRequest, GatewayResult } from '../request.ts'
import { mapEvents } from './map-events.ts'

const HEADER = 'x-assent-show'

type Recorder = Pick<RecordingSubgraphs, 'watch' | 'take'>

/**
 * In development a request may ask for what it caused, and each event of a subscription for what that one did; production
 * refuses the header that asks. What is deferred then comes with the rest: its requests would be those of no part.
 */
export const showingSent = (executing: Executing, recorder: Recorder): Executing => ({
  async execute(request) {
    if (!asksSent(request)) return executing.execute(request)
    recorder.watch(request.requestId)
    try {
      return withSent(await executing.execute(request), request, recorder)
    } finally {
      recorder.take(request.requestId)
    }
  },
  executeInParts: async (request) => (asksSent(request) ? null : executing.executeInParts(request)),
  async subscribe(request) {
    if (!asksSent(request)) return executing.subscribe(request)
    const events = await executing.subscribe(request)
    const { requestId } = request
    recorder.watch(requestId)
    const told = (event: GatewayResult): GatewayResult => {
      const shown = withSent(event, request, recorder)
      recorder.watch(requestId)
      return shown
    }
    return mapEvents(events, told, () => void recorder.take(requestId))
  },
})

const asksSent = ({ incoming }: GatewayRequest): boolean => incoming(HEADER) === 'sent'

const withSent = (
  result: GatewayResult,
  { requestId }: GatewayRequest,
  recorder: Recorder,
): GatewayResult => ({
  ...result,
  extensions: { ...result.extensions, sent: recorder.take(requestId) },
})
