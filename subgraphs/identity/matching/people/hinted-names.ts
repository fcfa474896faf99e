import type { EmailTerm } from './email-term.ts'
import { nameTerm, type NameTerm } from './name-term.ts'
import type { People } from './people.ts'

export interface HintedNames {
  /** Of each person the number of the given name that the mailbox tells; 0: none, or the row has a given name. */
  readonly of: Int32Array
  /** The given names of all rows, and after them those that only mailboxes tell. */
  readonly terms: readonly NameTerm[]
}

/**
 * Where a row has no given name or an initial, its mailbox may tell it: "ada.byron@" of somebody called Byron. It is
 * not written by the person as a name, so it fills a gap and never corrects what is there.
 */
export function hintedNames({ size, given, family, email }: People): HintedNames {
  const terms = [...given.terms]
  const numbers = new Map(terms.map(({ joined }, number) => [joined, number]))
  const isUsual = (name: string): boolean => (given.counts[numbers.get(name) ?? -1] ?? 0) > 1
  const of = new Int32Array(size)
  for (let person = 0; person < size; person += 1) {
    const [own, mailbox] = [terms[given.of[person] ?? 0], email.terms[email.of[person] ?? 0]]
    const last = family.terms[family.of[person] ?? 0]?.joined ?? ''
    if (own === undefined || mailbox === undefined || mailbox === null) continue
    if (mailbox.isRole || last.length < 2 || (own.joined !== '' && !own.isInitial)) continue
    const hint = hintIn(mailbox, last, isUsual)
    if (hint === '' || !hint.startsWith(own.joined) || hint === own.joined) continue
    let number = numbers.get(hint)
    if (number === undefined) {
      number = terms.push(nameTerm(hint)) - 1
      numbers.set(hint, number)
    }
    of[person] = number
  }
  return { of, terms }
}

function hintIn({ words }: EmailTerm, family: string, isUsual: (name: string) => boolean): string {
  const [one = '', other = ''] = words
  if (words.length === 2 && other === family) return one
  if (words.length === 2 && one === family) return other
  if (words.length !== 1) return ''
  const rest = one.endsWith(family) ? one.slice(0, -family.length) : withoutStart(one, family)
  if (rest !== '' && (rest.length === 1 || isUsual(rest))) return rest
  const name = one.slice(0, -1)
  return one.endsWith(family.slice(0, 1)) && name.length >= 3 && isUsual(name) ? name : ''
}

const withoutStart = (text: string, start: string): string =>
  text.startsWith(start) ? text.slice(start.length) : ''
