import { bearerGuard } from '../../bearer-guard.ts'
import { sentenceOf, SUBGRAPH_ERRORS, type SubgraphErrorCode } from '../../error-catalogue.ts'
import { jsonAnswer, type Route, type RouteAnswer, type RouteRequest } from '../../route.ts'
import type { Flow, Replayed } from '../flow.ts'
import type { PayloadSeal } from './payload-seal.ts'
import type { KeptFailure, ListAsked, QuarantineStore } from './quarantine-store.ts'

export interface QuarantineRoutesOptions {
  readonly flow: Pick<Flow, 'replay'>
  readonly quarantine: QuarantineStore
  readonly seal: PayloadSeal
  /** What whoever operates the service proves themselves with; null: nobody does. */
  readonly operatorToken: string | null
  readonly clock: () => number
}

const AT = '/events/v1/quarantine'

/** What `assent events quarantine` asks: what failed, why, and to try it again. */
export function quarantineRoutes(options: QuarantineRoutesOptions): readonly Route[] {
  const guarded = (answer: Route['answer']): Route['answer'] =>
    bearerGuard(() => options.operatorToken, answer)
  return [
    { method: 'GET', path: AT, answer: guarded((request) => list(request, options)) },
    { method: 'GET', path: `${AT}/:id`, answer: guarded((request) => show(request, options)) },
    { method: 'POST', path: `${AT}/replay`, answer: guarded((request) => replay(request, options)) },
    { method: 'POST', path: `${AT}/discard`, answer: guarded((request) => discard(request, options)) },
  ]
}

async function list({ query }: RouteRequest, { quarantine }: QuarantineRoutesOptions): Promise<RouteAnswer> {
  const limit = query.get('limit') ?? '100'
  if (!/^\d{1,4}$/.test(limit) || Number(limit) < 1 || Number(limit) > 1000)
    return refused(400, 'BAD_REQUEST', 'limit, 1 to 1000')
  const named = Object.fromEntries(FILTERS.flatMap((name) => [[name, query.get(name) ?? undefined]]))
  const state = query.get('state') ?? 'waiting'
  if (!isState(state)) return refused(400, 'BAD_REQUEST', 'state')
  const failures = await quarantine.list(asked({ ...named, state }, Number(limit)))
  return jsonAnswer(200, { failures: failures.map(shown), waiting: await quarantine.waiting() })
}

const FILTERS = ['code', 'source', 'type', 'after'] as const

const isState = (state: string): state is KeptFailure['state'] =>
  state === 'waiting' || state === 'replayed' || state === 'discarded'

/** Only what is text names anything. */
function asked(said: Readonly<Record<string, unknown>>, limit: number): ListAsked {
  const { state } = said
  const named = FILTERS.flatMap((name) =>
    typeof said[name] === 'string' ? [[name, said[name]] as const] : [],
  )
  return {
    ...Object.fromEntries(named),
    ...(typeof state === 'string' && isState(state) && { state }),
    limit,
  }
}

/** With the reason in words; times as instants. */
function shown({ envelope, firstAt, lastAt, expiresAt, ...failure }: KeptFailure): object {
  const { code, place } = failure
  return {
    ...failure,
    message: sentenceOf(code, place ?? undefined),
    remedy: SUBGRAPH_ERRORS[code].remedy,
    envelope: { ...envelope, occurredAt: instant(envelope.occurredAt) },
    firstAt: instant(firstAt),
    lastAt: instant(lastAt),
    payloadUntil: instant(expiresAt),
  }
}

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

async function show(
  { params }: RouteRequest,
  { quarantine, seal, clock }: QuarantineRoutesOptions,
): Promise<RouteAnswer> {
  const [entry] = await quarantine.read([params['id'] ?? ''], clock())
  if (entry === undefined) return refused(404, 'QUARANTINE_UNKNOWN', 'id')
  const { sealed, ...failure } = entry
  const envelope = sealed === null ? null : seal.open(entry.id, sealed)
  return jsonAnswer(200, { ...shown(failure), data: envelope?.data ?? null })
}

const AT_ONCE = 500

/** `{ ids }`, or everything that waits: `{ all: true }`, of a `code`, `source` or `type` where one is named, behind an entry (`after`). */
async function replay({ text }: RouteRequest, options: QuarantineRoutesOptions): Promise<RouteAnswer> {
  const said = objectIn(text)
  const ids = idsIn(said)
  const { flow } = options
  if (ids !== null) return jsonAnswer(200, { replayed: (await flow.replay(ids)).map(shownReplay) })
  if (said?.['all'] !== true) return refused(400, 'BAD_REQUEST', 'ids, or all')
  return jsonAnswer(200, await replayAll(said, options))
}

/** One request tries so many pages again, and what failed after it began is not among them: it ends, whatever comes meanwhile. */
const MOST_PAGES = 20

/** Counts, and behind which entry to go on where there are more. */
async function replayAll(
  said: Readonly<Record<string, unknown>>,
  { flow, quarantine, clock }: QuarantineRoutesOptions,
): Promise<object> {
  const [begun, counts] = [clock(), { stored: 0, duplicate: 0, quarantined: 0, without_payload: 0 }]
  let after = typeof said['after'] === 'string' ? said['after'] : undefined
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one page after the other
    const page = await quarantine.list(asked({ ...said, state: 'waiting', after }, AT_ONCE))
    const old = page.filter(({ firstAt }) => firstAt <= begun)
    // oxlint-disable-next-line no-await-in-loop
    for (const { outcome } of await flow.replay(old.map(({ id }) => id))) counts[outcome] += 1
    if (old.length < AT_ONCE) return counts
    after = page.at(-1)?.id
  }
  return { ...counts, after }
}

const shownReplay = ({ id, outcome, fault }: Replayed): object => ({
  id,
  outcome,
  ...(fault !== null && { ...fault, message: sentenceOf(fault.code, fault.place ?? undefined) }),
})

async function discard(
  { text }: RouteRequest,
  { quarantine, clock }: QuarantineRoutesOptions,
): Promise<RouteAnswer> {
  const ids = idsIn(objectIn(text))
  if (ids === null) return refused(400, 'BAD_REQUEST', 'ids')
  const there = (await quarantine.read(ids, clock())).filter(({ state }) => state === 'waiting')
  await quarantine.settle(
    there.map(({ id }) => id),
    'discarded',
    clock(),
  )
  return jsonAnswer(200, { discarded: there.length })
}

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const said: unknown = JSON.parse(text)
    return typeof said === 'object' && said !== null ? (said as Readonly<Record<string, unknown>>) : null
  } catch {
    return null
  }
}

function idsIn(said: Readonly<Record<string, unknown>> | null): readonly string[] | null {
  const ids = said?.['ids']
  const isList = Array.isArray(ids) && ids.length > 0 && ids.length <= AT_ONCE
  return isList && ids.every((id) => typeof id === 'string') ? ids : null
}

function refused(status: number, code: SubgraphErrorCode, place: string): RouteAnswer {
  return jsonAnswer(status, { errors: [{ message: sentenceOf(code, place), extensions: { code } }] })
}
