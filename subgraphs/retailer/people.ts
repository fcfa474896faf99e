import { createContacts, type Contacts } from './contact.ts'
import { markets, type Market, type Name } from './names.ts'
import { createRandom, type Random } from './random.ts'

/** Somebody the retailer knows: the truth that its source systems hold only pieces of. */
export interface Person {
  /** Names the person inside the generated retailer only; never an id outside it. */
  readonly personKey: string
  readonly given: Name
  readonly family: Name
  readonly email: string
  readonly phone?: string
  readonly loyalty?: string
  /** ISO 8601 date. */
  readonly dateOfBirth: string
  /** `US-CA`: where two laws differ inside one country, the part counts. */
  readonly region: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  /** BCP 47. */
  readonly language: string
  /** Language and country: `de-DE`. */
  readonly locale: string
  readonly householdId?: string
  readonly company?: string
  readonly planTier: 'free' | 'plus' | 'premium'
  /** First contact, in ms since the epoch: between two years and a hundred days ago. */
  readonly since: number
}

export const DAY = 86_400_000

/** The people a reader meets first, in this order. What they decided is in `consents.ts`. */
const wellKnown = ['Ada', 'Bo', 'Cyd', 'Dee']

const companies = ['Nordlicht', 'Petit Four', 'Redwood', 'Thistle', 'Ipê', 'Kawa', 'Falcon', 'Harbour']

interface Draw {
  readonly random: Random
  readonly contacts: Contacts
  readonly now: number
  /** Who of a market came last: the next one may move in with them. */
  readonly lastHome: Map<string, { readonly householdId: string; readonly family: Name; size: number }>
}

/** People in the order in which they became customers' records, which is the order they are listed in. */
export function generatePeople(count: number, seed: number, now: number): Person[] {
  const random = createRandom(seed, 'people')
  const draw: Draw = { random, contacts: createContacts(random), now, lastHome: new Map() }
  return Array.from({ length: count }, (_, position) => generatePerson(position, draw))
}

function generatePerson(position: number, draw: Draw): Person {
  const { random, now } = draw
  const known = wellKnown[position]
  const market = known === undefined ? pickMarket(random) : marketOf(position)
  const given = known === undefined ? random.pick(market.givenNames) : { latin: known, native: known }
  const { family, householdId } = home(position, market, draw)
  const language = random.chance(0.88) ? (market.languages[0] ?? 'en') : random.pick(market.languages)
  const isKnown = known !== undefined
  return {
    personKey: `person-${String(position + 1).padStart(6, '0')}`,
    given,
    family,
    ...waysToReach({ given, family, isKnown }, market, draw),
    dateOfBirth: new Date(now - (18 + random.next() * 67) * 365.25 * DAY).toISOString().slice(0, 10),
    region: market.region,
    country: market.country,
    language,
    locale: `${language}-${market.country}`,
    ...(householdId === undefined ? {} : { householdId }),
    ...(random.chance(0.08) ? { company: random.pick(companies) } : {}),
    planTier: random.chance(0.6) ? 'free' : random.chance(0.7) ? 'plus' : 'premium',
    since: Math.floor(now - (100 + random.next() * 630) * DAY),
  }
}

/** The first four have them all. */
function waysToReach(
  { given, family, isKnown }: Pick<Person, 'given' | 'family'> & { readonly isKnown: boolean },
  market: Market,
  { random, contacts }: Draw,
): Pick<Person, 'email' | 'phone' | 'loyalty'> {
  const phone = random.chance(0.85) || isKnown ? contacts.phone(market.region) : undefined
  return {
    email: contacts.email(given.latin, family.latin),
    ...(phone === undefined ? {} : { phone }),
    ...(random.chance(0.6) || isKnown ? { loyalty: contacts.loyalty() } : {}),
  }
}

/** Three in ten move in with the last person of their market, and take their name. */
function home(
  position: number,
  market: Market,
  { random, lastHome }: Draw,
): { family: Name; householdId?: string } {
  const last = lastHome.get(market.region)
  if (last && last.size < 5 && random.chance(0.3)) {
    last.size++
    return { family: last.family, householdId: last.householdId }
  }
  const family = random.pick(market.familyNames)
  if (!random.chance(0.7)) return { family }
  const householdId = `household-${String(position + 1).padStart(6, '0')}`
  lastHome.set(market.region, { householdId, family, size: 1 })
  return { family, householdId }
}

/** The first four live in four markets. */
const marketOf = (position: number): Market => markets[position % markets.length] as Market

function pickMarket(random: Random): Market {
  let left = random.next() * markets.reduce((sum, { share }) => sum + share, 0)
  return markets.find(({ share }) => (left -= share) < 0) ?? marketOf(0)
}
