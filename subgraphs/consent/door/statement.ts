import { Refusal } from './refusal.ts'

/** What one person says, in one breath, about several scopes. */
export interface Statement {
  /** Made by who sends it: the same statement sent again is written once. */
  readonly id: string
  readonly action: Action
  readonly scopes: readonly string[]
  readonly channel: string | null
  readonly region: string | null
  readonly brand: string | null
  /** ISO 8601; null: until it is withdrawn. */
  readonly expiresAt: string | null
  /** How long it waited until it could be sent: what it is about was said then. */
  readonly secondsAgo: number
  /** Where in an app or on a page it was said. */
  readonly surface: string
  /** The words that were shown. */
  readonly notice: { readonly version: string; readonly language: string } | null
}

export type Action = 'give' | 'refuse' | 'withdraw'

const MEMBERS = new Set([
  'id',
  'action',
  'scopes',
  'channel',
  'region',
  'brand',
  'expiresAt',
  'secondsAgo',
  'surface',
  'notice',
])
const MOST_SCOPES = 100
const MOST_SECONDS = 400 * 86_400

/** Reads the body of a submission; scopes, channel, region and end are judged where receipts are written. */
export function readStatement(text: string): Statement {
  const body = asObject(parsed(text), 'body')
  // A member that is not understood may change what is meant, so nothing is guessed.
  for (const name of Object.keys(body)) if (!MEMBERS.has(name)) throw invalid('body')
  const { id, action, scopes } = body
  if (typeof id !== 'string' || !/^[\w-]{16,64}$/.test(id)) throw invalid('id')
  if (action !== 'give' && action !== 'refuse' && action !== 'withdraw') throw invalid('action')
  if (
    !Array.isArray(scopes) ||
    scopes.length > MOST_SCOPES ||
    !scopes.every((scope) => typeof scope === 'string')
  )
    throw invalid('scopes')
  return {
    id,
    action,
    scopes,
    channel: textOrNull(body, 'channel'),
    region: textOrNull(body, 'region'),
    brand: textOrNull(body, 'brand'),
    expiresAt: textOrNull(body, 'expiresAt'),
    secondsAgo: secondsIn(body),
    surface: textOrNull(body, 'surface') ?? 'sdk',
    notice: noticeIn(body),
  }
}

function invalid(place: string): Refusal {
  return new Refusal('STATEMENT_INVALID', place)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('body')
  }
}

function asObject(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(place)
  return value as Record<string, unknown>
}

function textOrNull(body: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = body[name] ?? null
  if (value !== null && (typeof value !== 'string' || value.length > 64)) throw invalid(name)
  return value
}

function secondsIn({ secondsAgo = 0 }: Readonly<Record<string, unknown>>): number {
  if (typeof secondsAgo !== 'number' || !Number.isInteger(secondsAgo)) throw invalid('secondsAgo')
  if (secondsAgo < 0 || secondsAgo > MOST_SECONDS) throw invalid('secondsAgo')
  return secondsAgo
}

function noticeIn(body: Readonly<Record<string, unknown>>): Statement['notice'] {
  if (body['notice'] === undefined || body['notice'] === null) return null
  const notice = asObject(body['notice'], 'notice')
  const version = textOrNull(notice, 'version')
  const language = textOrNull(notice, 'language')
  if (version === null || language === null) throw invalid('notice')
  return { version, language }
}
