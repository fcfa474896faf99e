import { MAILBOX } from '../comparisons/email.ts'
import type { EmailTerm } from './email-term.ts'
import type { People } from './people.ts'

/**
 * How each mailbox is called: after a person (which a namesake or, with an initial, a brother may be, too), or by a
 * name of its own; a role's and one that several people give are shared.
 */
export function mailboxKinds(people: People, isShared: Uint8Array): Uint8Array {
  const kinds = new Uint8Array(people.email.terms.length).fill(MAILBOX.own)
  for (const [number, term] of people.email.terms.entries()) {
    if (term === null || term.isRole || isShared[number] === 1) kinds[number] = MAILBOX.shared
  }
  for (const slot of people.email.slots) {
    for (const [person, number] of slot.entries()) {
      const term = people.email.terms[number]
      if (!term || kinds[number] === MAILBOX.shared) continue
      kinds[number] = namedAfter(term, familyOf(people, person)) ?? kinds[number] ?? MAILBOX.own
    }
  }
  return kinds
}

const familyOf = ({ family }: People, person: number): string | undefined =>
  family.terms[family.of[person] ?? 0]?.joined

/** Null: not after somebody of this family name. A number makes a name one's own. */
function namedAfter({ local, words }: EmailTerm, family = ''): number | null {
  const letters = words.join('')
  if (family.length < 2 || /\d/.test(local) || !letters.includes(family)) return null
  return letters.length - family.length <= 1 ? MAILBOX.initial : MAILBOX.named
}
