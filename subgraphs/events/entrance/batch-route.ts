import { createHash } from 'node:crypto'
import { sentenceOf } from '../../error-catalogue.ts'
import type { Log } from '../../log.ts'
import { jsonAnswer, type RouteAnswer } from '../../route.ts'
import type { Outcome } from '../flow.ts'
import { eventIdIn } from '../read-line.ts'
import type { BatchMemory } from './batch-memory.ts'
import {
  codeOf,
  type EventRequest,
  type EventRoute,
  refused,
  refusedFor,
  RETRY,
  tell,
} from './event-route.ts'
import type { Answered, Intake } from './intake.ts'
import { linesOf, type NumberedLine, readBody } from './read-body.ts'
import type { Rooms } from './rooms.ts'

export interface BatchRouteOptions {
  readonly intake: Intake
  readonly rooms: Rooms
  readonly memory: BatchMemory
  /** Of what a source sent: useless to who wants to try out what it was. */
  readonly digest: (source: string, bytes: Buffer) => string
  /** By token, whose it is. */
  readonly tokens: ReadonlyMap<string, string>
  /** Of one batch, unpacked. */
  readonly mostBytes: number
  /** Events of one batch. */
  readonly mostEvents: number
  readonly clock: () => number
  readonly log?: Log
}

/** How long an answer is remembered for who did not hear it; after that an event that comes again is still stored once. */
const REMEMBERED_MS = 900_000

/** `POST /events/v1/batch`: NDJSON, answered when every line is committed, to the store or to quarantine. */
export function batchRoute(options: BatchRouteOptions): EventRoute {
  const sources = new Map([...options.tokens].map(([token, source]) => [hashed(token), source]))
  return {
    path: '/events/v1/batch',
    async answer(request) {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
      const source = token === undefined ? undefined : sources.get(hashed(token))
      if (source === undefined) return refused('TOKEN_REFUSED', 'authorization')
      return withRoom(source, request, options)
    },
  }
}

/** What a body may take is set aside before a byte of it is read, so that many at once cannot fill the memory. */
async function withRoom(
  source: string,
  request: EventRequest,
  options: BatchRouteOptions,
): Promise<RouteAnswer> {
  const { headers, body } = request
  if (!/^application\/(x-ndjson|jsonl)\b/.test(headers['content-type'] ?? ''))
    return refused('BATCH_TYPE_UNKNOWN', 'content-type')
  const encoding = headers['content-encoding'] ?? ''
  const declared = Number(headers['content-length'] ?? Number.NaN)
  if (declared > options.mostBytes) return refused('EVENTS_TOO_MANY')
  const isKnown = encoding === '' && Number.isFinite(declared)
  const room = options.rooms.reserve(isKnown ? declared : options.mostBytes)
  if (room === null) return refused('EVENTS_BUSY')
  try {
    const read = await readBody(body, encoding, options.mostBytes)
    if ('code' in read) return refused(read.code)
    room.shrinkTo(read.bytes.length)
    return await taken({ source, key: headers['idempotency-key'], bytes: read.bytes }, options)
  } finally {
    room.release()
  }
}

interface Batch {
  readonly source: string
  readonly key: string | string[] | undefined
  readonly bytes: Buffer
}

async function taken({ source, key, bytes }: Batch, options: BatchRouteOptions): Promise<RouteAnswer> {
  if (key !== undefined && !isKey(key)) return refused('IDEMPOTENCY_KEY_INVALID', 'idempotency-key')
  const lines = linesOf(bytes)
  if (lines.length > options.mostEvents)
    return refused('EVENTS_TOO_MANY', `at most ${options.mostEvents} events`)
  try {
    return key === undefined
      ? await submitted(source, lines, options)
      : await onceUnder(key, { source, bytes, lines }, options)
  } catch (error) {
    return refusedFor(error, options.log)
  }
}

const isKey = (key: string | string[]): key is string =>
  typeof key === 'string' && /^[\x21-\x7e]{1,128}$/.test(key)

interface KeyedBatch {
  readonly source: string
  readonly bytes: Buffer
  readonly lines: readonly NumberedLine[]
}

