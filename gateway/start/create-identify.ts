import { contractsInDirectory } from '../adapters/contract-files.ts'
import { localKeys, remoteKeys } from '../adapters/jwt-keys.ts'
import { createIssuersVerifier, createJwtVerifier } from '../adapters/jwt-verifier.ts'
import { identify } from '../caller/identify.ts'
import type { CallerRequest } from '../caller/identify.ts'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import type { Config } from '../config.ts'
import type { Caller, Clock, TokenVerifier } from '../ports.ts'
import { issuersOf } from './issuers-of.ts'
import { widestLimitsOf } from './limits-of.ts'
import { readSetFile } from './read-set-file.ts'

export type Identify = (request: CallerRequest) => Promise<Caller>

/** Loaded where callers are proved: a gateway of an open graph starts without it. */
export const createIdentify = (config: Config, vocabulary: Vocabulary, clock: Clock): Identify => {
  const contracts = contractsInDirectory(config.clients, vocabulary, widestLimitsOf(config))
  const verifier = createVerifier(config, clock)
  return (request) => identify(request, { profile: config.profile, contracts, verifier, vocabulary })
}

/** Undefined where nothing proves anybody. */
const createVerifier = (config: Config, clock: Clock): TokenVerifier | undefined => {
  const { jwtAlgorithms, jwtClientClaim, jwtStaleSeconds } = config
  const verifiers = issuersOf(config).map(
    ({ issuer, audience, jwksUrl, publicKeyFile, algorithms, clientClaim, clients }) =>
      [
        issuer,
        createJwtVerifier({
          keys:
            jwksUrl === null
              ? localKeys(readSetFile(publicKeyFile, 'jwt.publicKeyFile'))
              : remoteKeys(jwksUrl, jwtStaleSeconds * 1000),
          issuer,
          audience,
          algorithms: algorithms ?? jwtAlgorithms,
          clientClaim: clientClaim ?? jwtClientClaim,
          clients: clients === null ? null : new Set(clients),
          clock,
        }),
      ] as const,
  )
  return verifiers.length === 0 ? undefined : createIssuersVerifier(new Map(verifiers))
}
