import { jsonAnswer, type Route, type RouteAnswer, type RouteRequest } from '../../route.ts'
import { sentenceOf } from '../../error-catalogue.ts'
import { shownHistory, shownMe, shownReceipt } from './me.ts'
import type { Person } from './person-token.ts'
import { chooseLanguage, createNotices, LANGUAGES, type Notice } from './plain-words.ts'
import type { DoorParts } from './ports.ts'
import { createRateLimit } from './rate-limit.ts'
import { atStore, Refusal, refusalAnswer } from './refusal.ts'
import { readStatement, type Statement } from './statement.ts'
import { provenSubmission, writeOnce } from './submit.ts'

/** Most withdrawals are in force by then; of the others the person is told that they are on their way. */
const EFFECT_WAIT_MS = 1_500

type Answering = (request: RouteRequest, person: Person) => Promise<RouteAnswer>

/** What a person does with their own consent, over HTTP: read it, say something about it, get the proof of it. */
export function createDoor(parts: DoorParts): readonly Route[] {
  const notices = createNotices(parts.vocabulary, parts.responsible)
  const reads = createRateLimit(parts.settings.requestsPerMinute, parts.clock)
  const writes = createRateLimit(parts.settings.requestsPerMinute, parts.clock)
  const guarded = (limit: (pid: string) => void, answering: Answering) =>
    guard(parts, async (request) => {
      const person = await parts.verify(request.headers.authorization)
      limit(person.pid)
      return answering(request, person)
    })
  const noticeFor = ({ query, headers }: RouteRequest): Notice =>
    notices.get(chooseLanguage(query.get('language'), headers['accept-language'])) as Notice

  const addresses: readonly Route[] = [
    {
      method: 'GET',
      path: '/consent/v1/me',
      answer: guarded(reads, (request, person) =>
        readMe(parts, { request, person, notice: noticeFor(request) }),
      ),
    },
    {
      method: 'GET',
      path: '/consent/v1/me/history',
      answer: guarded(reads, async (request, { pid }) => {
        const receipts = await atStore(() => parts.store.history(pid))
        return jsonAnswer(200, shownHistory(receipts.toReversed(), noticeFor(request)))
      }),
    },
    {
      method: 'GET',
      path: '/consent/v1/me/receipts/:id',
      answer: guarded(reads, ({ params }, person) => readReceipt(parts, person, params['id'] ?? '')),
    },
    {
      method: 'GET',
      path: '/consent/v1/me/revisions/:revision',
      answer: guarded(reads, ({ params }) => readEffectiveness(parts, params['revision'] ?? '')),
    },
    {
      method: 'POST',
      path: '/consent/v1/statements',
      answer: guarded(writes, (request, person) => submit(parts, { request, person, notices })),
    },
  ]
  return [...addresses, ...addresses.map(({ path, method }) => preflight(parts, path, method))]
}

interface Reading {
  readonly request: RouteRequest
  readonly person: Person
  readonly notice: Notice
}

async function readMe(parts: DoorParts, { request, person, notice }: Reading): Promise<RouteAnswer> {
  const { store, clock, globalPrivacyControl } = parts
  const place = { region: placeIn(request, 'region'), brand: placeIn(request, 'brand') }
  const hasGpc = request.headers['sec-gpc'] === '1'
  const useOf = await parts.usesSeenFrom({ ...place, gpc: hasGpc ? '1' : null })
  if (hasGpc) await atStore(async () => globalPrivacyControl(person.pid, clock()))
  const records = await atStore(() => store.records([person.pid]))
  const record = records.get(person.pid) ?? { revision: '0', blocked: null, latest: [] }
  return jsonAnswer(200, {
    ...shownMe(record, { notice, place, useOf, now: clock() }),
    place,
    languages: LANGUAGES,
    signals: { globalPrivacyControl: hasGpc },
  })
}

/** Where a person looks from; empty is not stated. */
function placeIn({ query }: RouteRequest, name: 'region' | 'brand'): string | null {
  const value = query.get(name) ?? ''
  if (!/^[\w.-]{0,64}$/.test(value)) throw new Refusal('INVALID_CONTEXT', name)
  return value === '' ? null : value
}

