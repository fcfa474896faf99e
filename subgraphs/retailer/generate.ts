import { generateCatalogue, type CatalogueProduct } from './catalogue.ts'
import { generateConsents, type Consents } from './consents.ts'
import { generateEvents, type RetailEvent } from './events.ts'
import { generatePeople, type Person } from './people.ts'
import { generateRecords, type RetailRecord } from './records.ts'

export interface RetailerOptions {
  readonly people?: number
  readonly events?: number
  readonly seed?: number
  /** Milliseconds since the epoch; everything lies before it. */
  readonly now: number
}

/** A whole retailer, made up. Nobody in it exists, and nothing in it can be called or written to. */
export interface Retailer extends Consents {
  readonly people: readonly Person[]
  /** CRM first, in the order of `people`: a store that keeps the order of arrival lists them the same way. */
  readonly records: readonly RetailRecord[]
  readonly products: readonly CatalogueProduct[]
  readonly events: readonly RetailEvent[]
}

/** The same options give the same retailer, to the last letter. */
export function generateRetailer({
  people: size = 10_000,
  events: count = 200_000,
  seed = 1,
  now,
}: RetailerOptions): Retailer {
  const people = generatePeople(size, seed, now)
  const consents = generateConsents(people, seed, now)
  const products = generateCatalogue(seed)
  return {
    people,
    records: generateRecords(people, seed, now),
    products,
    events: generateEvents({ people, products, consents, count, seed, now }),
    ...consents,
  }
}
