import { createHash, randomUUID } from 'node:crypto'
import { type Receipt, UNKNOWN_CIRCUMSTANCES } from '../../subgraphs/consent/receipts/receipt.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'

/** What everybody has said something about, one receipt each. */
const SAID_SCOPES = ['analytics', 'marketing_email', 'profiling'] as const

/** Their ids are in no order, as those of real people: neighbours in an index are strangers. */
export const subjectAt = (index: number): string =>
  createHash('sha256').update(`person ${index}`).digest('base64url').slice(0, 26)

export interface Loading {
  readonly subjects: number
  /** How many there are already, of a load that was broken off. */
  readonly from: number
  readonly progress: (subjects: number) => void
}

/** Fills a store through its own `append`: sealed, chained and signed as in service, two thousand people at a time. */
export const loadConsents = async (
  store: ConsentStore,
  { subjects, from, progress }: Loading,
): Promise<void> => {
  for (let start = from; start < subjects; start += AT_ONCE) {
    const end = Math.min(start + AT_ONCE, subjects)
    const people = Array.from({ length: end - start }, (_, index) => start + index)
    // eslint-disable-next-line no-await-in-loop -- writers take turns anyway
    await store.append(people.flatMap((person) => SAID_SCOPES.map((scope) => said(person, scope))))
    progress(end)
  }
}

const AT_ONCE = 2_000

const AT = Date.parse('2026-01-01')
const YEAR = 365 * 24 * 3_600_000

const said = (person: number, scope: (typeof SAID_SCOPES)[number]): Receipt => {
  const isYes = (person + SAID_SCOPES.indexOf(scope)) % 3 !== 0
  return {
    ...UNKNOWN_CIRCUMSTANCES,
    consentId: randomUUID(),
    statement: randomUUID(),
    subject: subjectAt(person),
    scope,
    channel: person % 5 === 0 ? 'web' : null,
    region: null,
    brand: null,
    status: isYes ? 'given' : 'withdrawn',
    at: AT + person,
    expiresAt: isYes ? AT + 10 * YEAR : null,
    source: 'form',
    surface: '/welcome',
    notice: { version: '2026-01', language: 'en' },
    legalBasis: 'dpv-gdpr:A6-1-a',
    controller: 'North Shops AB',
    version: 1,
    predecessor: null,
  }
}

/** What decisions have to answer about somebody, by scope, to who asks for no channel. */
export const saidAbout = (person: number): readonly (readonly [scope: string, status: string])[] =>
  SAID_BY[person % SAID_BY.length] ?? []

/** All there is: by what numbers people differ, and no more of them. */
const SAID_BY = Array.from({ length: 3 * 5 }, (_, person) =>
  SAID_SCOPES.map((scope): readonly [string, string] => {
    const { status, channel } = said(person, scope)
    return [scope, status === 'given' && channel !== null ? 'other_region' : status]
  }),
)
