import { AssentError } from '../gateway/errors.ts'
import type { ErrorCode } from '../gateway/errors.ts'

export const EXIT = { ok: 0, failed: 1, usage: 2, unavailable: 3 } as const

const USAGE: ReadonlySet<ErrorCode> = new Set(['CONFIG_INVALID', 'CONTRACTS_INVALID'])
const UNAVAILABLE: ReadonlySet<ErrorCode> = new Set([
  'SUBGRAPH_UNREACHABLE',
  'SUBGRAPH_TIMEOUT',
  'CONSENT_UNAVAILABLE',
  'DATA_DIRECTORY_LOCKED',
  'DECISION_LOG_UNWRITABLE',
  'TOKEN_KEYS_UNAVAILABLE',
])

/** What a failure is for the shell: 1 the thing asked failed, 2 usage or settings, 3 a needed service is unavailable. */
export const exitCodeOf = (problem: unknown): number => {
  if (problem instanceof AssentError && USAGE.has(problem.code)) return EXIT.usage
  if (problem instanceof AssentError && UNAVAILABLE.has(problem.code)) return EXIT.unavailable
  const { code } = (problem ?? {}) as { code?: unknown }
  const refused =
    code === 'ECONNREFUSED' || code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL' || code === 'EACCES'
  return refused ? EXIT.unavailable : EXIT.failed
}
