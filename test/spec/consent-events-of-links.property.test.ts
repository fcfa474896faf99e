import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createJudge } from '../../subgraphs/consent/links/state-of.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { type ConsentEvent, toConsentEvent } from '../../subgraphs/consent/outbox/consent-event.ts'
import { linkOf } from '../contract/consent-links.contract.ts'
import { consentLog } from '../support/consent-log.ts'
import { LinkFollowingConsumer } from '../support/following-links.ts'
import { NOON } from '../support/receipts.ts'

const PEOPLE = ['ada', 'bo', 'cyd'] as const
const subject = fc.constantFrom(...PEOPLE)
const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      subject,
      status: fc.constantFrom('given' as const, 'given' as const, 'withdrawn' as const),
      channel: fc.constantFrom(null, 'web'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      link: fc.nat(2),
      kind: fc.constantFrom('merged' as const, 'merged' as const, 'renamed' as const),
      pids: fc.uniqueArray(subject, { minLength: 2, maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ unlink: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({ subject, mark: fc.constantFrom('suppressed' as const, 'erased' as const) }),
  },
)

describe('Events of people who are linked', () => {
  test('leave a consumer that keeps to the rule with what decisions say, in any order and twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { maxLength: 14 }),
        fc.infiniteStream(fc.nat()),
        async (acts, choices) => {
          let now = NOON
          const store = createMemoryConsentStore(() => now)
          const said = consentLog(store, () => now)
          const links = new Map<number, string>()
          const events = new Map<string, ConsentEvent>()
          for (const one of acts) {
            now += 1
            if ('mark' in one) await store.mark(one.subject, one.mark, now)
            else if ('unlink' in one) {
              const decisionId = links.get(one.unlink)
              links.delete(one.unlink)
              if (decisionId !== undefined) await store.unlink([{ decisionId, at: now, by: 'x' }], now)
            } else if ('link' in one) {
              if (links.has(one.link)) continue
              links.set(one.link, `d${now}`)
              await store.link([linkOf(`d${now}`, one.pids, { kind: one.kind })], now)
            } else await said(one.subject, 'analytics', one.status, { channel: one.channel }).catch(() => {})
            for (const change of await store.changesAfter('0', 100))
              events.set(change.revision, toConsentEvent(change))
          }
          const consumer = new LinkFollowingConsumer()
          const left = [...events.values(), ...events.values()]
          while (left.length > 0) {
            const [event] = left.splice((choices.next().value ?? 0) % left.length, 1)
            if (event) consumer.take(event)
          }
          const records = await store.records(PEOPLE)
          const judge = createJudge({ context: { channel: 'web' }, now })
          for (const one of PEOPLE) {
            const { blocked, scopes } = judge(records.get(one)!)
            const status = scopes.get('analytics')?.status ?? ''
            const isYes = blocked === null && (status === 'given' || status === 'renewed')
            expect([one, consumer.mayUse(one, 'analytics', 'web')]).toEqual([one, isYes])
          }
        },
      ),
      { numRuns: 300, seed: 20260501 },
    )
  })
})
