import { createHash, timingSafeEqual } from 'node:crypto'
import { bearerGuard } from '../bearer-guard.ts'
import { sentenceOf, type SubgraphErrorCode } from '../error-catalogue.ts'
import { RETRY_SECONDS } from '../retry-seconds.ts'
import { jsonAnswer, type Route, type RouteAnswer, type RouteRequest } from '../route.ts'
import { type ProfileWritesParts, takeProfileWrites } from './profile-writes.ts'
import { settle } from './settle.ts'
import { shownAttribute } from './shown-attribute.ts'

export interface OwnershipRoutesOptions extends ProfileWritesParts {
  /** By system; one without a token writes nothing. */
  readonly systemTokens: ReadonlyMap<string, string>
  /** Of whoever helps people with what stands there about them; null: nobody. */
  readonly operatorToken: string | null
}

const MOST_LINES = 5_000

/**
 * `POST /profile/v1/writes`: one write a line, one outcome a line, in the order of the lines. `GET …/people/:pid/:attribute`:
 * what holds there, what lost, and why.
 */
export function ownershipRoutes(options: OwnershipRoutesOptions): readonly Route[] {
  const { operatorToken } = options
  const show = bearerGuard(
    () => operatorToken,
    ({ params }) => shown(params, options),
  )
  return [
    { method: 'POST', path: '/profile/v1/writes', answer: (request) => take(request, options) },
    { method: 'GET', path: '/profile/v1/people/:pid/:attribute', answer: show },
  ]
}

async function shown(
  { pid = '', attribute: name = '' }: RouteRequest['params'],
  { registry, store, currency, clock }: OwnershipRoutesOptions,
): Promise<RouteAnswer> {
  const attribute = registry.attributes.get(name)
  if (attribute === undefined) return refused(404, 'UNKNOWN_ATTRIBUTE')
  const now = clock()
  if (!currency.isCurrent(now)) return notCurrent()
  const settled = settle(await store.of([{ pid, attribute: name }], now), attribute)
  // It may have run out while the store was asked.
  if (!currency.isCurrent(clock())) return notCurrent()
  return jsonAnswer(200, shownAttribute(settled, attribute, registry))
}

async function take(request: RouteRequest, options: OwnershipRoutesOptions): Promise<RouteAnswer> {
  const system = systemOf(request, options.systemTokens)
  if (system === null) return refused(401, 'TOKEN_REFUSED', { 'www-authenticate': 'Bearer' })
  const lines = request.text.split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length > MOST_LINES) return refused(413, 'PROFILE_BATCH_TOO_LARGE')
  if (!options.currency.isCurrent(options.clock())) return notCurrent()
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

const notCurrent = (): RouteAnswer =>
  refused(503, 'OWNERSHIP_NOT_CURRENT', { 'retry-after': String(RETRY_SECONDS) })

function refused(
  status: number,
  code: SubgraphErrorCode,
  headers: Readonly<Record<string, string>> = {},
): RouteAnswer {
  return jsonAnswer(status, { errors: [{ message: sentenceOf(code), extensions: { code } }] }, headers)
}
