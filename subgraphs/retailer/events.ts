import type { CatalogueProduct } from './catalogue.ts'
import type { Consents, Grant } from './consents.ts'
import { DAY, type Person } from './people.ts'
import { createRandom, type Random } from './random.ts'

/** Something that happened in the shop. */
export interface RetailEvent {
  readonly id: string
  readonly personKey: string
  readonly kind: 'session' | 'page_view' | 'add_to_cart' | 'purchase'
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly sku: string | null
  /** Length of a session. */
  readonly seconds: number | null
  /** The receipt it was recorded under. Null for a purchase, which rests on the contract of sale. */
  readonly consentId: string | null
}

export interface EventsInput {
  readonly people: readonly Person[]
  readonly products: readonly CatalogueProduct[]
  readonly consents: Consents
  /** How many events in all. */
  readonly count: number
  readonly seed: number
  readonly now: number
}

type Draft = Omit<RetailEvent, 'id'>

interface Shop {
  readonly random: Random
  readonly now: number
  readonly categories: readonly (readonly CatalogueProduct[])[]
}

/** Oldest first. */
export function generateEvents({ people, products, consents, count, seed, now }: EventsInput): RetailEvent[] {
  const random = createRandom(seed, 'events')
  const shop: Shop = {
    random,
    now,
    categories: [...new Set(products.map(({ category }) => category))].map((name) =>
      products.filter(({ category }) => category === name),
    ),
  }
  const drafts: Draft[] = []
  const watched: { person: Person; grant: Grant; tastes: readonly number[] }[] = []
  for (const [position, person] of people.entries()) {
    const tastes = tastesOf(shop)
    const grant = consents.grantOf(person.personKey, 'analytics')
    if (grant) watched.push({ person, grant, tastes })
    const purchases = position < 4 ? 6 : random.chance(0.12) ? 0 : 1 + Math.floor(random.next() ** 2 * 14)
    for (let n = 0; n < purchases && drafts.length < count; n++) drafts.push(purchase(person, tastes, shop))
  }
  // Behaviour is recorded of those who allowed it, while they did: half evenly, half by how lively somebody is.
  const evenly = Math.floor((count - drafts.length) / 2)
  for (let n = 0; watched.length > 0 && drafts.length < count; n++) {
    const index = n < evenly ? n % watched.length : Math.floor(random.next() ** 2 * watched.length)
    const { person, grant, tastes } = watched[index] as (typeof watched)[number]
    drafts.push(behaviour(person, grant, tastes, shop))
  }
  drafts.sort((a, b) => a.at - b.at)
  return drafts.map((draft, position) => ({ id: `ev${String(position + 1).padStart(7, '0')}`, ...draft }))
}

/** Two favourite departments; what people buy together is what makes items similar. */
const tastesOf = ({ random, categories }: Shop): number[] => [
  random.integer(categories.length),
  random.integer(categories.length),
]

function purchase(person: Person, tastes: readonly number[], shop: Shop): Draft {
  const { random, now } = shop
  return {
    personKey: person.personKey,
    kind: 'purchase',
    at: Math.floor(now - random.next() ** 2 * (now - person.since)),
    sku: pickProduct(tastes, shop).sku,
    seconds: null,
    consentId: null,
  }
}

function behaviour(person: Person, grant: Grant, tastes: readonly number[], shop: Shop): Draft {
  const { random } = shop
  const kind = random.chance(0.3) ? 'session' : random.chance(0.8) ? 'page_view' : 'add_to_cart'
  return {
    personKey: person.personKey,
    kind,
    at: Math.max(
      grant.from,
      Math.floor(grant.until - random.next() ** 3 * Math.min(grant.until - grant.from, 365 * DAY)),
    ),
    sku: kind === 'session' ? null : pickProduct(tastes, shop).sku,
    seconds: kind === 'session' ? 20 + Math.floor(random.next() ** 3 * 2400) : null,
    consentId: grant.consentId,
  }
}

/** Mostly from a favourite department, and of each department mostly the first few products. */
function pickProduct(tastes: readonly number[], { random, categories }: Shop): CatalogueProduct {
  const category = random.chance(0.85) ? random.pick(tastes) : random.integer(categories.length)
  const products = categories[category] as readonly CatalogueProduct[]
  return products[Math.floor(random.next() ** 3 * products.length)] as CatalogueProduct
}
