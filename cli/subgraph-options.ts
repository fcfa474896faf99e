import { existsSync, readdirSync } from 'node:fs'
import type { Vocabulary } from '../directives/vocabulary.ts'
import { subgraphKey } from '../gateway/adapters/grant-signer.ts'
import type { Config } from '../gateway/config.ts'
import { AssentError } from '../gateway/errors.ts'
import { readAggregatesIn } from '../subgraphs/aggregates/read-aggregates.ts'
import type { PolicyBundle } from '../subgraphs/consent/policy/bundle.ts'
import type { PersonsOptions } from '../subgraphs/open-persons.ts'
import type { StartOptions } from '../subgraphs/start-message.ts'
import { operatorTokenOf } from './consent-service.ts'
import { eventTerms } from './event-terms.ts'
import { identityFeedOf } from './identity-feed-of.ts'
import { keysOf } from './keys-of.ts'
import { ownershipOf } from './ownership-file.ts'
import { packageFile } from './package-file.ts'
import { receiptSecretsOf } from './receipt-secrets-of.ts'
import { reidentificationFromFile } from './reidentification-file.ts'

/** What the process of the subgraphs is told of the settings. */
export const subgraphOptions = (
  config: Config,
  vocabulary: Vocabulary,
  policy: PolicyBundle | null,
): StartOptions => ({
  dataDir: config.data,
  grantKeys: Object.fromEntries(
    subgraphNames().map((name) => [name, subgraphKey(config.grantSecret ?? '', name)]),
  ),
  ...enginesOf(config),
  ...receiptsOf(config),
  keys: keysOf(config),
  ...reidentificationOf(config),
  vocabulary,
  policy,
  aggregates: readAggregatesIn(
    config.aggregates ?? packageFile('aggregates'),
    vocabulary,
    eventTerms(packageFile('events'), vocabulary),
  ),
  persons: personsOf(config),
  outbox: outboxOf(config),
  identityFeed: identityFeedOf(config),
  ...standingOf(config),
  ownership: ownershipOf(config, vocabulary),
  events: eventsOf(config),
  recommendationsModel: config.recommendationsModel,
  recommendationLists: {
    windowMs: config.recommendationWindowMinutes * 60_000,
    listsPerWindow: config.recommendationListsPerWindow,
    cappedPer: config.recommendationsCappedPer,
  },
  vectors: config.recommendationVectors,
  ...storedVectorsOf(config, vocabulary),
})

const enginesOf = ({ postgresUrl, rewriteAfterMs, neo4jUrl, neo4jUser: user, neo4jPassword }: Config) => ({
  ...(postgresUrl !== null && { postgresUrl, rewriteAfterMs }),
  ...(neo4jUrl !== null && { neo4j: { url: neo4jUrl, user, password: neo4jPassword ?? '' } }),
})

export const storedVectorsOf = (
  config: Config,
  { scopes }: Vocabulary,
): Pick<StartOptions, 'storedVectors'> => {
  const { storedVectorSigma: sigma, storedVectorDims: dims, storedVectorSealedScopes: listed } = config
  const unknown = listed.filter((name) => !scopes.has(name))
  if (unknown.length > 0)
    throw wrong(
      'sealedScopes',
      `names ${unknown.join(', ')}, which is no scope, so nothing would be sealed by it.`,
    )
  if (sigma === null && listed.length > 0)
    throw wrong('sealedScopes', 'seals what is not kept: no vectors of people are.')
  if (sigma === null && config.storedVectorFoundBy.length > 0)
    throw wrong('foundBy', 'names who may look for what is not kept: no vectors of people are.')
  if (sigma === null) return {}
  // What the vocabulary calls sensitive is sealed whether or not somebody thought of listing it.
  const sensitive = [...scopes.values()].filter(({ isSensitive }) => isSensitive).map(({ name }) => name)
  const sealedScopes = [...new Set([...sensitive, ...listed])]
  return {
    storedVectors: {
      sigma,
      dims,
      sealedScopes,
      mostLinkagePercent: config.storedVectorLinkagePercent,
      foundBy: config.storedVectorFoundBy,
    },
  }
}

