import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { onOurClock } from '../../gateway/adapters/on-our-clock.ts'
import { denialOfScope } from '../../gateway/fence/decide.ts'
import type { ConsentState } from '../../gateway/ports.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { type ConsentNetwork, createConsentNetwork } from '../support/consent-network.ts'

let network: ConsentNetwork
beforeEach(() => {
  network = createConsentNetwork()
})
afterEach(() => network.close())

describe('Consent runs out by the clock of the service, whatever the gateway shows (clock skew)', () => {
  const NOON = Date.UTC(2026, 0, 15, 12)
  const HOUR = 3_600_000
  const given: ConsentState = {
    subject: 'ada',
    revision: '1',
    scopes: new Map([['contact', { status: 'given', receipt: 'receipt-1', expiresAt: NOON + 10_000 }]]),
  }
  const caller = { scopes: new Set(['contact']) }

  test.each([0, HOUR, -HOUR, 365 * 24 * HOUR])('a gateway that is %i ms off', (skewMs) => {
    const state = onOurClock(given, NOON, { monotonic: 500, wall: NOON + skewMs })
    const after = (ms: number) => denialOfScope('contact', { caller, state, now: NOON + skewMs + ms })
    expect([after(9_999), after(10_000)]).toEqual([null, 'EXPIRED'])
    // Whatever is done to that clock meanwhile, by the one that is never set it is over.
    expect(state.until).toBe(10_500)
  })
})

describe('A thousand clients of a gateway that has just started', () => {
  test('make one question, and are answered by nothing that is older than the start', async () => {
    await network.give('ada', 'contact')
    await network.withdraw('ada', 'contact')
    const service = network.protocol()
    const asked: string[][] = []
    const consent = network.gateway({
      decide: (subjects, context) => {
        asked.push([...subjects])
        return service.decide(subjects, context)
      },
    })
    expect(consent.known('ada', {})).toBeUndefined()
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => consent.load(['ada'], {})))
    expect(asked).toEqual([['ada']])
    const told = new Set(answers.map((states) => states.get('ada')?.scopes.get('contact')?.status))
    expect([...told]).toEqual(['withdrawn'])
  })
})

describe('Two who speak for the same person at once', () => {
  test('a no is written whatever else is; a yes that was overtaken is refused, and both know', async () => {
    const [scope = ''] = standardVocabulary.scopes.keys()
    const surroundings = { vocabulary: standardVocabulary, now: Date.now() }
    const says = (status: 'given' | 'withdrawn') =>
      writeReceipts(network.store, { pid: 'ada', scopes: [scope], source: 'test', status }, surroundings)
    await says('given')
    for (let round = 0; round < 50; round += 1) {
      const [no, yes] = await Promise.allSettled([says('withdrawn'), says('given')])
      expect(no.status).toBe('fulfilled')
      const record = (await network.store.records(['ada'])).get('ada')
      const [head] = record?.latest ?? []
      const last = (await network.store.history('ada')).toSorted(
        (one, other) => other.version - one.version,
      )[0]
      expect(head?.consentId).toBe(last?.consentId)
      if (yes.status === 'rejected') expect(head?.status).toBe('withdrawn')
    }
  })
})
