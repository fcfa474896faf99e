import { existsSync } from 'node:fs'
import { contractsInDirectory } from '../adapters/contract-files.ts'
import { localKeys, remoteKeys } from '../adapters/jwt-keys.ts'
import { createIssuersVerifier, createJwtVerifier } from '../adapters/jwt-verifier.ts'
import { identifyIfProved } from '../caller/anyone.ts'
import { identify } from '../caller/identify.ts'
import type { CallerRequest } from '../caller/identify.ts'
import type { Vocabulary } from '../../directives/vocabulary.ts'
import type { Config } from '../config.ts'
import { SETTINGS } from '../settings.ts'
import type { Caller, ClientContract, Clock, ContractSource, TokenVerifier } from '../ports.ts'
import { issuersOf } from './issuers-of.ts'
import { widestLimitsOf } from './limits-of.ts'
import { readSetFile } from './read-set-file.ts'

export type Identify = (request: CallerRequest) => Promise<Caller>

export interface Identifying {
  readonly identify: Identify
  /** Of all clients that are known beforehand. */
  readonly contracts: () => Iterable<ClientContract>
}

/** Loaded where callers are proved: a gateway of an open graph starts without it. */
export const createIdentify = (config: Config, vocabulary: Vocabulary, clock: Clock): Identifying => {
  const contracts = contractsInDirectory(config.clients, vocabulary, widestLimitsOf(config))
  const verifier = createVerifier(config, clock)
  return {
    identify: (request) => identify(request, { profile: config.profile, contracts, verifier, vocabulary }),
    contracts: () => contracts.all?.() ?? [],
  }
}

/** For a graph without personal data that asks something of its callers: it can be served without any contract. */
export const createOpenIdentify = (config: Config, vocabulary: Vocabulary, clock: Clock): Identifying => {
  const { profile, clients } = config
  const isThere = clients !== SETTINGS.clients.default || existsSync(clients)
  const contracts = isThere ? contractsInDirectory(clients, vocabulary, widestLimitsOf(config)) : NO_CONTRACTS
  return {
    identify: identifyIfProved({ profile, contracts, verifier: createVerifier(config, clock) }),
    contracts: () => contracts.all?.() ?? [],
  }
}

const NO_CONTRACTS: ContractSource = { find: () => undefined }

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
