import type { Evidence } from './graph/decision.ts'
import { foldName } from './pseudonyms/normalise.ts'
import type { RawRecord } from './vault/raw-record.ts'

/** What the rule looks at, as the vault has it. Nobody keeps it. */
export interface Traits {
  readonly givenName: string
  readonly familyName: string
  readonly dateOfBirth: string | null
}

export const traitsOf = ({ givenName = '', familyName = '', dateOfBirth = '' }: RawTraits): Traits => ({
  givenName: givenName.trim(),
  familyName: familyName.trim(),
  dateOfBirth: dateOfBirth.trim() || null,
})

type RawTraits = Pick<RawRecord, 'givenName' | 'familyName' | 'dateOfBirth'>

/** The rule an import joins records by, with its version: another number as soon as it says anything else. */
export const SHARED_IDENTIFIER = 'shared-identifier@1'

/** Above this an identifier is a shop's, an office's or a family's: it says nothing about who somebody is. */
export const MOST_HOLDERS = 3

/**
 * Whether nothing speaks against two records that share an identifier being one person's. Simple on purpose: it asks
 * for equal birth dates and names that differ by at most a slip of the keyboard, and takes what is missing as no objection.
 * Two people made one is worse than one person kept as two: their consents would be mixed.
 */
export const arePossiblyOne = (one: Traits, other: Traits): boolean =>
  birthDateLevel(one, other) !== null && nameLevel(one, other) !== null

/** What the rule looked at, as evidence of its decision. The identifiers are the kinds both records have in common. */
export const evidenceOf = (
  identifiers: readonly string[],
  one: Traits,
  other: Traits,
): readonly Evidence[] => [
  ...identifiers.map((kind) => ({ field: kind.toLowerCase(), level: 'same', weight: null })),
  { field: 'name', level: nameLevel(one, other) ?? 'different', weight: null },
  { field: 'date_of_birth', level: birthDateLevel(one, other) ?? 'different', weight: null },
]

const birthDateLevel = (one: Traits, other: Traits): 'same' | 'missing' | null => {
  if (one.dateOfBirth === null || other.dateOfBirth === null) return 'missing'
  return one.dateOfBirth === other.dateOfBirth ? 'same' : null
}

function nameLevel(one: Traits, other: Traits): 'same' | 'similar' | 'swapped' | null {
  const [given, family] = [foldName(one.givenName), foldName(one.familyName)]
  const [otherGiven, otherFamily] = [foldName(other.givenName), foldName(other.familyName)]
  if (given === otherGiven && family === otherFamily) return 'same'
  if (isSimilarName(given, otherGiven) && isSimilarName(family, otherFamily)) return 'similar'
  // Given and family name in one another's column.
  const isSwapped = given !== '' && family !== '' && given === otherFamily && family === otherGiven
  return isSwapped ? 'swapped' : null
}

const isSimilarName = (one: string, other: string): boolean => {
  if (one === '' || other === '' || one === other) return true
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one]
  if (shorter.length === 1) return longer.startsWith(shorter)
  return shorter.length >= 4 && isOneSlipApart(shorter, longer)
}

/** One letter missing, one wrong, or two neighbours changed about. */
function isOneSlipApart(shorter: string, longer: string): boolean {
  if (longer.length - shorter.length > 1) return false
  let start = 0
  while (start < shorter.length && shorter[start] === longer[start]) start += 1
  const [rest, otherRest] = [shorter.slice(start), longer.slice(start)]
  if (longer.length > shorter.length) return rest === otherRest.slice(1)
  if (rest.slice(1) === otherRest.slice(1)) return true
  return rest[0] === otherRest[1] && rest[1] === otherRest[0] && rest.slice(2) === otherRest.slice(2)
}
