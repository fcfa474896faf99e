import type { Vocabulary } from '../../../directives/vocabulary.ts'
import { codedError } from '../../coded-error.ts'
import type { Circumstances, Notice } from './receipt.ts'

/** What a person says about some scopes at once, as it comes from outside. */
export interface ConsentInput {
  readonly pid: string
  readonly scopes: readonly string[]
  readonly channel?: string | null
  readonly region?: string | null
  readonly brand?: string | null
  readonly expiresAt?: string | null
  readonly source: string
  /** Repeated with the same id, it is taken once. */
  readonly statement?: string | null
  /** When it was said, where that was before now. */
  readonly at?: string | null
  readonly surface?: string | null
  readonly notice?: { readonly version: string; readonly language?: string | null } | null
  readonly legalBasis?: string | null
  readonly controller?: string | null
  readonly recipients?: readonly string[] | null
  readonly withdrawalMethod?: string | null
  readonly proof?: string | null
}

/** The same, checked and complete. */
export interface ConsentWords extends Omit<Circumstances, 'actor'> {
  readonly scopes: readonly string[]
  readonly where: {
    readonly channel: string | null
    readonly region: string | null
    readonly brand: string | null
  }
  readonly source: string
  readonly at: number
  readonly expiresAt: number | null
}

/** How far a clock that tells when something was said may be ahead of ours. */
export const SKEW_MS = 5_000

/** Throws a coded error for the first thing that cannot be recorded, without repeating it. */
export function readConsentInput(
  input: ConsentInput,
  { vocabulary, now }: { readonly vocabulary: Vocabulary; readonly now: number },
): ConsentWords {
  checkScopes(input.scopes, vocabulary)
  const { source, channel = null, region = null, brand = null, surface = null } = input
  for (const [name, word] of Object.entries({ source, channel, region, brand, surface }))
    if (!/^[\w.:/-]{1,64}$/.test(word ?? 'any')) throw codedError('INVALID_CONTEXT', name)
  if (!/^[\w.:-]{8,128}$/.test(input.statement ?? 'statement'))
    throw codedError('INVALID_CIRCUMSTANCE', 'statement')
  return {
    scopes: [...new Set(input.scopes)],
    where: { channel, region, brand },
    source,
    surface,
    at: saidAt(input.at, now),
    expiresAt: endOf(input.expiresAt, now),
    notice: noticeOf(input.notice),
    legalBasis: line('legalBasis', input.legalBasis),
    controller: line('controller', input.controller),
    recipients: recipientsOf(input.recipients),
    withdrawalMethod: line('withdrawalMethod', input.withdrawalMethod),
    proof: input.proof ?? null,
  }
}

function checkScopes(scopes: readonly string[], vocabulary: Vocabulary): void {
  if (scopes.length === 0) throw codedError('NO_SCOPE', 'scopes')
  for (const scope of scopes) if (!vocabulary.scopes.has(scope)) throw codedError('UNKNOWN_SCOPE', 'scopes')
}

function saidAt(written: string | null | undefined, now: number): number {
  if (written === undefined || written === null) return now
  const at = instantOf(written)
  if (!(at <= now + SKEW_MS)) throw codedError('RECEIPT_FROM_THE_FUTURE', 'at')
  return Math.min(at, now)
}

function endOf(written: string | null | undefined, now: number): number | null {
  if (written === undefined || written === null) return null
  const end = instantOf(written)
  if (!(end > now)) throw codedError('INVALID_EXPIRY', 'expiresAt')
  return end
}

/** `NaN` when it is not ISO 8601 with a zone, or of a day that no calendar has: 30 February is not 2 March. */
export function instantOf(written: string): number {
  const [, day] = /^(\d{4}-\d\d-\d\d)(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.exec(written) ?? []
  return day !== undefined && isDay(day) ? Date.parse(written) : Number.NaN
}

function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}

function noticeOf(notice: ConsentInput['notice']): Notice | null {
  if (notice === undefined || notice === null) return null
  const { version, language = null } = notice
  if (!/^[\w.:/-]{1,64}$/.test(version)) throw codedError('INVALID_CIRCUMSTANCE', 'notice.version')
  if (!/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}$/.test(language ?? 'en'))
    throw codedError('INVALID_CIRCUMSTANCE', 'notice.language')
  return { version, language }
}

const MOST_RECIPIENTS = 100

function recipientsOf(recipients: readonly string[] | null | undefined): readonly string[] {
  const all = recipients ?? []
  if (all.length > MOST_RECIPIENTS) throw codedError('INVALID_CIRCUMSTANCE', 'recipients')
  return all.map((recipient) => line('recipients', recipient) ?? '')
}

/** One line of text that a person can read. */
function line(name: string, text: string | null | undefined): string | null {
  if (text === undefined || text === null) return null
  if (!/^[^\p{Cc}\p{Cs}\u2028\u2029]{1,256}$/u.test(text)) throw codedError('INVALID_CIRCUMSTANCE', name)
  return text
}
