import { describe, expect, it } from 'vitest'
import { type ActivityEvent, materialize } from '../../subgraphs/features/materialize.ts'
import { generateRetailer } from '../../subgraphs/retailer/generate.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const DAY = 86_400_000
const allowed = (pid: string, scope: string) => `rc-${pid}-${scope}`

describe('Materialised features', () => {
  it('take the mean of the sessions of thirty days, and of no older one', () => {
    const events = [
      session('ada', 1, 100),
      session('ada', 29.9, 50),
      session('ada', 30, 9_000),
      session('bo', 40, 7),
    ]
    expect(compute(events)).toEqual([
      {
        pid: 'ada',
        feature: 'session_duration',
        value: 75,
        scope: 'analytics',
        consentId: 'rc-ada-analytics',
        computedAt: NOON,
        expiresAt: NOON + 30 * DAY,
      },
    ])
  })

  it('take the latest purchase, in whatever order purchases come', () => {
    const events = [purchase('ada', 5), purchase('ada', 2), purchase('ada', 9)]
    expect(compute(events).map(({ feature, value, scope }) => [feature, value, scope])).toEqual([
      ['last_purchase', new Date(NOON - 2 * DAY).toISOString(), 'product_recs'],
    ])
  })

  it('take tier and language from what a person told', () => {
    const profiles = [{ pid: 'ada', planTier: 'plus', preferredLanguage: 'de' }]
    const rows = materialize({ events: [], profiles, receiptOf: allowed, now: NOON })
    expect(rows.map(({ feature, value, scope }) => [feature, value, scope])).toEqual([
      ['plan_tier', 'plus', 'personalization'],
      ['preferred_language', 'de', 'personalization'],
    ])
  })

  it('pass over what has not happened yet and other kinds of event', () => {
    const other = { pid: 'ada', kind: 'page_view', at: NOON - 1, seconds: null }
    expect(compute([purchase('ada', -1), session('ada', -1, 10), other])).toEqual([])
  })

  it('are not computed without a receipt for their scope', () => {
    const events = [session('ada', 1, 100), purchase('ada', 1)]
    const receiptOf = (pid: string, scope: string) => (scope === 'analytics' ? `rc-${pid}` : null)
    const rows = materialize({ events, profiles: [], receiptOf, now: NOON })
    expect(rows.map(({ feature, consentId }) => [feature, consentId])).toEqual([
      ['session_duration', 'rc-ada'],
    ])
  })

  it('name a receipt of the retailer that covers the scope of each row', () => {
    const { events, people, receipts, grantOf } = generateRetailer({ people: 200, events: 4_000, now: NOON })
    const rows = materialize({
      events: events.map((event) => ({ ...event, pid: event.personKey })),
      profiles: people.map(({ personKey, planTier, language }) => ({
        pid: personKey,
        planTier,
        preferredLanguage: language,
      })),
      receiptOf: (pid, scope) => grantOf(pid, scope)?.consentId ?? null,
      now: NOON,
    })
    const byId = new Map(receipts.map((one) => [one.consentId, one]))
    for (const { pid, scope, consentId } of rows) {
      expect(byId.get(consentId)).toMatchObject({ personKey: pid, scope })
    }
    const having = (feature: string) => rows.filter((one) => one.feature === feature).length
    expect(having('session_duration')).toBeGreaterThan(80)
    expect(having('last_purchase')).toBeGreaterThan(100)
    expect(having('plan_tier')).toBeGreaterThan(130)
    const ofBo = rows.filter(({ pid }) => pid === people[1]?.personKey)
    expect(ofBo, 'nothing is computed about somebody who refused everything').toEqual([])
  })
})

const compute = (events: readonly ActivityEvent[]) =>
  materialize({ events, profiles: [], receiptOf: allowed, now: NOON })

const session = (pid: string, daysAgo: number, seconds: number): ActivityEvent => ({
  pid,
  kind: 'session',
  at: NOON - daysAgo * DAY,
  seconds,
})

const purchase = (pid: string, daysAgo: number): ActivityEvent => ({
  pid,
  kind: 'purchase',
  at: NOON - daysAgo * DAY,
  seconds: null,
})
