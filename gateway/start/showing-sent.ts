import type { RecordingSubgraphs } from '../adapters/recording-subgraphs.ts'
import type { Gateway } from '../gateway.ts'
import type { GatewayRequest, GatewayResult } from '../request.ts'

const HEADER = 'x-assent-show'

/** In development a request may ask for what it caused; production refuses the header that asks. */
export const showingSent =
  (gateway: Pick<Gateway, 'execute'>, recorder: Pick<RecordingSubgraphs, 'watch' | 'take'>) =>
  async (request: GatewayRequest): Promise<GatewayResult> => {
    if (request.incoming(HEADER) !== 'sent') return gateway.execute(request)
    recorder.watch(request.requestId)
    try {
      const result = await gateway.execute(request)
      return { ...result, extensions: { ...result.extensions, sent: recorder.take(request.requestId) } }
    } finally {
      recorder.take(request.requestId)
    }
  }
