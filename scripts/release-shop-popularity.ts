// Releases what is popular where, of many made-up people who allow it, for a shop on trial. `npx tsx scripts/release-shop-popularity.ts`
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { secureWords } from '../privacy/noise/random-words.ts'
import type { LocalPopularity } from '../subgraphs/recommendations/local-popularity.ts'
import { localeChain } from '../subgraphs/recommendations/locale-chain.ts'
import { releasedOnce } from '../subgraphs/recommendations/train/released-once.ts'
import {
  orderIn,
  releaseLocalPopularity,
} from '../subgraphs/recommendations/train/release-local-popularity.ts'
import { noiseFor, rhoWithin } from '../subgraphs/recommendations/train/rho-within.ts'
import { spentOn } from '../subgraphs/recommendations/train/spent-on.ts'
import { generateRetailer } from '../subgraphs/retailer/generate.ts'
import { markets } from '../subgraphs/retailer/names.ts'

const [EPSILON, DELTA] = [1.5, 1e-5]
const PEOPLE = 20_000
const NOW = Date.UTC(2026, 0, 1)

// Neither the people of the trial nor those of its model: what one of them has given away is told by one release alone.
const retailer = generateRetailer({
  people: PEOPLE,
  events: PEOPLE * 12,
  seed: 3,
  now: NOW,
})
const { people, events, products } = retailer
const items = products.map(({ sku }) => sku).toSorted()
// Where the shop sells is public; where somebody lives is not.
const locales = [
  ...new Set(
    markets.flatMap(({ country, languages }) =>
      languages.flatMap((language) => localeChain(`${language}-${country}`)),
    ),
  ),
].toSorted()
const placeOf = new Map(items.map((sku, place) => [sku, place]))
const bought = new Map<string, Set<number>>()
for (const { personKey, kind, sku } of events) {
  const place = kind === 'purchase' ? placeOf.get(sku ?? '') : undefined
  if (place === undefined || (retailer.grantOf(personKey, 'product_recs')?.until ?? 0) < NOW) continue
  const own = bought.get(personKey) ?? new Set()
  bought.set(personKey, own.add(place))
}
const located = people.flatMap(({ personKey, locale }) => {
  const own = bought.get(personKey)
  if (own === undefined) return []
  return [{ items: Int32Array.from(own), locales: localeChain(locale).map((one) => locales.indexOf(one)) }]
})
const release = releasedOnce('popularity by locale', noiseFor(rhoWithin(EPSILON, DELTA)))
const sizes = { items: items.length, locales: locales.length }
const shares = releaseLocalPopularity(located, sizes, release.noiseMultiplier, secureWords())
const everywhere = shares[locales.indexOf('*')] ?? new Float64Array(items.length)
const popularity: LocalPopularity = {
  format: 'assent-popularity/1',
  privacy: {
    unit: 'one person',
    neighbours: 'added or removed',
    ...spentOn([release], DELTA),
    delta: DELTA,
    releases: [release],
  },
  orders: Object.fromEntries(
    locales.map((locale, at) => [
      locale,
      orderIn(shares[at] ?? everywhere, everywhere).map((place) => items[place] ?? ''),
    ]),
  ),
}
const file = fileURLToPath(
  new URL('../subgraphs/recommendations/shop-model/popularity.json', import.meta.url),
)
writeFileSync(file, `${JSON.stringify(popularity)}\n`)
console.log(
  `${located.length} people, ${locales.length} locales, ${items.length} items\n${JSON.stringify(popularity.privacy)}`,
)