const wrong = (setting: 'sealedScopes' | 'foundBy', problem: string): AssentError => {
  const name = `recommendations.storedVectors.${setting}`
  const named = setting === 'foundBy' ? 'no clients' : 'scopes of the vocabulary'
  const remedy = `Name ${named}, or set recommendations.storedVectors.sigma where vectors are to be kept.`
  return new AssentError('CONFIG_INVALID', name, {
    faults: [{ name, place: 'configuration', problem, remedy }],
  })
}

const receiptsOf = (config: Config): Pick<StartOptions, 'receiptSecrets'> => {
  const receiptSecrets = receiptSecretsOf(config)
  return receiptSecrets === null ? {} : { receiptSecrets }
}

const reidentificationOf = ({ reidentification: file }: Config): Pick<StartOptions, 'reidentification'> =>
  file === null ? {} : { reidentification: reidentificationFromFile(file) }

const personsOf = (config: Config): PersonsOptions => ({
  host: config.host,
  port: config.personsPort,
  url: config.personsUrl,
  origins: config.personsOrigins,
  tokenSecret: config.personsTokenSecret,
  jwksUrl: config.personsJwksUrl,
  issuer: config.personsIssuer,
  responsible: { controller: config.personsController, recipients: config.personsRecipients },
  loginUrl: config.personsLoginUrl,
  takesUnbound: isTrial(config) || config.personsUnboundTokens === 'accepted',
  audience: config.personsAudience,
  tokenSeconds: config.personsTokenSeconds,
  proofSeconds: config.personsProofSeconds,
  requestsPerMinute: config.personsRequestsPerMinute,
  isTrial: isTrial(config),
})

const eventsOf = (config: Config): NonNullable<StartOptions['events']> => ({
  host: config.host,
  port: config.eventsPort,
  contracts: packageFile('events'),
  // Who tries things out sends as the operator.
  sources:
    config.profile === 'development' && config.eventsSources.length === 0
      ? [{ name: 'trial', token: operatorTokenOf(config), secrets: [], nats: null }]
      : config.eventsSources,
  maxEventBytes: config.eventsMaxEventBytes,
  maxBatchBytes: config.eventsMaxBatchBytes,
  maxBatchEvents: config.eventsMaxBatchEvents,
  maxWaiting: config.eventsMaxWaiting,
  maxBytes: config.eventsMaxMemoryBytes,
  toleranceMs: config.eventsToleranceMs,
  keepDays: config.eventsQuarantineDays,
  maxDeliveries: config.eventsMaxDeliveries,
})

/** Rows rest on the consent of one service; with the url of another one and no key, on nobody's. */
const standingOf = ({
  standingConsentUrl: url,
  standingKey: key,
}: Config): Pick<StartOptions, 'consentElsewhere' | 'followKey'> => {
  if (url === null) return { followKey: key }
  if (key !== null) return { consentElsewhere: { url, key } }
  const problem = 'names a consent service that would not know who asks.'
  const remedy = 'Set standing.key to the secret that is shared with it.'
  const faults = [{ name: 'standing.consentUrl', place: 'configuration', problem, remedy }]
  throw new AssentError('CONFIG_INVALID', 'standing', { faults })
}

/** Nobody issues tokens, so one is made up. */
const isTrial = ({ profile, personsTokenSecret, personsJwksUrl }: Config): boolean =>
  profile === 'development' && personsTokenSecret === null && personsJwksUrl === null

/** Who has to hear of changes of consent, and how patiently they are told. */
const outboxOf = (config: Config): NonNullable<StartOptions['outbox']> => ({
  consumers: config.consentConsumers,
  delivery: {
    attempts: config.consentDeliveryAttempts,
    firstMs: config.consentDeliveryFirstMs,
    longestMs: config.consentDeliveryLongestMs,
    timeoutMs: config.consentDeliveryTimeoutMs,
    concurrency: config.consentDeliveryConcurrency,
    keepDays: config.consentDeliveryKeepDays,
  },
  operatorToken: operatorTokenOf(config),
})

/** Those with a folder; `subgraphs/all.ts` says what answers for each. */
const subgraphNames = (): string[] =>
  readdirSync(packageFile('subgraphs')).filter((name) =>
    existsSync(packageFile(`subgraphs/${name}/schema.graphql`)),
  )
