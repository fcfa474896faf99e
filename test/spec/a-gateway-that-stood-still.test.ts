import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createConsentSubgraph } from '../../gateway/adapters/consent-subgraph.ts'
import type { ConsentSource, ConsentState } from '../../gateway/ports.ts'
import { leaked } from '../support/canaries.ts'
import { canary, peopleGraph } from '../support/people-graph.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld, NOW, type WorldOptions } from '../support/world.ts'

/**
 * A process that stands still (memory pressure, a long computation) finds answers and timers waiting for it together, in any
 * order. What has run out meanwhile has run out: it is seen by the clocks when it is used, not by a timer that is late itself.
 */

const STALL_MS = 200
let stoodStillMs = 0

/** Both clocks go on while the process stands still; no timer fires. */
const standStill = () => void (stoodStillMs += STALL_MS)
const clock = () => NOW + stoodStillMs

beforeEach(() => {
  stoodStillMs = 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const started = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => started + stoodStillMs)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const worldOf = (options: Partial<WorldOptions>) => createWorld({ ...peopleGraph, clock, ...options })

describe('a gateway stands still while consent is waited for', () => {
  const QUERY = '{ person(id: "ada") { name email } }'

  /** Ada gave; the answer is on its way when the process stops. */
  const answeredMeanwhile = (timeoutMs: number, expiresAt: string | null = null): ConsentSource =>
    createConsentSubgraph({
      subgraph: 'consent',
      timeoutMs,
      clock,
      subgraphs: {
        send: async () => {
          standStill()
          const given = { scope: 'contact', status: 'GIVEN', receipt: 'receipt-1', expiresAt }
          const ada = { subject: 'ada', revision: '1', blocked: null, scopes: [given] }
          return { data: { consentStates: [ada] }, errors: [] }
        },
      },
    })

  test('for longer than the answer may take: it is too late, though no timer said so', async () => {
    const asked = await worldOf({ consent: answeredMeanwhile(STALL_MS - 1) }).ask(QUERY)
    expect(asked.data).toEqual({ person: { name: 'Ada', email: null } })
    expect(asked.withheld).toEqual(['Person.email person.email CONSENT_UNAVAILABLE 1'])
    expect(sentLines(asked.sent)).toEqual(['people: person{name id}'])
    expect(leaked(asked, [])).toEqual([])
  })

  test('for no longer than that: it is an answer', async () => {
    const asked = await worldOf({ consent: answeredMeanwhile(STALL_MS) }).ask(QUERY)
    expect(asked.data).toEqual({ person: { name: 'Ada', email: canary('ada', 'email') } })
  })

  test('beyond the end of a consent: what was still given when it was asked has run out', async () => {
    const expiresAt = new Date(NOW + STALL_MS).toISOString()
    const asked = await worldOf({ consent: answeredMeanwhile(1000, expiresAt) }).ask(QUERY)
    expect(asked.withheld).toEqual(['Person.email person.email EXPIRED 1'])
    expect(sentLines(asked.sent)).toEqual(['people: person{name id}'])
    expect(leaked(asked, [])).toEqual([])
  })
})

describe('what is known of consent is looked at by the clock of each request to a subgraph', () => {
  const untilMs = (ms: number): Pick<ConsentSource, 'load'> => ({
    load: async (subjects) => {
      const given = { status: 'given', receipt: 'receipt-1', expiresAt: NOW + ms } as const
      const scopes = new Map([
        ['contact', given],
        ['profiling', given],
      ])
      return new Map(
        subjects.map((subject): [string, ConsentState] => [subject, { subject, revision: '1', scopes }]),
      )
    },
  })
  /** The e-mail is read from one subgraph and handed to another, which computes with it. */
  const QUERY = '{ person(id: "ada") { churn } }'
  const tamper: WorldOptions['tamper'] = ({ document }, response) => {
    if (document.includes('email')) standStill()
    return response
  }

  test('what runs out between two of them is not handed to the second', async () => {
    const asked = await worldOf({ consent: untilMs(STALL_MS), tamper }).ask(QUERY)
    expect(asked.data).toEqual({ person: { churn: null } })
    expect(asked.withheld).toEqual(['Person.churn person.churn EXPIRED 1'])
    expect(asked.consentCalls).toEqual([['ada']])
    expect(sentLines(asked.sent)).toEqual(['people: person{id}', 'people: _entities(Person ada){id email}'])
  })

  test('what runs out a millisecond later is', async () => {
    const asked = await worldOf({ consent: untilMs(STALL_MS + 1), tamper }).ask(QUERY)
    expect(asked.data).toEqual({ person: { churn: expect.stringContaining('ada') as string } })
    expect(sentLines(asked.sent).length).toBe(3)
  })
})
