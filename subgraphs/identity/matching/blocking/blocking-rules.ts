import type { Column } from '../people/column.ts'
import type { NameTerm } from '../people/name-term.ts'
import type { People } from '../people/people.ts'
import { hashBoth, hashText } from '../text/hash-text.ts'

/**
 * One way of finding pairs worth comparing: two people with a key in common are put side by side. Each person has as
 * many keys as there are slots; 0 is none.
 */
export interface BlockingRule {
  readonly name: string
  readonly slots: readonly Uint32Array[]
  /** Says so little that only small blocks of it are worth a look. */
  readonly isLoose?: true
}

/**
 * Many cheap rules instead of one clever one: a pair is lost only if every one of them is spoilt, so each asks for
 * another two things. Names go by their sound and in either column, streets without their kind.
 */
export function blockingRules(people: People, hinted: Int32Array): BlockingRule[] {
  const of = aspectsOf(people, hinted)
  const either = (other: Uint32Array): Uint32Array[] => [both(of.given, other), both(of.family, other)]
  return [
    { name: 'national id', slots: of.nationalId },
    { name: 'e-mail', slots: of.email },
    { name: 'phone', slots: of.phone },
    { name: 'name', slots: [of.name] },
    { name: 'birth date and name', slots: either(of.birth) },
    { name: 'e-mail before the @', slots: of.local },
    { name: 'name and postcode', slots: either(of.postcode) },
    { name: 'name and city', slots: either(of.city) },
    { name: 'name and house number', slots: either(of.house) },
    { name: 'name and street', slots: of.streets.flatMap(either) },
    { name: 'street and house number', slots: of.streets.map((street) => both(street, of.house)) },
    { name: 'street and postcode', slots: of.streets.map((street) => both(street, of.postcode)) },
    { name: 'street and city', slots: of.streets.map((street) => both(street, of.city)) },
    { name: 'house number and postcode', slots: [both(of.house, of.postcode)] },
    { name: 'initial and family name', slots: [both(of.initial, of.family)] },
    { name: 'beginnings of names', slots: [both(of.givenStart, of.familyStart)] },
    { name: 'birth date', slots: [of.birth] },
    ...looserRules(of).map((rule): BlockingRule => ({ ...rule, isLoose: true })),
  ].filter(({ slots }) => slots.length > 0)
}

type Aspects = ReturnType<typeof aspectsOf>

/**
 * Where every sound is spoilt: a slip changes the beginning of a word or its end, hardly ever both. Nothing but a
 * beginning is little, so that the size of their blocks is what bounds these.
 */
const looserRules = (of: Aspects): BlockingRule[] => {
  const initials = (other: Uint32Array): Uint32Array[] => [
    both(of.initial, other),
    both(of.familyInitial, other),
  ]
  return [
    { name: 'ends of names', slots: [both(of.givenEnd, of.familyEnd)] },
    { name: 'initial and beginning of family name', slots: [both(of.initial, of.familyStart)] },
    { name: 'initial and end of family name', slots: [both(of.initial, of.familyEnd)] },
    { name: 'initial and city', slots: initials(of.city) },
    {
      name: 'beginning of street, beginning or end of city',
      slots: of.streetStarts.flatMap((street) => [both(street, of.cityStart), both(of.cityEnd, street)]),
    },
    { name: 'beginning of street and initial', slots: of.streetStarts.flatMap(initials) },
    { name: 'end of postcode and initial', slots: initials(of.postcodeEnd) },
  ]
}

function aspectsOf(people: People, hinted: Int32Array) {
  const sound = ({ sound: key }: NameTerm): string => key
  const plain = (text: string): string => text
  const given = hashed(people.given, sound)
  const hints = people.given.terms.map(({ sound: key }) => (key === '' ? 0 : hashText(key)))
  const full = given.map((hash, at) => ((hinted[at] ?? 0) ? (hints[hinted[at] ?? 0] ?? 0) : hash))
  const family = hashed(people.family, sound)
  const exactGiven = hashed(people.given, ({ joined }) => joined)
  const exactFamily = hashed(people.family, ({ joined }) => joined)
  const lines = Math.min(2, Math.max(0, ...people.street.terms.map(({ names }) => names.length)))
  return {
    nationalId: eachHashed(people.nationalId, plain),
    email: eachHashed(people.email, (term) => term?.text ?? ''),
    local: eachHashed(people.email, (term) =>
      term === null || term.isRole || term.local.length < 5 ? '' : term.local,
    ),
    phone: eachHashed(people.phone, plain),
    birth: hashed(people.birth, plain),
    given: full,
    family,
    // In either order: the columns may be changed about.
    name: exactGiven.map((hash, at) =>
      hashBoth(Math.min(hash, exactFamily[at] ?? 0), Math.max(hash, exactFamily[at] ?? 0)),
    ),
    initial: hashed(people.given, ({ joined }) => joined.slice(0, 1)),
    givenStart: hashed(people.given, ({ joined }) => startOf(joined, 3)),
    familyStart: hashed(people.family, ({ joined }) => startOf(joined, 3)),
    givenEnd: hashed(people.given, ({ joined }) => endOf(joined, 3)),
    familyEnd: hashed(people.family, ({ joined }) => endOf(joined, 3)),
    familyInitial: hashed(people.family, ({ joined }) => joined.slice(0, 1)),
    postcode: hashed(people.postcode, plain),
    postcodeEnd: hashed(people.postcode, (code) => endOf(code, 3)),
    city: hashed(people.city, sound),
    cityStart: hashed(people.city, ({ joined }) => startOf(joined, 4)),
    cityEnd: hashed(people.city, ({ joined }) => endOf(joined, 4)),
    house: hashed(people.house, plain),
    streets: Array.from({ length: lines }, (_, line) =>
      hashed(people.street, ({ sounds }) => sounds[line] ?? ''),
    ),
    streetStarts: Array.from({ length: lines }, (_, line) =>
      hashed(people.street, ({ names }) => startOf(names[line] ?? '', 4)),
    ),
  }
}

const startOf = (text: string, letters: number): string =>
  text.length < letters ? '' : text.slice(0, letters)
const endOf = (text: string, letters: number): string => (text.length < letters ? '' : text.slice(-letters))

const hashed = <Term>(column: Column<Term>, keyOf: (term: Term) => string): Uint32Array =>
  eachHashed({ ...column, slots: [column.of] }, keyOf)[0] ?? new Uint32Array()

/** Of people who may have several values a slot each. */
function eachHashed<Term>({ terms, slots }: Column<Term>, keyOf: (term: Term) => string): Uint32Array[] {
  const hashes = terms.map((term) => {
    const key = keyOf(term)
    return key === '' ? 0 : hashText(key)
  })
  return slots.map((of) => Uint32Array.from(of, (number) => hashes[number] ?? 0))
}

const both = (one: Uint32Array, other: Uint32Array): Uint32Array =>
  one.map((hash, at) => hashBoth(hash, other[at] ?? 0))
