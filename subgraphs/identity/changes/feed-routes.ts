import { bearerGuard } from '../../bearer-guard.ts'
import { sentenceOf, type SubgraphErrorCode } from '../../error-catalogue.ts'
import { jsonAnswer, type Route, type RouteAnswer, type RouteRequest } from '../../route.ts'
import {
  type ChangeFeed,
  type FeedConsumer,
  isPosition,
  type Position,
  toIdentityEvent,
} from './change-feed.ts'
import { metricsRoute } from '../../metrics-route.ts'

export interface FeedRoutesOptions {
  readonly feed: ChangeFeed
  /** What each `pull` consumer proves itself with. */
  readonly tokens: ReadonlyMap<string, string>
  /** What whoever operates the service proves themselves with; null: nobody does. */
  readonly operatorToken: string | null
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>
  /** Ends early when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

const LONGEST_WAIT_MS = 30_000
const AT = '/identity/v1'

/** What consumers of pids fetch and acknowledge by. */
export function feedRoutes(options: FeedRoutesOptions): readonly Route[] {
  const { tokens, operatorToken, metrics, feed } = options
  const consumer = (answer: Route['answer']): Route['answer'] =>
    bearerGuard(({ query }) => tokens.get(query.get('consumer') ?? '') ?? null, answer)
  return [
    { method: 'GET', path: `${AT}/changes`, answer: consumer((request) => changes(request, options)) },
    { method: 'POST', path: `${AT}/changes/ack`, answer: consumer((request) => acknowledge(request, feed)) },
    metricsRoute(operatorToken, metrics),
  ]
}

async function changes({ query }: RouteRequest, options: FeedRoutesOptions): Promise<RouteAnswer> {
  const { feed } = options
  const known = await consumerNamed(query.get('consumer') ?? '', feed)
  if (known === undefined) return refused(404, 'UNKNOWN_CONSUMER', 'consumer')
  const after = query.get('after') ?? known.position
  if (!isPosition(after)) return refused(400, 'INVALID_REVISION', 'after')
  const limit = wholeIn(query.get('limit') ?? '500', { least: 1, most: 1_000 })
  if (limit === null) return refused(400, 'BAD_REQUEST', 'limit, 1 to 1000')
  const wait = wholeIn(query.get('wait') ?? '0', { least: 0, most: LONGEST_WAIT_MS })
  if (wait === null) return refused(400, 'BAD_REQUEST', `wait, at most ${LONGEST_WAIT_MS}`)
  if (BigInt(after) > BigInt(known.handedOut)) return refused(409, 'NEVER_HANDED_OUT', 'after')
  const page = await pageAfter(after, { limit, wait }, options)
  const position = page.at(-1)?.position ?? after
  await feed.handOut(known.name, position)
  return jsonAnswer(200, { changes: page.map(toIdentityEvent), position, more: page.length === limit })
}

/** At once where there is something, else when something comes, or when the time is over. */
async function pageAfter(
  after: Position,
  { limit, wait }: { readonly limit: number; readonly wait: number },
  { feed, pause }: FeedRoutesOptions,
): ReturnType<ChangeFeed['after']> {
  const round = new AbortController()
  const forget = feed.onWrite(() => round.abort())
  try {
    const page = await feed.after(after, limit)
    if (page.length > 0 || wait === 0) return page
    await pause(wait, round.signal)
    return await feed.after(after, limit)
  } finally {
    forget()
  }
}

async function acknowledge({ query, text }: RouteRequest, feed: ChangeFeed): Promise<RouteAnswer> {
  const name = query.get('consumer') ?? ''
  const position = positionIn(text)
  if (!isPosition(position)) return refused(400, 'INVALID_REVISION', 'position')
  if (!(await feed.acknowledge(name, position))) return refused(409, 'NEVER_HANDED_OUT', 'position')
  return jsonAnswer(200, { position: (await consumerNamed(name, feed))?.position ?? position })
}

async function consumerNamed(name: string, feed: ChangeFeed): Promise<FeedConsumer | undefined> {
  return (await feed.consumers()).find((consumer) => consumer.name === name)
}

function positionIn(text: string): unknown {
  try {
    return Object(JSON.parse(text))['position'] as unknown
  } catch {
    return undefined
  }
}

function wholeIn(
  written: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | null {
  const value = /^\d{1,6}$/.test(written) ? Number(written) : Number.NaN
  return value >= least && value <= most ? value : null
}

function refused(status: number, code: SubgraphErrorCode, place: string): RouteAnswer {
  return jsonAnswer(status, { errors: [{ message: sentenceOf(code, place), extensions: { code } }] })
}
