import { CONSENT_STATUSES } from '../../directives/consent-status.ts'
import type { ConsentState, ConsentStatus, ScopeState } from '../ports.ts'

interface Reading {
  readonly asked: ReadonlySet<string>
  /** By the clock of whoever answered. */
  readonly now: number
}

/**
 * Reads `[subject, revision, blocked, [[scope, status, receipt, expiresAt], …]]`. Two answers about one person contradict each
 * other, so both are dropped; answers about people not asked for are ignored; of what is not understood nothing is used.
 */
export const readConsentStates = (rows: readonly unknown[], { asked, now }: Reading): ConsentState[] => {
  const states = new Map<string, ConsentState | undefined>()
  for (const row of rows) {
    const [subject, ...said] = Array.isArray(row) ? (row as unknown[]) : []
    if (typeof subject !== 'string' || !asked.has(subject)) continue
    states.set(subject, states.has(subject) ? undefined : readState(subject, said, now))
  }
  return [...states.values()].filter((state) => state !== undefined)
}

const readState = (
  subject: string,
  [revision, blocked, rows]: readonly unknown[],
  now: number,
): ConsentState | undefined => {
  const scopes = readScopes(rows, now)
  if (typeof revision !== 'string' || revision === '' || scopes === undefined) return undefined
  if (blocked === null) return { subject, revision, scopes }
  const block = BLOCKS.get(blocked)
  return block === undefined ? undefined : { subject, revision, scopes, blocked: block }
}

const BLOCKS: ReadonlyMap<unknown, NonNullable<ConsentState['blocked']>> = new Map([
  ['suppressed', 'SUPPRESSED'],
  ['erased', 'ERASED'],
  ['unknown_subject', 'UNKNOWN_SUBJECT'],
])

const readScopes = (rows: unknown, now: number): Map<string, ScopeState> | undefined => {
  if (!Array.isArray(rows)) return undefined
  const scopes = new Map<string, ScopeState>()
  for (const row of rows as unknown[]) {
    const [scope, ...said] = Array.isArray(row) ? (row as unknown[]) : []
    const state = readScope(said, now)
    if (typeof scope !== 'string' || state === undefined || scopes.has(scope)) return undefined
    scopes.set(scope, state)
  }
  return scopes
}

const readScope = ([status, receipt, expiresAt]: readonly unknown[], now: number): ScopeState | undefined => {
  if (!isStatus(status) || !isTextOrNull(receipt) || !isInstantOrNull(expiresAt)) return undefined
  if (status !== 'given' && status !== 'renewed') return { status, receipt, expiresAt }
  // A yes without its receipt cannot be accounted for (GDPR Art. 7(1)), so it is no yes.
  if (receipt === null || receipt === '') return undefined
  return { status: expiresAt !== null && expiresAt <= now ? 'expired' : status, receipt, expiresAt }
}

const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string'

const isInstantOrNull = (value: unknown): value is number | null => value === null || Number.isFinite(value)

const STATUSES: ReadonlySet<unknown> = new Set(CONSENT_STATUSES)

const isStatus = (value: unknown): value is ConsentStatus => STATUSES.has(value)
