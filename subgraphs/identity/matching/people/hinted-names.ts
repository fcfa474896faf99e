import type { Column } from './column.ts'
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
  const numberOf = (name: string): number => {
    const number = numbers.get(name) ?? terms.push(nameTerm(name)) - 1
    numbers.set(name, number)
    return number
  }
  const of = new Int32Array(size)
  const termOf = <Term>(column: Column<Term>, person: number): Term | undefined =>
    column.terms[column.of[person] ?? 0]
  const hintOf = (person: number, own: string): string => {
    for (const slot of email.slots) {
      const mailbox = email.terms[slot[person] ?? 0]
      if (!mailbox || mailbox.isRole) continue
      const hint = hintIn(mailbox.words, termOf(family, person)?.joined ?? '', isUsual)
      if (hint !== own && hint.startsWith(own)) return hint
    }
    return ''
  }
  for (let person = 0; person < size; person += 1) {
    const own = termOf(given, person)?.joined ?? ''
    // Two letters may be a name; one is an initial.
    if (own.length > 1) continue
    const hint = hintOf(person, own)
    if (hint !== '') of[person] = numberOf(hint)
  }
  return { of, terms }
}

function hintIn(words: readonly string[], family: string, isUsual: (name: string) => boolean): string {
  if (family.length < 2) return ''
  const [one = '', other = ''] = words
  if (words.length === 2) return secondOf(one, other, family)
  return words.length === 1 ? hintInWord(one, family, isUsual) : ''
}

function hintInWord(word: string, family: string, isUsual: (name: string) => boolean): string {
  const rest = word.endsWith(family) ? word.slice(0, -family.length) : withoutStart(word, family)
  if (rest.length === 1 || isUsual(rest)) return rest
  // "adah" of Ada Holt: a name that others have, and an initial.
  const name = word.slice(0, -1)
  return word.endsWith(family.slice(0, 1)) && name.length >= 3 && isUsual(name) ? name : ''
}

const secondOf = (one: string, other: string, family: string): string => {
  if (other === family) return one
  return one === family ? other : ''
}

const withoutStart = (text: string, start: string): string =>
  text.startsWith(start) ? text.slice(start.length) : ''
