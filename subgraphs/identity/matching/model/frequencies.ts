import { PLACE } from '../comparisons/address.ts'
import { COMPANY } from '../comparisons/company.ts'
import { FAMILY } from '../comparisons/family-name.ts'
import { GIVEN } from '../comparisons/given-name.ts'
import type { Column } from '../people/column.ts'
import type { People } from '../people/people.ts'

/**
 * How common the values are in which two people agree, as log2. Where it is known it takes the place of u: two called
 * Smith agree by chance far more often than two called Featherstonehaugh.
 */
export interface Frequencies {
  given(left: number, right: number, level: number): number | null
  family(left: number, right: number, level: number): number | null
  company(left: number, right: number, level: number): number | null
  /** Added to the address's own u: how much more common than the average is this place. */
  place(left: number, right: number, level: number): number
}

export function frequenciesOf(people: People): Frequencies {
  const given = logShares(people.given)
  const family = logShares(people.family)
  const company = logShares(people.company)
  const postcode = logShares(people.postcode)
  const city = logShares(people.city)
  const [usualPostcode, usualCity] = [usualShare(people.postcode), usualShare(people.city)]
  return {
    given(left, right, level) {
      if (level !== GIVEN.equal && level !== GIVEN.swapped) return null
      return commoner(given, people.given.of, left, right)
    },
    family: (left, right, level) =>
      level === FAMILY.equal ? commoner(family, people.family.of, left, right) : null,
    company: (left, _right, level) =>
      level === COMPANY.equal ? (company[people.company.of[left] ?? 0] ?? 0) : null,
    place(left, right, level) {
      if (level % 6 !== PLACE.same) return 0
      const code = people.postcode.of[left] ?? 0
      if (code !== 0 && code === people.postcode.of[right]) return (postcode[code] ?? 0) - usualPostcode
      const town = people.city.of[left] ?? 0
      return town !== 0 && town === people.city.of[right] ? (city[town] ?? 0) - usualCity : 0
    },
  }
}

/** Of two names in one another's column one is rare in this column, and says nothing about the name. */
const commoner = (shares: Float64Array, of: Int32Array, left: number, right: number): number =>
  Math.max(shares[of[left] ?? 0] ?? 0, shares[of[right] ?? 0] ?? 0)

function logShares({ counts, known }: Column<unknown>): Float64Array {
  return Float64Array.from(counts, (count, number) =>
    number === 0 || count === 0 ? 0 : Math.log2(count / Math.max(known, 1)),
  )
}

/** log2 of the chance that two people taken at random share a value. */
function usualShare({ counts, known }: Column<unknown>): number {
  let sum = 0
  for (let number = 1; number < counts.length; number += 1)
    sum += ((counts[number] ?? 0) / Math.max(known, 1)) ** 2
  return sum === 0 ? 0 : Math.log2(sum)
}
