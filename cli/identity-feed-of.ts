import type { Config } from '../gateway/config.ts'
import type { IdentityFeedOptions } from '../subgraphs/open-identity-feed.ts'
import { operatorTokenOf } from './consent-service.ts'

/** Who has to hear what became of pids, and how identity reaches consent. */
export const identityFeedOf = (config: Config): IdentityFeedOptions => ({
  consentUrl: config.identityConsentUrl,
  linkKey: config.identityLinkKey,
  consumers: config.identityConsumers.flatMap(({ kind, ...consumer }) =>
    kind === 'nats' ? [] : [{ ...consumer, kind }],
  ),
  operatorToken: operatorTokenOf(config),
  lostPids: config.identityLostPids,
})
