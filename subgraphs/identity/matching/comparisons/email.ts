import type { EmailTerm } from '../people/email-term.ts'
import { editDistance } from '../text/edit-distance.ts'
import type { Comparison } from './comparison.ts'

export const EMAIL = { differs: 0, local: 1, slip: 2, shared: 3, initial: 4, named: 5, own: 6 } as const

export const EMAIL_ADDRESS: Comparison = {
  name: 'e-mail',
  levels: [
    { name: 'differs', why: 'Two mailboxes; many people have two.', m: 0.25, h: 0.8, u: 0.9999 },
    {
      name: 'same name elsewhere',
      why: 'The same invented name before the @, at another provider.',
      m: 0.05,
      h: 0.01,
      u: 0.000001,
    },
    { name: 'slip', why: 'The mailboxes are one slip of the keyboard apart.', m: 0.05, h: 0.01, u: 0.000001 },
    {
      name: 'equal, shared',
      why: 'An office’s or a family’s mailbox, or one that several people give.',
      m: 0.05,
      h: 0.15,
      u: 0.00001,
    },
    {
      name: 'equal, initial',
      why: 'The same mailbox, named after a family name and an initial.',
      m: 0.15,
      h: 0.01,
      u: 0.000001,
    },
    { name: 'equal, named', why: 'The same mailbox, named after the person.', m: 0.25, h: 0.01, u: 0.000001 },
    { name: 'equal', why: 'The same mailbox, with a name of its own.', m: 0.2, h: 0.01, u: 0.000001 },
  ],
}

/** How a mailbox is called, by everybody who gives it. */
export const MAILBOX = { shared: 0, initial: 1, named: 2, own: 3 } as const

const EQUAL: readonly number[] = [EMAIL.shared, EMAIL.initial, EMAIL.named, EMAIL.own]

/** The same mailbox says as much as it is one person's: `kind` is how it is called and whether several people give it. */
export const compareSameMailbox = (kind: number): number => EQUAL[kind] ?? EMAIL.shared

/** Two mailboxes may be one, mistyped, or one person's at two providers; a role's are neither. */
export function compareMailboxes(one: EmailTerm, other: EmailTerm, areNamed: boolean): number {
  if (one.isRole || other.isRole) return EMAIL.differs
  // Named after the person at both: it says the name again, and that is compared already.
  if (one.local === other.local) return one.local.length >= 5 && !areNamed ? EMAIL.local : EMAIL.differs
  const isSameDomain = one.domain === other.domain || editDistance(one.domain, other.domain, 1) <= 1
  const isLong = Math.min(one.local.length, other.local.length) >= 6
  // Not in a number: ada85 and ada86 are two people.
  const haveSameDigits = one.local.replace(/\D/g, '') === other.local.replace(/\D/g, '')
  if (isSameDomain && isLong && haveSameDigits && editDistance(one.local, other.local, 1) === 1)
    return EMAIL.slip
  return EMAIL.differs
}