/** Another person's receipt is as unknown as one that never was. */
async function readReceipt(
  { store, exportReceipt }: DoorParts,
  { pid }: Person,
  id: string,
): Promise<RouteAnswer> {
  const receipt = await atStore(() => store.receipt(id))
  if (receipt?.subject !== pid) throw new Refusal('RECEIPT_UNKNOWN', 'id')
  return jsonAnswer(200, exportReceipt(receipt))
}

async function readEffectiveness({ effectivenessOf }: DoorParts, revision: string): Promise<RouteAnswer> {
  if (!/^\d{1,18}$/.test(revision)) throw new Refusal('INVALID_REVISION', 'revision')
  return jsonAnswer(200, {
    revision,
    effective: await atStore(() => effectivenessOf(revision, EFFECT_WAIT_MS)),
  })
}

interface Submitting {
  readonly request: RouteRequest
  readonly person: Person
  readonly notices: ReadonlyMap<string, Notice>
}

async function submit(parts: DoorParts, { request, person, notices }: Submitting): Promise<RouteAnswer> {
  const { evidence } = await provenSubmission(parts, person, { method: 'POST', ...request })
  const statement = readStatement(request.text)
  requireCurrent(statement, notices)
  const receipts = await writeOnce(parts, person, { statement, proof: evidence })
  const records = await atStore(() => parts.store.records([person.pid]))
  const revision = records.get(person.pid)?.revision ?? '0'
  const effective = await atStore(() => parts.effectivenessOf(revision, EFFECT_WAIT_MS))
  return jsonAnswer(
    200,
    { statement: statement.id, revision, effective, receipts: receipts.map(shownReceipt) },
    { 'x-consent-revision': revision },
  )
}

/** A yes is to the words that were shown (GDPR Art. 7(1)); a no needs no words. */
function requireCurrent({ action, notice }: Statement, notices: ReadonlyMap<string, Notice>): void {
  if (action !== 'give') return
  if (notice === null) throw new Refusal('STATEMENT_INVALID', 'notice')
  if (notices.get(notice.language)?.version !== notice.version) throw new Refusal('NOTICE_STALE', 'notice')
}

/** Who may not ask from where they are is refused before anything is read; what is thrown is answered by its code. */
function guard(
  { settings, clock, log }: DoorParts,
  answering: (request: RouteRequest) => Promise<RouteAnswer>,
): (request: RouteRequest) => Promise<RouteAnswer> {
  return async (request) => {
    const { origin } = request.headers
    if (!isAllowed(origin, settings))
      return refusalAnswer(new Refusal('ORIGIN_NOT_ALLOWED', 'header origin')) as RouteAnswer
    const answer = await answering(request).catch((thrown: unknown) => {
      const { cause, name } = thrown as Error
      const refusal = refusalAnswer(thrown)
      if (refusal === null || cause !== undefined)
        log?.(
          { error: name, cause: (cause as Error | undefined)?.name },
          'A request of a person could not be answered.',
        )
      return refusal ?? failed()
    })
    // What a browser corrects its clock by, before it signs again.
    const date = new Date(clock()).toUTCString()
    return { ...answer, headers: { ...answer.headers, date, ...readableBy(origin) } }
  }
}

function failed(): RouteAnswer {
  return jsonAnswer(500, { errors: [{ message: sentenceOf('INTERNAL'), extensions: { code: 'INTERNAL' } }] })
}

/** What is not a page has no origin; its proofs name one all the same. */
function isAllowed(origin: string | undefined, { url, origins }: DoorParts['settings']): boolean {
  return origin === undefined || origin === url() || origins.includes(origin)
}

function readableBy(origin: string | undefined): Readonly<Record<string, string>> {
  if (origin === undefined) return { vary: 'origin' }
  return {
    vary: 'origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': 'date, retry-after, x-consent-revision',
  }
}

function preflight({ settings }: DoorParts, path: string, method: string): Route {
  return {
    method: 'OPTIONS',
    path,
    async answer({ headers: { origin } }) {
      if (origin === undefined || !isAllowed(origin, settings))
        return refusalAnswer(new Refusal('ORIGIN_NOT_ALLOWED', 'header origin')) as RouteAnswer
      return {
        status: 204,
        headers: {
          ...readableBy(origin),
          'access-control-allow-methods': method,
          'access-control-allow-headers': 'authorization, content-type, consent-proof',
          'access-control-max-age': '600',
        },
      }
    },
  }
}
