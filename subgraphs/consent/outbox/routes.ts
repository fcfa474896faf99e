import { bearerGuard } from '../../bearer-guard.ts'
import { sentenceOf, type SubgraphErrorCode } from '../../error-catalogue.ts'
import { jsonAnswer, type Route, type RouteAnswer, type RouteRequest } from '../../route.ts'
import type { ConsentStore } from '../store.ts'
import type { Consumer } from './consumer.ts'
import type { Lag } from './lag.ts'
import type { OutboxStore } from './outbox-store.ts'
import { pullChanges } from './pull.ts'
import { isRevision, traceChange } from './trace.ts'
import { metricsRoute } from '../../metrics-route.ts'

export interface OutboxRoutesOptions {
  readonly store: Pick<ConsentStore, 'changesAfter' | 'revisionOf'>
  readonly outbox: OutboxStore
  /** What each `pull` consumer proves itself with. */
  readonly tokens: ReadonlyMap<string, string>
  /** What whoever operates the service proves themselves with; null: nobody does. */
  readonly operatorToken: string | null
  readonly clock: () => number
  readonly lags: () => Promise<readonly Lag[]>
  /** The metrics of the service, in the text format of Prometheus. */
  readonly metrics: () => Promise<string>
  /** Something was redelivered or resumed. */
  readonly wake: (consumer: string) => void
}

type Answer = (request: RouteRequest) => Promise<RouteAnswer>

/** What consumers fetch and acknowledge by, and what operators look at. */
export function outboxRoutes(options: OutboxRoutesOptions): readonly Route[] {
  const { outbox, lags, metrics, operatorToken, tokens } = options
  const operator = (answer: Answer): Answer => bearerGuard(() => operatorToken, answer)
  const consumer = (answer: Answer): Answer =>
    bearerGuard(({ params }) => tokens.get(params['name'] ?? '') ?? null, answer)
  const at = '/consent/v1/consumers'
  return [
    { method: 'GET', path: `${at}/:name/changes`, answer: consumer((request) => changes(request, options)) },
    { method: 'POST', path: `${at}/:name/ack`, answer: consumer((request) => acknowledge(request, options)) },
    {
      method: 'GET',
      path: at,
      answer: operator(async () => jsonAnswer(200, { consumers: (await lags()).map(shownLag) })),
    },
    {
      method: 'POST',
      path: `${at}/:name/redeliver`,
      answer: operator((request) => redeliver(request, options)),
    },
    {
      method: 'POST',
      path: `${at}/:name/resume`,
      answer: operator(async ({ params }) => {
        const name = params['name'] ?? ''
        if (!(await known(outbox, name))) return refused(404, 'UNKNOWN_CONSUMER', 'name')
        await outbox.setStatus(name, 'active')
        options.wake(name)
        return jsonAnswer(200, {})
      }),
    },
    {
      method: 'GET',
      path: '/consent/v1/trace/:change',
      answer: operator((request) => trace(request, options)),
    },
    metricsRoute(operatorToken, metrics),
  ]
}

async function changes({ params, query }: RouteRequest, options: OutboxRoutesOptions): Promise<RouteAnswer> {
  const consumer = await known(options.outbox, params['name'] ?? '')
  if (!consumer) return refused(404, 'UNKNOWN_CONSUMER', 'name')
  const after = query.get('after')
  const limit = query.get('limit') ?? '500'
  if (after !== null && !isRevision(after)) return refused(400, 'INVALID_REVISION', 'after')
  if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > 1000)
    return refused(400, 'BAD_REQUEST', 'limit, 1 to 1000')
  const page = await pullChanges(consumer, { after, limit: Number(limit), at: options.clock() }, options)
  return page === null ? refused(409, 'NEVER_HANDED_OUT', 'after') : jsonAnswer(200, page)
}

async function acknowledge(request: RouteRequest, options: OutboxRoutesOptions): Promise<RouteAnswer> {
  const { outbox, clock } = options
  const name = request.params['name'] ?? ''
  const position = member(request.text, 'position')
  if (!isRevision(position)) return refused(400, 'INVALID_REVISION', 'position')
  if (!(await outbox.acknowledge(name, position, clock())))
    return refused(409, 'NEVER_HANDED_OUT', 'position')
  return jsonAnswer(200, { position: (await known(outbox, name))?.position ?? position })
}

async function redeliver(
  request: RouteRequest,
  { outbox, clock, wake }: OutboxRoutesOptions,
): Promise<RouteAnswer> {
  const name = request.params['name'] ?? ''
  if (!(await known(outbox, name))) return refused(404, 'UNKNOWN_CONSUMER', 'name')
  const revisions = member(request.text, 'revisions') ?? null
  if (revisions !== null && !(Array.isArray(revisions) && revisions.every(isRevision)))
    return refused(400, 'INVALID_REVISION', 'revisions')
  const redelivered = await outbox.redeliver(name, revisions, clock())
  wake(name)
  return jsonAnswer(200, { redelivered })
}

async function trace({ params }: RouteRequest, options: OutboxRoutesOptions): Promise<RouteAnswer> {
  const found = await traceChange(params['change'] ?? '', options)
  return found === null ? refused(404, 'UNKNOWN_CHANGE', 'path') : jsonAnswer(200, found)
}

function shownLag({ consumer, behind, oldestMs, state }: Lag): object {
  const { name, kind, scopes, slaMs, position, handedOut, escalated, retrying } = consumer
  return { name, kind, scopes, position, handedOut, behind, oldestMs, slaMs, escalated, retrying, state }
}

async function known(outbox: OutboxStore, name: string): Promise<Consumer | undefined> {
  return (await outbox.consumers()).find((consumer) => consumer.name === name)
}

/** Undefined for a body that is no object, or has no such member. */
function member(text: string, name: string): unknown {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
      ? (body as Record<string, unknown>)[name]
      : undefined
  } catch {
    return undefined
  }
}

function refused(status: number, code: SubgraphErrorCode, place: string): RouteAnswer {
  return jsonAnswer(status, failure(code, place))
}

function failure(code: SubgraphErrorCode, place: string): object {
  return { errors: [{ message: sentenceOf(code, place), extensions: { code } }] }
}
