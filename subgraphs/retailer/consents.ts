import { DAY, type Person } from './people.ts'
import { createRandom, type Random } from './random.ts'

/** What somebody said once about one scope. Never changed: the next word is a receipt of its own, naming its predecessor. */
export interface RetailReceipt {
  readonly consentId: string
  readonly personKey: string
  readonly scope: string
  /** Said everywhere: these people were asked for no one channel or region. */
  readonly channel: null
  readonly region: null
  readonly status: 'requested' | 'refused' | 'given' | 'renewed' | 'withdrawn' | 'invalidated'
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Null for words that do not run out. An expired consent is a given one whose time has passed. */
  readonly expiresAt: number | null
  readonly source: string
  /** 1 for the first word about a scope. */
  readonly version: number
  readonly predecessor: string | null
}

/** From when until when data could be collected under a scope, and by which receipt. */
export interface Grant {
  readonly consentId: string
  readonly from: number
  /** When it was withdrawn, invalidated or ran out; `now` when it still holds. */
  readonly until: number
}

export interface Consents {
  /** Oldest first. */
  readonly receipts: readonly RetailReceipt[]
  /** The last grant a person gave for a scope, still in force or not; undefined when there never was one. */
  grantOf(personKey: string, scope: string): Grant | undefined
}

export const consentScopes = [
  'marketing_email',
  'marketing_sms',
  'product_recs',
  'analytics',
  'personalization',
  'crm_contact',
  'profiling',
  'third_party_sharing',
] as const

export type Standing =
  'given' | 'renewed' | 'refused' | 'withdrawn' | 'expired' | 'requested' | 'invalidated' | 'never'

/** How fifty people stand to one scope. Dealt anew for each page of fifty, so every page shows every standing. */
const deck: readonly Standing[] = Object.entries({
  given: 18,
  renewed: 5,
  refused: 8,
  withdrawn: 6,
  expired: 5,
  requested: 2,
  invalidated: 2,
  never: 4,
}).flatMap(([standing, count]) => Array.from({ length: count }, () => standing as Standing))

/** The first four, whom a reader meets first: Ada gave everything, Bo refused everything, Cyd withdrew some, Dee let some expire. */
const wellKnown: readonly ((scope: string) => Standing)[] = [
  () => 'given',
  () => 'refused',
  (scope) => (['analytics', 'crm_contact', 'marketing_email'].includes(scope) ? 'withdrawn' : 'given'),
  (scope) => (['product_recs', 'personalization', 'marketing_sms'].includes(scope) ? 'expired' : 'given'),
]

export function generateConsents(people: readonly Person[], seed: number, now: number): Consents {
  const random = createRandom(seed, 'consents')
  const standings = dealStandings(people.length, random)
  const receipts: RetailReceipt[] = []
  const grants = new Map<string, ReadonlyMap<string, Grant>>()
  people.forEach((person, position) => {
    const own = receiptsOf(person, standings[position] as ReadonlyMap<string, Standing>, { random, now })
    receipts.push(...own)
    grants.set(person.personKey, lastGrants(own, now))
  })
  receipts.sort((a, b) => a.at - b.at || (a.consentId < b.consentId ? -1 : 1))
  return { receipts, grantOf: (personKey, scope) => grants.get(personKey)?.get(scope) }
}

function dealStandings(count: number, random: Random): Map<string, Standing>[] {
  const people = Array.from({ length: count }, () => new Map<string, Standing>())
  for (let start = 0; start < count; start += deck.length) {
    for (const scope of consentScopes) {
      // The four at the top hold no card: they take four of those that say `given`, the most frequent, out of the first deck.
      const special = start === 0 ? wellKnown : []
      const cards = random.shuffle(deck.slice(special.length))
      people.slice(start, start + deck.length).forEach((person, index) => {
        person.set(scope, special[index]?.(scope) ?? cards[index - special.length] ?? 'never')
      })
    }
  }
  return people
}

interface Word {
  readonly status: RetailReceipt['status']
  readonly at: number
  readonly expiresAt: number | null
  readonly source: string
}

function receiptsOf(
  person: Person,
  standings: ReadonlyMap<string, Standing>,
  chance: { readonly random: Random; readonly now: number },
): RetailReceipt[] {
  const words = wordsOf(person, chance)
  const number = person.personKey.slice('person-'.length)
  return consentScopes.flatMap((scope, column) => {
    const idOf = (version: number): string => `rc${number}-${column + 1}-${version}`
    return words[standings.get(scope) ?? 'never'].map((word, index) => ({
      consentId: idOf(index + 1),
      personKey: person.personKey,
      scope,
      channel: null,
      region: null,
      ...word,
      version: index + 1,
      predecessor: index === 0 ? null : idOf(index),
    }))
  })
}

/** The history behind each standing. Scopes of one standing were decided in the same moment, as on a form. */
function wordsOf(
  { since, personKey }: Person,
  { random, now }: { random: Random; now: number },
): Record<Standing, readonly Word[]> {
  const between = (from: number, to: number): number => Math.floor(from + random.next() * (to - from))
  const source =
    personKey < 'person-000005' ? 'web-banner' : random.pick(['web-banner', 'app-onboarding', 'store-form'])
  const given: Word = { status: 'given', at: since, expiresAt: since + 1095 * DAY, source }
  const brief: Word = { ...given, expiresAt: between(since + 60 * DAY, now - DAY) }
  const renewedAt = between(now - 60 * DAY, now - 2 * DAY)
  const later = (status: Word['status'], at: number, by: string): Word => ({
    status,
    at,
    expiresAt: null,
    source: by,
  })
  return {
    given: [given],
    refused: [later('refused', since, source)],
    renewed: [
      given,
      { ...later('renewed', renewedAt, 'preference-centre'), expiresAt: renewedAt + 730 * DAY },
    ],
    withdrawn: [given, later('withdrawn', between(since + 20 * DAY, now - DAY), 'preference-centre')],
    expired: [brief],
    requested: [later('requested', between(now - 30 * DAY, now), 'e-mail')],
    invalidated: [given, later('invalidated', between(since + 20 * DAY, now - DAY), 'legal-review')],
    never: [],
  }
}

function lastGrants(receipts: readonly RetailReceipt[], now: number): Map<string, Grant> {
  const grants = new Map<string, Grant>()
  for (const { status, scope, at, expiresAt, consentId } of receipts) {
    const before = grants.get(scope)
    if (status === 'given' || status === 'renewed') {
      grants.set(scope, { consentId, from: at, until: Math.min(expiresAt ?? now, now) })
    } else if (before) grants.set(scope, { ...before, until: at })
  }
  return grants
}
