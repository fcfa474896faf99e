import { EVENTS_PEER } from './consent/receipt-call.ts'
import type { Basis, ConsentReceipts } from './events/consent-receipts.ts'
import { createSignedCaller } from './signed-caller.ts'

/** The consent service of another process, whoever has made it: docs/consent-protocol.md says what it answers. */
export interface ConsentElsewhere {
  /** Where it answers GraphQL. */
  readonly url: string
  /** The secret that it shares with who keeps rows that rest on consent. */
  readonly key: string
}

interface Asking extends ConsentElsewhere {
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

const TIMEOUT_MS = 5_000
const MOST_AT_ONCE = 5_000

/**
 * What events rest on, asked there. An answer that is not understood to the letter throws, and nothing is judged by it; where it
 * is one receipt of it, or one person, nothing rests on that one, and it keeps no other event from being judged.
 */
export function receiptsElsewhere({ url, key, clock }: Asking): ConsentReceipts {
  const peer = { subgraph: 'consent', peer: EVENTS_PEER, purpose: 'events' }
  const call = createSignedCaller({ ...peer, url, key, clock, timeoutMs: TIMEOUT_MS })
  const ask = async <T>(
    name: 'consentIds' | 'subjects',
    asked: readonly string[],
    read: (answer: Answer) => readonly Told<T>[],
  ): Promise<ReadonlyMap<string, T | null>> => {
    const found = new Map<string, T | null>()
    for (let start = 0; start < asked.length; start += MOST_AT_ONCE) {
      const some = asked.slice(start, start + MOST_AT_ONCE)
      // oxlint-disable-next-line no-await-in-loop -- one question after the other
      const told = read(answerOf(await call('consent/v1/receipts', { [name]: some })))
      const known = new Set(some)
      for (const [id, one] of told) {
        if (!known.has(id)) continue
        // Of two that are told of one, nobody knows which is meant.
        found.set(id, found.has(id) ? null : one)
      }
    }
    return found
  }
  return {
    basis: (consentIds) => ask('consentIds', consentIds, ({ receipts }) => receipts.map(readReceipt)),
    samePeople: (subjects) => ask('subjects', subjects, ({ people }) => people.map(readPeople)),
  }
}

/** Null: it is not understood. */
type Told<T> = readonly [id: string, told: T | null]

class NotUnderstood extends Error {
  constructor() {
    super('What the consent service answers of receipts is not understood.')
    this.name = 'NotUnderstood'
  }
}

interface Answer {
  readonly receipts: readonly unknown[]
  readonly people: readonly unknown[]
}

function answerOf(answer: unknown): Answer {
  const { receipts, people } = (answer ?? {}) as Readonly<Record<string, unknown>>
  if (!Array.isArray(receipts) || !Array.isArray(people)) throw new NotUnderstood()
  return { receipts, people }
}

/** Of what not even says whom it is about, nothing can be left out: all of it is not understood. */
function named(told: unknown): readonly [id: string, ...rest: unknown[]] {
  const [id, ...rest] = Array.isArray(told) ? (told as unknown[]) : []
  if (!isText(id)) throw new NotUnderstood()
  return [id, ...rest]
}

function readReceipt(told: unknown): Told<Basis> {
  const [id, subject, scope, status, at, expiresAt, revision] = named(told)
  const areTexts = isText(subject) && isText(scope) && isText(status)
  const areTimes = Number.isFinite(at) && (expiresAt === null || Number.isFinite(expiresAt))
  if (!areTexts || !areTimes || !isText(revision) || !/^\d{1,18}$/.test(revision)) return [id, null]
  return [id, { subject, scope, status, at: at as number, expiresAt: expiresAt as number | null, revision }]
}

function readPeople(told: unknown): Told<ReadonlySet<string>> {
  const [subject, pids] = named(told)
  return [subject, Array.isArray(pids) && pids.every(isText) ? new Set(pids) : null]
}

const isText = (value: unknown): value is string => typeof value === 'string'
