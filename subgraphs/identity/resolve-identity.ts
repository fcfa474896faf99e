import type { Grant } from '../../directives/grant.ts'
import { codedError } from '../coded-error.ts'
import type { LookupLog } from './pseudonyms/lookup-log.ts'
import type { Pseudonymizer, TokenKind } from './pseudonyms/pseudonym.ts'
import type { IdentifierKind, IdentityStore } from './store.ts'

/** A desk that serves people looks up some a minute; whoever looks up a list of addresses needs hundreds. */
export const DEFAULT_LOOKUPS = 60

export interface ResolveOptions {
  readonly store: Pick<IdentityStore, 'holders'>
  readonly pseudonymizer: Pseudonymizer
  readonly log: LookupLog
  /** How many a client may make a minute. */
  readonly perMinute: number
}

export interface ResolveQuestion {
  readonly kind: IdentifierKind
  readonly value: string
  readonly grant: Grant | null
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * The pid of the one person a known identifier belongs to. Whether it is known is itself personal data: only who serves
 * that person may ask, each question is written down before it is answered, and nobody asks without limit.
 */
export async function resolveIdentity(
  { kind, value, grant, now }: ResolveQuestion,
  { store, pseudonymizer, log, perMinute }: ResolveOptions,
): Promise<string | null> {
  if (grant?.purpose !== 'customer_service') throw codedError('PURPOSE_NOT_ALLOWED', PLACE)
  const { client, actor, purpose, request } = grant
  const made = await log.append({ at: now, client, actor, purpose, request, kind }, now - MINUTE_MS)
  if (made > perMinute) throw codedError('LOOKUPS_LIMITED', PLACE)
  const [tokens] = await pseudonymizer.tokens([{ kind: DOMAINS[kind], value }])
  return holderOf(tokens?.sought ?? [], store)
}

const PLACE = 'Query.resolveIdentity'
const MINUTE_MS = 60_000

const DOMAINS: Readonly<Record<IdentifierKind, TokenKind>> = {
  EMAIL: 'email',
  PHONE: 'phone',
  LOYALTY: 'loyalty',
}

/** An identifier several people share names none of them: one person must never be answered for another. */
async function holderOf(
  tokens: readonly string[],
  store: Pick<IdentityStore, 'holders'>,
): Promise<string | null> {
  const holders = await store.holders(tokens)
  const [pid, ...others] = new Set([...holders.values()].flat())
  return pid !== undefined && others.length === 0 ? pid : null
}
