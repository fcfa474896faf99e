import { LINE } from '../comparisons/address-line.ts'
import { PLACE, STREET } from '../comparisons/address.ts'
import { COMPANY } from '../comparisons/company.ts'
import { FAMILY } from '../comparisons/family-name.ts'
import { GIVEN } from '../comparisons/given-name.ts'
import type { Column } from '../people/column.ts'
import type { People } from '../people/people.ts'
import type { StreetTerm } from '../people/street-term.ts'

/**
 * How common the values are in which two people agree, as log2. Where it is known it takes the place of u: two called
 * Smith agree by chance far more often than two called Featherstonehaugh.
 */
export interface Frequencies {
  given(left: number, right: number, level: number): number | null
  family(left: number, right: number, level: number): number | null
  company(left: number, right: number, level: number): number | null
  line(left: number, right: number, level: number): number | null
  /** Added to the address's own u: how much more common than usual are this place and this street. */
  address(left: number, right: number, level: number): number
}

export function frequenciesOf(people: People): Frequencies {
  const given = logShares(people.given, USUAL.given)
  const family = logShares(people.family, USUAL.family)
  const company = logShares(people.company, USUAL.company)
  const place = placeFrequency(people)
  const street = streetFrequency(people.street)
  return {
    given(left, right, level) {
      if (level === GIVEN.slip) return slipped(given, people.given.of, left, right)
      if (level !== GIVEN.equal && level !== GIVEN.swapped) return null
      return commoner(given, people.given.of, left, right)
    },
    family(left, right, level) {
      if (level === FAMILY.slip) return slipped(family, people.family.of, left, right)
      return level === FAMILY.equal ? commoner(family, people.family.of, left, right) : null
    },
    company: (left, _right, level) =>
      level === COMPANY.equal ? (company[people.company.of[left] ?? 0] ?? 0) : null,
    line: (left, right, level) => (level === LINE.equal ? street.other(left, right) : null),
    address: (left, right, level) =>
      (level % 6 === PLACE.same ? place(left, right) : 0) +
      (isStreetAlike(level) ? street.rarest(left, right) : 0),
  }
}

const isStreetAlike = (level: number): boolean => {
  const street = Math.floor(level / 6)
  return street >= STREET.name && street <= STREET.same
}

type Commonness = (left: number, right: number) => number

/** By how much a postcode or town that two share is more common than usual. */
function placeFrequency({ postcode, city }: People): Commonness {
  const [codes, towns] = [logShares(postcode, USUAL.place), logShares(city, USUAL.place)]
  const [usualCode, usualTown] = [
    usualShare(postcode.counts, USUAL.place),
    usualShare(city.counts, USUAL.place),
  ]
  return (left, right) => {
    const code = postcode.of[left] ?? 0
    if (code !== 0 && code === postcode.of[right]) return (codes[code] ?? 0) - usualCode
    const town = city.of[left] ?? 0
    return town !== 0 && town === city.of[right] ? (towns[town] ?? 0) - usualTown : 0
  }
}

interface StreetFrequency {
  readonly rarest: Commonness
  /** Of the second line that two addresses have in common, in itself. */
  readonly other: Commonness
}

/** The same for streets: of several lines in common the rarest speaks, and the next for itself. */
function streetFrequency(street: Column<StreetTerm>): StreetFrequency {
  const counts = new Map<string, number>()
  for (const [number, { names }] of street.terms.entries()) {
    for (const name of new Set(names))
      counts.set(name, (counts.get(name) ?? 0) + (street.counts[number] ?? 0))
  }
  const { known } = street
  const usual = usualShare(Int32Array.from([0, ...counts.values()]), USUAL.street)
  /** How many have each of the lines that two have in common, the rarest first. */
  const inCommon = (left: number, right: number): number[] => {
    const [one, other] = [street.terms[street.of[left] ?? 0], street.terms[street.of[right] ?? 0]]
    if (one === undefined || other === undefined) return []
    return one.names
      .filter((name) => other.names.includes(name))
      .map((name) => counts.get(name) ?? known)
      .toSorted((rarer, usualer) => rarer - usualer)
  }
  return {
    rarest(left, right) {
      const [rarest] = inCommon(left, right)
      return rarest === undefined ? 0 : logShare(rarest, known, USUAL.street) - usual
    },
    other(left, right) {
      const [, next] = inCommon(left, right)
      return next === undefined ? usual : logShare(next, known, USUAL.street)
    },
  }
}

/**
 * A slip of a common name is found by chance about a tenth as often as the name itself; and where both are names that
 * many have (Salton, Oakton), as often as the rarer one is.
 */
function slipped(shares: Float64Array, of: Int32Array, left: number, right: number): number {
  const [one, other] = [shares[of[left] ?? 0] ?? 0, shares[of[right] ?? 0] ?? 0]
  return Math.max(Math.min(one, other), Math.max(one, other) + Math.log2(SLIPS))
}

const SLIPS = 0.1

/** Of two names in one another's column one is rare in this column, and says nothing about the name. */
const commoner = (shares: Float64Array, of: Int32Array, left: number, right: number): number =>
  Math.max(shares[of[left] ?? 0] ?? 0, shares[of[right] ?? 0] ?? 0)

/** In so many people the frequencies of anywhere are believed: in a table of three everybody is common. */
const BELIEVED = 200
const USUAL = { given: 0.004, family: 0.002, company: 0.002, place: 0.003, street: 0.001 } as const

const logShare = (count: number, known: number, usual: number): number =>
  Math.log2((count + BELIEVED * usual) / (known + BELIEVED))

const logShares = ({ counts, known }: Column<unknown>, usual: number): Float64Array =>
  Float64Array.from(counts, (count, number) => (number === 0 ? 0 : logShare(count, known, usual)))

/** log2 of the chance that two people taken at random share a value. */
function usualShare(counts: Int32Array, usual: number): number {
  let [known, squares] = [0, 0]
  for (let number = 1; number < counts.length; number += 1) {
    known += counts[number] ?? 0
    squares += (counts[number] ?? 0) ** 2
  }
  return Math.log2((squares + usual * BELIEVED ** 2) / (known ** 2 + BELIEVED ** 2))
}
