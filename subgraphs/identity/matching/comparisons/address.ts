import type { NameTerm } from '../people/name-term.ts'
import type { StreetTerm } from '../people/street-term.ts'
import { editDistance } from '../text/edit-distance.ts'
import { jaroWinkler } from '../text/jaro-winkler.ts'
import type { Comparison, Level } from './comparison.ts'

/** How alike two address lines, house numbers, postcodes or towns are. */
export const LIKENESS = { differs: 0, alike: 1, equal: 2, unknown: 3 } as const

export const STREET = { differs: 0, number: 1, name: 2, alike: 3, same: 4, unknown: 5 } as const
export const PLACE = { differs: 0, region: 1, half: 2, alike: 3, same: 4, unknown: 5 } as const

const STREET_SAYS = [
  'another street',
  'only the number',
  'street',
  'nearly the street and number',
  'street and number',
  'street unknown',
]
const PLACE_SAYS = [
  'another place',
  'the region',
  'half the place',
  'nearly the place',
  'the place',
  'place unknown',
]
const STREET_M = [0.15, 0.02, 0.08, 0.2, 0.55, 1]
const PLACE_M = [0.1, 0.03, 0.12, 0.15, 0.6, 1]

const STREET_U = [0.98, 0.01, 0.008, 0.0002, 0.0001, 1]
const PLACE_U = [0.97, 0.02, 0.004, 0.0005, 0.003, 1]

const WHY =
  'Street, number, postcode, town and region are one comparison: who moves changes them together, and who lives together shares them.'

/** An address is compared as one thing: a household shares all of it, and somebody who moved none. */
export const POSTAL_ADDRESS: Comparison = {
  name: 'address',
  // What is not known is not an alternative to what is.
  groupOf: (level) => (level >= STREET.unknown * 6 ? 1 : 0) + (level % 6 === PLACE.unknown ? 2 : 0),
  levels: STREET_SAYS.flatMap((street, at) =>
    PLACE_SAYS.map((place, other): Level => ({
      name: `${street}, ${place}`,
      why: WHY,
      m: (STREET_M[at] ?? 0) * (PLACE_M[other] ?? 0),
      h: (STREET_M[at] ?? 0) * (PLACE_M[other] ?? 0),
      u: (STREET_U[at] ?? 0) * (PLACE_U[other] ?? 0),
    })),
  ),
}

export const addressLevel = (street: number, place: number): number => street * 6 + place

export const partsOfAddress = (level: number): readonly [street: number, place: number] => [
  Math.floor(level / 6),
  level % 6,
]

export function compareStreets(street: number, house: number): number {
  if (street === LIKENESS.unknown) return house === LIKENESS.equal ? STREET.number : STREET.unknown
  if (street === LIKENESS.differs) return house === LIKENESS.equal ? STREET.number : STREET.differs
  if (house === LIKENESS.equal) return street === LIKENESS.equal ? STREET.same : STREET.alike
  return house === LIKENESS.alike && street === LIKENESS.equal ? STREET.alike : STREET.name
}

export function comparePlaces(postcode: number, city: number, region: number): number {
  const known = [postcode, city].filter((likeness) => likeness !== LIKENESS.unknown)
  if (known.length === 0) return regionOnly(region)
  const [least, most] = [Math.min(...known), Math.max(...known)]
  if (least === LIKENESS.equal) return PLACE.same
  if (most === LIKENESS.equal) return least === LIKENESS.alike ? PLACE.alike : PLACE.half
  if (most === LIKENESS.alike)
    return least === LIKENESS.alike && known.length === 2 ? PLACE.half : PLACE.region
  return region === LIKENESS.equal ? PLACE.region : PLACE.differs
}

const regionOnly = (region: number): number => {
  if (region === LIKENESS.unknown) return PLACE.unknown
  return region === LIKENESS.equal ? PLACE.region : PLACE.differs
}

/** Streets agree when any of their lines do: two address lines come in either order. */
export function compareStreetNames(one: StreetTerm, other: StreetTerm): number {
  let best: number = LIKENESS.differs
  for (let at = 0; at < one.wholes.length; at += 1) {
    for (let place = 0; place < other.wholes.length; place += 1)
      best = Math.max(best, likenessOfLines(one, at, other, place))
  }
  return best
}

/** How alike a line of one address is to a line of another. */
export function likenessOfLines(one: StreetTerm, at: number, other: StreetTerm, place: number): number {
  const [whole = '', otherWhole = ''] = [one.wholes[at], other.wholes[place]]
  const [name = whole, otherName = otherWhole] = [one.names[at], other.names[place]]
  if (name === otherName || whole === otherWhole) return LIKENESS.equal
  return whole > otherWhole
    ? likenessOf(otherName, name, otherWhole, whole)
    : likenessOf(name, otherName, whole, otherWhole)
}

function likenessOf(name: string, otherName: string, whole: string, otherWhole: string): number {
  const shorter = Math.min(name.length, otherName.length)
  if (shorter < 4) return LIKENESS.differs
  if (editDistance(name, otherName, shorter >= 6 ? 2 : 1) <= (shorter >= 6 ? 2 : 1)) return LIKENESS.alike
  if (editDistance(whole, otherWhole, 2) <= 2) return LIKENESS.alike
  return shorter >= 5 && jaroWinkler(name, otherName) >= 0.92 ? LIKENESS.alike : LIKENESS.differs
}

export function compareTowns(one: NameTerm, other: NameTerm): number {
  if (one.joined === other.joined) return LIKENESS.equal
  const [left, right] = one.joined < other.joined ? [one.joined, other.joined] : [other.joined, one.joined]
  const shorter = Math.min(left.length, right.length)
  if (shorter >= 4 && editDistance(left, right, 2) <= (shorter >= 6 ? 2 : 1)) return LIKENESS.alike
  return shorter >= 5 && jaroWinkler(left, right) >= 0.92 ? LIKENESS.alike : LIKENESS.differs
}

export function compareCodes(one: string, other: string): number {
  if (one === other) return LIKENESS.equal
  const isSlip = Math.min(one.length, other.length) >= 2 && editDistance(one, other, 1) === 1
  return isSlip ? LIKENESS.alike : LIKENESS.differs
}
