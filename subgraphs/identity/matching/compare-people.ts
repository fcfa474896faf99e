import { createAddressComparer } from './compare-addresses.ts'
import { createNamesComparer, type NamesComparer } from './compare-names.ts'
import { ADDRESS_LINE, compareOtherLines } from './comparisons/address-line.ts'
import { POSTAL_ADDRESS } from './comparisons/address.ts'
import { BIRTH_DATE, compareBirthDates } from './comparisons/birth-date.ts'
import { compareCompanies, EMPLOYER } from './comparisons/company.ts'
import { UNKNOWN, type Comparison } from './comparisons/comparison.ts'
import { compareMailboxes, compareSameMailbox, EMAIL_ADDRESS, MAILBOX } from './comparisons/email.ts'
import { FAMILY_NAME } from './comparisons/family-name.ts'
import { GIVEN_NAME } from './comparisons/given-name.ts'
import { createMemo } from './comparisons/memo.ts'
import { compareNationalIds, IDENTITY_NUMBER } from './comparisons/national-id.ts'
import { comparePhones, PHONE_NUMBER } from './comparisons/phone.ts'
import { haveInCommon, type Column } from './people/column.ts'
import { hintedNames, type HintedNames } from './people/hinted-names.ts'
import { mailboxKinds } from './people/mailbox-kinds.ts'
import type { People } from './people/people.ts'
import { sharedValues } from './people/shared-values.ts'

/** What is compared, in the order of the levels of a pair. */
export const COMPARISONS: readonly Comparison[] = [
  GIVEN_NAME,
  FAMILY_NAME,
  BIRTH_DATE,
  EMAIL_ADDRESS,
  PHONE_NUMBER,
  POSTAL_ADDRESS,
  EMPLOYER,
  IDENTITY_NUMBER,
  ADDRESS_LINE,
]

export const AT = {
  given: 0,
  family: 1,
  birth: 2,
  email: 3,
  phone: 4,
  address: 5,
  company: 6,
  nationalId: 7,
  line: 8,
} as const

export interface PeopleComparer {
  readonly people: People
  readonly hinted: HintedNames
  readonly names: NamesComparer
  /** The levels of two people, one a comparison, written into `levels`; UNKNOWN where one of them has no value. */
  compare(left: number, right: number, levels: Uint8Array): void
}

export function createPeopleComparer(people: People): PeopleComparer {
  const hinted = hintedNames(people)
  const names = createNamesComparer(people, hinted)
  const canBeOne = (left: number, right: number): boolean => names.canBeOne(left, right)
  const mailboxes = mailboxKinds(people, sharedValues(people.email, canBeOne))
  const isSharedPhone = sharedValues(people.phone, canBeOne)
  const isNamed = (mailbox: number): boolean => mailboxes[mailbox] !== MAILBOX.own
  const birth = levelOf(people.birth, (one, other) => compareBirthDates(one, other))
  const email = levelOf(
    people.email,
    (one, other, left, right) => {
      if (one === null || other === null) return UNKNOWN
      return compareMailboxes(one, other, isNamed(left) || isNamed(right))
    },
    (number) => compareSameMailbox(mailboxes[number] ?? 0),
  )
  const phone = levelOf(
    people.phone,
    (one, other) => comparePhones(one, other, false),
    (number) => comparePhones('', '', isSharedPhone[number] === 1),
  )
  const address = createAddressComparer(people)
  const line = levelOf(people.street, compareOtherLines)
  const company = levelOf(people.company, compareCompanies)
  const nationalId = levelOf(people.nationalId, compareNationalIds)

  return {
    people,
    hinted,
    names,
    compare(left, right, levels) {
      const isSameMailbox = haveInCommon(people.email, left, right)
      // What the mailbox tells of the name is not said again when the mailbox itself is equal.
      const [given, family] = names.compare(left, right, !isSameMailbox)
      levels[AT.given] = given
      levels[AT.family] = family
      levels[AT.birth] = birth(left, right)
      levels[AT.email] = email(left, right)
      levels[AT.phone] = phone(left, right)
      levels[AT.address] = address(left, right)
      levels[AT.company] = company(left, right)
      levels[AT.nationalId] = nationalId(left, right)
      levels[AT.line] = line(left, right)
    },
  }
}

function levelOf<Term>(
  column: Column<Term>,
  compare: (one: Term, other: Term, left: number, right: number) => number,
  equal?: (number: number) => number,
): (left: number, right: number) => number {
  const remembered = createMemo((left, right) => {
    const [one, other] = [column.terms[left], column.terms[right]]
    return one === undefined || other === undefined ? UNKNOWN : compare(one, other, left, right)
  })
  const levelBetween = (one: number, other: number): number =>
    one === other && equal !== undefined ? equal(one) : remembered(one, other)
  return (left, right) => {
    const [one, other] = [column.of[left] ?? 0, column.of[right] ?? 0]
    if (one === 0 || other === 0) return UNKNOWN
    const level = levelBetween(one, other)
    return column.slots.length === 1 ? level : Math.max(level, bestOf(column, left, right, levelBetween))
  }
}

/** Who has several values is who he is by any of them: levels rise with what they say. */
function bestOf(
  { slots }: Column<unknown>,
  left: number,
  right: number,
  levelBetween: (one: number, other: number) => number,
): number {
  let best = 0
  for (const slot of slots) {
    const one = slot[left] ?? 0
    if (one === 0) continue
    for (const otherSlot of slots) {
      const other = otherSlot[right] ?? 0
      if (other !== 0) best = Math.max(best, levelBetween(one, other))
    }
  }
  return best
}
