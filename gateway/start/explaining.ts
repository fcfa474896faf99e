import type { GatewayRequest, GatewayResult } from '../request.ts'
import { AssentError } from '../errors.ts'
import type { Gateway } from '../gateway.ts'
import { watchExplained } from '../observe/watch-explained.ts'

type Execute = (request: GatewayRequest) => Promise<GatewayResult>

const HEADER = 'x-assent-explain'

/** A request may ask for its plan and what the fence did, when its contract or a development gateway lets it. */
export const explaining =
  ({ protection }: Pick<Gateway, 'protection'>, isDevelopment: boolean, execute: Execute): Execute =>
  async (request) => {
    const asked = request.incoming(HEADER)
    if (asked === undefined) return execute(request)
    const { contract } = request.caller
    if (!isDevelopment && contract.explain !== true) throw new AssentError('EXPLAIN_REFUSED', HEADER)
    if (asked !== 'plan') throw new AssentError('HEADER_INVALID', HEADER)
    const tellsReasons = contract.disclose === 'full'
    const watch = watchExplained({ protection, tellsReasons, also: request.watch })
    const result = await execute({ ...request, watch })
    return { ...result, extensions: { ...result.extensions, ...watch.explained() } }
  }
