import { createHash, timingSafeEqual } from 'node:crypto'
import { sentenceOf, type SubgraphErrorCode } from '../error-catalogue.ts'
import { RETRY_SECONDS } from '../retry-seconds.ts'
import { jsonAnswer, type Route, type RouteAnswer, type RouteRequest } from '../route.ts'
import { type ProfileWritesParts, takeProfileWrites } from './profile-writes.ts'

export interface OwnershipRoutesOptions extends ProfileWritesParts {
  /** By system; one without a token writes nothing. */
  readonly systemTokens: ReadonlyMap<string, string>
}

const MOST_LINES = 5_000

/** `POST /profile/v1/writes`: one write a line, one outcome a line, in the order of the lines. */
export function ownershipRoutes(options: OwnershipRoutesOptions): readonly Route[] {
  return [{ method: 'POST', path: '/profile/v1/writes', answer: (request) => take(request, options) }]
}

async function take(request: RouteRequest, options: OwnershipRoutesOptions): Promise<RouteAnswer> {
  const system = systemOf(request, options.systemTokens)
  if (system === null) return refused(401, 'TOKEN_REFUSED', { 'www-authenticate': 'Bearer' })
  const lines = request.text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length > MOST_LINES) return refused(413, 'PROFILE_BATCH_TOO_LARGE')
  if (!options.currency.isCurrent(options.clock()))
    return refused(503, 'OWNERSHIP_NOT_CURRENT', { 'retry-after': String(RETRY_SECONDS) })
  const outcomes = await takeProfileWrites(lines, system, options)
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson; charset=utf-8' },
    body: outcomes.map((outcome) => `${JSON.stringify(outcome)}\n`).join(''),
  }
}

/** Every token is compared, so that how long it takes tells nothing. */
function systemOf({ headers }: RouteRequest, tokens: ReadonlyMap<string, string>): string | null {
  const given = digest(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '')
  const [found = null] = [...tokens].filter(([, token]) => timingSafeEqual(digest(token), given))
  return found === null ? null : found[0]
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function refused(
  status: number,
  code: SubgraphErrorCode,
  headers: Readonly<Record<string, string>> = {},
): RouteAnswer {
  return jsonAnswer(status, { errors: [{ message: sentenceOf(code), extensions: { code } }] }, headers)
}
