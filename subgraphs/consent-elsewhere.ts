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

/** What events rest on, asked there. What is not understood to the letter throws, and nothing is judged by it. */
export function receiptsElsewhere({ url, key, clock }: Asking): ConsentReceipts {
  const peer = { subgraph: 'consent', peer: EVENTS_PEER, purpose: 'events' }
  const call = createSignedCaller({ ...peer, url, key, clock, timeoutMs: TIMEOUT_MS })
  const ask = async <T>(
    name: 'consentIds' | 'subjects',
    asked: readonly string[],
    read: (answer: Answer) => readonly T[],
  ): Promise<readonly T[]> => {
    const found: T[] = []
    for (let start = 0; start < asked.length; start += MOST_AT_ONCE) {
      const some = asked.slice(start, start + MOST_AT_ONCE)
      // oxlint-disable-next-line no-await-in-loop -- one question after the other
      found.push(...read(answerOf(await call('consent/v1/receipts', { [name]: some }))))
    }
    return found
  }
  return {
    basis: async (consentIds) =>
      new Map(await ask('consentIds', consentIds, ({ receipts }) => receipts.map(readReceipt))),
    samePeople: async (subjects) =>
      new Map(await ask('subjects', subjects, ({ people }) => people.map(readPeople))),
  }
}

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

function readReceipt(told: unknown): readonly [string, Basis] {
  const [id, subject, scope, status, at, expiresAt, revision] = Array.isArray(told) ? (told as unknown[]) : []
  const areTexts = isText(id) && isText(subject) && isText(scope) && isText(status)
  const isTime = typeof at === 'number' && (expiresAt === null || typeof expiresAt === 'number')
  if (!areTexts || !isTime || !isText(revision) || !/^\d{1,18}$/.test(revision)) throw new NotUnderstood()
  return [id, { subject, scope, status, at, expiresAt, revision }]
}

function readPeople(told: unknown): readonly [string, ReadonlySet<string>] {
  const [subject, pids] = Array.isArray(told) ? (told as unknown[]) : []
  if (!isText(subject) || !Array.isArray(pids) || !pids.every(isText)) throw new NotUnderstood()
  return [subject, new Set(pids)]
}

const isText = (value: unknown): value is string => typeof value === 'string'
