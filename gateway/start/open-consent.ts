import type { DocumentNode } from 'graphql'
import { createConsentSubgraph } from '../adapters/consent-subgraph.ts'
import { createHttpConsentProtocol, ProtocolUnspoken } from '../adapters/http-consent-protocol.ts'
import { AssentError, type ErrorCode } from '../errors.ts'
import { createLeasedConsent } from '../lease/leased-consent.ts'
import type { ConsentSource, SubgraphClient } from '../ports.ts'
import { subgraphEndpoints } from '../subgraph-endpoints.ts'
import { createSpoken, leasedOrAsked } from './leased-or-asked.ts'
import { nowAndThen } from './now-and-then.ts'
import { signerOf } from './connect-subgraphs.ts'
import type { ProcessParts } from './process-parts.ts'

export interface OpenConsent {
  readonly consent: ConsentSource
  close(): Promise<void>
}

/**
 * Consent as one graph asks for it: by leases where the service hands them out, else by a question a request. Which of them is
 * found out by the first renewal; a service that has once handed out a lease is never asked without one again.
 */
export const openConsent = (
  supergraph: DocumentNode,
  subgraphs: SubgraphClient,
  process: Pick<ProcessParts, 'config' | 'clock' | 'log' | 'heardConsent'>,
): OpenConsent => {
  const { config, clock, log, heardConsent } = process
  const { consentSubgraph: subgraph, consentTimeoutMs: timeoutMs, consentLeases } = config
  const asked = createConsentSubgraph({ subgraphs, subgraph, timeoutMs, clock })
  const { consentUrl: url } = subgraphEndpoints(supergraph, config)
  const sign = signerOf(supergraph, process)
  if (consentLeases === 'off' || url === null || sign === null)
    return { consent: asked, close: () => Promise.resolve() }
  const protocol = createHttpConsentProtocol({ url, subgraph, sign, timeoutMs, clock })
  const spoken = createSpoken(consentLeases === 'auto')
  const renewalFailed = troubleTold(log, clock)
  const leased = createLeasedConsent({
    protocol: {
      ...protocol,
      async renew(renewal) {
        const renewed = await protocol.renew(renewal)
        spoken.isSpoken()
        heardConsent.yet = true
        return renewed
      },
    },
    timeoutMs,
    most: config.consentKept,
    onTrouble(cause) {
      if (cause instanceof ProtocolUnspoken && spoken.isNot())
        log.warn({ consent: subgraph }, 'consent is asked for each request: the service hands out no leases')
      else renewalFailed(cause)
    },
  })
  return {
    consent: consentLeases === 'auto' ? leasedOrAsked(leased, asked, spoken) : leased,
    async close() {
      await leased.close()
      await protocol.close()
    },
  }
}

/** A service that is away is away for many renewals, and one line a minute says it. */
const troubleTold = (log: ProcessParts['log'], clock: ProcessParts['clock']): ((cause: unknown) => void) => {
  let last: unknown
  const tell = nowAndThen(clock, (times) =>
    log.warn(
      {
        code: last instanceof AssentError ? last.code : ('CONSENT_UNAVAILABLE' satisfies ErrorCode),
        cause: last instanceof Error ? last.name : 'unknown',
        times,
      },
      'the lease on consent was not renewed',
    ),
  )
  return (cause) => {
    last = cause
    tell()
  }
}
