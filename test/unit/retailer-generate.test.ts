import { describe, expect, it } from 'vitest'
import { consentScopes } from '../../subgraphs/retailer/consents.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { generateRetailer, type Retailer } from '../../subgraphs/retailer/generate.ts'

const now = Date.UTC(2026, 10, 22)
const DAY = 86_400_000
const small = generateRetailer({ people: 200, events: 4_000, seed: 7, now })

/** What stands today, told from the receipts alone. */
function standingOf({ receipts }: Retailer, personKey: string, scope: string): string {
  const last = receipts.filter((one) => one.personKey === personKey && one.scope === scope).at(-1)
  if (last === undefined) return 'never asked'
  const ranOut = last.expiresAt !== null && last.expiresAt <= now
  return ranOut ? 'expired' : last.status
}

const byKey = (retailer: Retailer, position: number): string => retailer.people[position]?.personKey as string

describe('the generated retailer', () => {
  it('asks for every scope of the vocabulary', () => {
    expect([...consentScopes].sort()).toEqual([...standardVocabulary.scopes.keys()].sort())
  })

  it('is the same for the same seed, and another for another', () => {
    const [once, again] = [1, 2].map(() => generateRetailer({ people: 60, events: 500, seed: 7, now }))
    expect(JSON.stringify(once)).toBe(JSON.stringify(again))
    expect(generateRetailer({ people: 60, events: 500, seed: 8, now }).people).not.toEqual(
      small.people.slice(0, 60),
    )
  })

  it('keeps its people when only the number of events changes', () => {
    const more = generateRetailer({ people: 200, events: 5_000, seed: 7, now })
    expect(more.records).toEqual(small.records)
    expect(more.receipts).toEqual(small.receipts)
  })

  it.each([1, 7, 20_261_122])(
    'shows every standing of every scope on each page of fifty (seed %i)',
    (seed) => {
      const retailer = generateRetailer({ people: 100, events: 0, seed, now })
      for (const page of [retailer.people.slice(0, 50), retailer.people.slice(50)]) {
        for (const scope of consentScopes) {
          const standings = new Set(page.map(({ personKey }) => standingOf(retailer, personKey, scope)))
          const all = [
            'given',
            'renewed',
            'refused',
            'withdrawn',
            'expired',
            'requested',
            'invalidated',
            'never asked',
          ]
          expect([...standings].sort(), scope).toEqual(all.sort())
        }
      }
    },
  )

  it('opens with Ada who gave everything, Bo who refused, Cyd who withdrew some and Dee who let some expire', () => {
    expect(small.people.slice(0, 4).map(({ given }) => given.latin)).toEqual(['Ada', 'Bo', 'Cyd', 'Dee'])
    const standings = [0, 1, 2, 3].map((position) =>
      [...new Set(consentScopes.map((scope) => standingOf(small, byKey(small, position), scope)))].sort(),
    )
    expect(standings).toEqual([['given'], ['refused'], ['given', 'withdrawn'], ['expired', 'given']])
  })

  it('gives no identifier to two people, and each person’s records one in common', () => {
    const fold = (value: string): string => value.toLowerCase().replaceAll(' ', '')
    const owners = new Map<string, string>()
    const inCrm = new Map(
      small.records.filter(({ source }) => source === 'crm').map((one) => [one.personKey, one]),
    )
    for (const record of small.records) {
      const identifiers = [record.email, record.phone, record.loyalty]
        .filter((one) => one !== undefined)
        .map(fold)
      for (const identifier of identifiers) {
        expect(owners.get(identifier) ?? record.personKey).toBe(record.personKey)
        owners.set(identifier, record.personKey)
      }
      const { email, phone, loyalty } = inCrm.get(record.personKey) ?? {}
      const known = [email, phone, loyalty].filter((one) => one !== undefined).map(fold)
      expect(identifiers.some((one) => known.includes(one))).toBe(true)
    }
    expect(new Set(small.people.map(({ personKey }) => personKey)).size).toBe(200)
    expect(new Set(small.records.map(({ source, recordId }) => `${source} ${recordId}`)).size).toBe(
      small.records.length,
    )
  })

  it('lists records in the order of people, and some people twice', () => {
    const firstSeen = [...new Set(small.records.map(({ personKey }) => personKey))]
    expect(firstSeen).toEqual(small.people.map(({ personKey }) => personKey))
    expect(small.records.length).toBeGreaterThan(300)
  })

  it('uses addresses and numbers that reach nobody', () => {
    for (const { email, phone } of small.people) {
      expect(email).toMatch(/^[a-z0-9.]+@[a-z]+\.example$/)
      expect(phone ?? '').toMatch(
        /^(|\+493023125\d{3}|\+496990009\d{3}|\+494066969\d{3}|\+492214710\d{3}|\+498999998\d{3}|\+33(63998|19900)\d{4}|\+1\d{3}55501\d{2}|\+44(7700900|2079460|11[345678]4960|1214960)\d{3})$/,
      )
    }
  })

  it('chains receipts to an earlier one of the same person and scope', () => {
    const byId = new Map(small.receipts.map((one) => [one.consentId, one]))
    expect(byId.size).toBe(small.receipts.length)
    for (const { at, predecessor, personKey, scope, version } of small.receipts) {
      expect(at).toBeLessThanOrEqual(now)
      const before = byId.get(predecessor ?? '')
      expect(before?.version ?? 0).toBe(version - 1)
      if (before === undefined) continue
      expect([before.personKey, before.scope]).toEqual([personKey, scope])
      expect(before.at).toBeLessThan(at)
    }
  })

  it('records behaviour only of those who allowed it, while they did', () => {
    expect(small.events).toHaveLength(4_000)
    const byId = new Map(small.receipts.map((one) => [one.consentId, one]))
    for (const { kind, at, consentId, personKey } of small.events) {
      expect(at).toBeLessThanOrEqual(now)
      if (kind === 'purchase') continue
      const receipt = byId.get(consentId ?? '')
      expect(receipt?.personKey).toBe(personKey)
      expect(receipt?.scope).toBe('analytics')
      expect(at).toBeGreaterThanOrEqual(receipt?.at ?? Infinity)
      expect(at).toBeLessThanOrEqual(small.grantOf(personKey, 'analytics')?.until ?? 0)
    }
    const recent = small.events.filter((one) => one.kind === 'session' && one.at > now - 30 * DAY)
    expect(recent.length).toBeGreaterThan(200)
  })

  it('sells in several regions, scripts and departments', () => {
    expect(new Set(small.people.map(({ region }) => region)).size).toBe(7)
    expect(small.products).toHaveLength(200)
    expect(new Set(small.products.map(({ title }) => title)).size).toBe(200)
    expect(small.records.some(({ givenName }) => /\p{Script=Han}/u.test(givenName))).toBe(true)
    expect(small.records.some(({ givenName }) => /\p{Script=Arabic}/u.test(givenName))).toBe(true)
  })

  it('makes ten thousand people and two hundred thousand events', () => {
    const whole = generateRetailer({ now })
    expect([whole.people.length, whole.events.length]).toEqual([10_000, 200_000])
    expect(new Set(whole.people.map(({ email }) => email)).size).toBe(10_000)
    const phones = whole.people.flatMap(({ phone }) => phone ?? [])
    expect(new Set(phones).size).toBe(phones.length)
    expect(phones.length).toBeGreaterThan(5_000)
  })
})
