import type { ErrorCode } from '../gateway/errors.ts'
import type { RegistryErrorCode } from '../registry/registry-error-catalogue.ts'
import type { CheckFailureCode } from '../schema/check/check-failure-catalogue.ts'
import type { SubgraphErrorCode } from '../subgraphs/error-catalogue.ts'
import type { CommandFailureCode } from './command-failure-catalogue.ts'

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unavailable: 3,
  /** Whoever reads has gone: what a shell tells of a program that SIGPIPE has ended. */
  unread: 141,
} as const

const USAGE: ReadonlySet<unknown> = new Set<
  ErrorCode | SubgraphErrorCode | CheckFailureCode | CommandFailureCode | RegistryErrorCode
>([
  'AGGREGATES_INVALID',
  'CHECK_INPUT_UNREADABLE',
  'CHECK_NOT_IN_GIT',
  'CHECK_OUTPUT_UNWRITABLE',
  'CHECK_PLACE_EMPTY',
  'CHECK_PLACE_MISSING',
  'CHECK_REF_UNKNOWN',
  'CHECK_REGISTRY_REFUSED',
  'CHECK_REGISTRY_UNNAMED',
  'CONFIG_INVALID',
  'CONTRACTS_INVALID',
  'EVENT_CONTRACTS_INVALID',
  'EVENT_CONTRACTS_NONE',
  'FEATURES_INVALID',
  'FEATURES_NONE',
  'MATCH_MAPPING_INVALID',
  'MATCH_MAPPING_NEEDED',
  'MODEL_BUDGET_UNKNOWN',
  'PROBE_REFUSED',
  'REGISTRY_SETTINGS_INVALID',
  'REGISTRY_UNNAMED',
  'TRAINING_ENTITIES_INVALID',
  'TRAINING_FEATURE_CHANGED',
  'TRAINING_FEATURE_UNKNOWN',
  'TRAINING_FEATURE_WITHOUT_ITEMS',
  'TRAINING_FEATURE_WITHOUT_PAST',
  'TRAINING_LABEL_FROM_THE_FUTURE',
  'TRAINING_PURPOSE_NOT_ALLOWED',
  'TRAINING_SET_UNREADABLE',
  'TRAINING_SPEC_INVALID',
])
/** Of the system, about files and addresses that were named. */
export const NAMED_WRONG: ReadonlySet<unknown> = new Set([
  'EACCES',
  'EISDIR',
  'ENOENT',
  'ENOTDIR',
  'EPERM',
  'EROFS',
  'ERR_INVALID_URL',
])

const UNAVAILABLE: ReadonlySet<unknown> = new Set([
  'GIT_UNAVAILABLE',
  'REGISTRY_UNAVAILABLE',
  'SUBGRAPH_UNREACHABLE',
  'SUBGRAPH_TIMEOUT',
  'SUPERGRAPH_UNAVAILABLE',
  'CONSENT_UNAVAILABLE',
  'STORE_UNAVAILABLE',
  'DATA_DIRECTORY_LOCKED',
  'DECISION_LOG_UNWRITABLE',
  'PORT_TAKEN',
  'REGISTRY_AWAY',
  'REGISTRY_BUSY',
  'TOKEN_KEYS_UNAVAILABLE',
  // Of the system and of the drivers of the stores.
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'ServiceUnavailable',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
])

/** What a failure is for the shell: 1 the thing asked failed, 2 usage or settings, 3 a needed service is unavailable. */
export const exitCodeOf = (problem: unknown): number => {
  const { code: own, extensions } = (problem ?? {}) as { code?: unknown; extensions?: { code?: unknown } }
  const code = own ?? extensions?.code
  if (USAGE.has(code) || NAMED_WRONG.has(code)) return EXIT.usage
  return UNAVAILABLE.has(code) ? EXIT.unavailable : EXIT.failed
}