/** Who did not hear the answer hears it again. Two at once do no harm: an event is stored once. */
async function onceUnder(
  key: string,
  { source, bytes, lines }: KeyedBatch,
  options: BatchRouteOptions,
): Promise<RouteAnswer> {
  const { memory, digest, clock, log } = options
  // A key is a text of somebody else, who may have put anything into it.
  const name = digest(source, Buffer.from(key))
  const sent = digest(source, bytes)
  const before = await memory.find(source, name, clock())
  if (before !== null)
    return before.digest === sent
      ? answered(lines, retold(before.outcomes, lines), REPLAYED)
      : refused('IDEMPOTENCY_KEY_REUSED')
  const outcomes = await options.intake.submit(lines.map(({ line }) => ({ source, line })))
  if (outcomes === null) return refused('EVENTS_BUSY')
  // What was not judged is judged when it comes again, under the same key, too.
  const judged = outcomes.flatMap((outcome) => (outcome.outcome === 'unjudged' ? [] : nameless(outcome)))
  const until = clock() + REMEMBERED_MS
  if (judged.length === outcomes.length)
    await memory.keep(source, name, { digest: sent, outcomes: JSON.stringify(judged), until })
  return answered(lines, told(outcomes, log))
}

/** An event is called as its source likes: what it is called stands in the batch that is sent again, and nowhere else. */
const nameless = (outcome: Outcome): Outcome =>
  outcome.eventId === null ? outcome : { ...outcome, eventId: '' }

function retold(outcomes: string, lines: readonly NumberedLine[]): readonly Outcome[] {
  return (JSON.parse(outcomes) as readonly Outcome[]).map((outcome, at): Outcome => {
    const line = lines[at]?.line
    return outcome.eventId === null || line === undefined
      ? outcome
      : { ...outcome, eventId: eventIdIn(line) ?? '' }
  })
}

async function submitted(
  source: string,
  lines: readonly NumberedLine[],
  { intake, log }: BatchRouteOptions,
): Promise<RouteAnswer> {
  const outcomes = await intake.submit(lines.map(({ line }) => ({ source, line })))
  return outcomes === null ? refused('EVENTS_BUSY') : answered(lines, told(outcomes, log))
}

/** Why lines were not judged is for the log, once. */
function told(outcomes: readonly Answered[], log?: Log): readonly Answered[] {
  const unjudged = outcomes.find((one) => one.outcome === 'unjudged')
  if (unjudged !== undefined) tell(unjudged.error, log)
  return outcomes
}

const REPLAYED = { 'idempotent-replayed': 'true' }

/** 207 (RFC 4918, 11.1): not every line has become what was asked for, and each says itself what has become of it. */
function answered(
  lines: readonly NumberedLine[],
  outcomes: readonly Answered[],
  headers: Readonly<Record<string, string>> = {},
): RouteAnswer {
  const isWhole = outcomes.every(({ outcome }) => outcome !== 'unjudged')
  const answer = isWhole ? jsonAnswer(200, null, headers) : jsonAnswer(207, null, { ...headers, ...RETRY })
  return { ...answer, body: JSON.stringify(shown(lines, outcomes)) }
}

/** Each line with what came of it; the values of none. */
function shown(lines: readonly NumberedLine[], outcomes: readonly Answered[]): object {
  const counts: Partial<Record<Answered['outcome'], number>> = { stored: 0, duplicate: 0, quarantined: 0 }
  for (const { outcome } of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1
  return {
    ...counts,
    events: outcomes.map((outcome, at) => ({
      line: lines[at]?.number ?? 0,
      ...shownAnswer(outcome, lines[at]),
    })),
  }
}

function shownAnswer(answer: Answered, line: NumberedLine | undefined): object {
  if (answer.outcome !== 'unjudged') return shownOutcome(answer)
  const code = codeOf(answer.error)
  const eventId = line === undefined ? null : eventIdIn(line.line)
  return { outcome: 'unjudged', eventId, code, message: sentenceOf(code) }
}

export function shownOutcome(outcome: Outcome): object {
  if (outcome.outcome !== 'quarantined') return outcome
  const { eventId, fault, id } = outcome
  const { code, stage, place } = fault
  return {
    outcome: 'quarantined',
    eventId,
    code,
    stage,
    place,
    message: sentenceOf(code, place ?? undefined),
    quarantine: id,
  }
}

const hashed = (given: string): string => createHash('sha256').update(given).digest('hex')
