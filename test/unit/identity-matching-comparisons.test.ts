import { describe, expect, test } from 'vitest'
import {
  compareStreetNames,
  compareTowns,
  LIKENESS,
} from '../../subgraphs/identity/matching/comparisons/address.ts'
import { BIRTH, compareBirthDates } from '../../subgraphs/identity/matching/comparisons/birth-date.ts'
import { COMPANY, compareCompanies } from '../../subgraphs/identity/matching/comparisons/company.ts'
import { compareMailboxes, EMAIL } from '../../subgraphs/identity/matching/comparisons/email.ts'
import { compareFamilyNames, FAMILY } from '../../subgraphs/identity/matching/comparisons/family-name.ts'
import { compareGivenNames, GIVEN } from '../../subgraphs/identity/matching/comparisons/given-name.ts'
import { compareNationalIds, NATIONAL_ID } from '../../subgraphs/identity/matching/comparisons/national-id.ts'
import { comparePhones, PHONE } from '../../subgraphs/identity/matching/comparisons/phone.ts'
import { emailTerm } from '../../subgraphs/identity/matching/people/email-term.ts'
import { nameTerm, writtenName } from '../../subgraphs/identity/matching/people/name-term.ts'
import { dateDigits, idText, phoneDigits } from '../../subgraphs/identity/matching/people/numbers.ts'
import { streetTerm } from '../../subgraphs/identity/matching/people/street-term.ts'
import { editDistance } from '../../subgraphs/identity/matching/text/edit-distance.ts'
import { foldText } from '../../subgraphs/identity/matching/text/fold-text.ts'
import { jaroWinkler } from '../../subgraphs/identity/matching/text/jaro-winkler.ts'
import { phoneticKey } from '../../subgraphs/identity/matching/text/phonetic-key.ts'

const name = (text: string) => nameTerm(foldText(text))
const levelName = (levels: Readonly<Record<string, number>>, level: number): string | undefined =>
  Object.keys(levels).find((key) => levels[key] === level)

/** Whoever is asked first: what is compared has no order. */
const bothWays = (compare: (one: string, other: string) => number, one: string, other: string): number => {
  expect(compare(other, one)).toBe(compare(one, other))
  return compare(one, other)
}

describe('texts', () => {
  test.each([
    ['José  MARÍA', 'jose maria'],
    ['Müller', 'muller'],
    ['Strauß', 'strauss'],
    ['O’Brien', 'obrien'],
    ['Łukasz', 'lukasz'],
    ['Анна', 'anna'],
    ['Ελένη', 'eleni'],
    ['ﬁona', 'fiona'],
    ['Ｂｏ', 'bo'],
    ['王小明', '王小明'],
    ['अदा', 'अदा'],
  ])('%s is compared as %s', (written, folded) => expect(foldText(written)).toBe(folded))

  test.each([
    ['martha', 'marhta', 0.9611],
    ['dwayne', 'duane', 0.84],
    ['dixon', 'dicksonx', 0.8133],
    ['jellyfish', 'smellyfish', 0.8963],
    ['müller', 'muller', 0.9],
    ['', 'ada', 0],
    ['ada', 'ada', 1],
  ])('Jaro–Winkler of %s and %s is %f', (one, other, similarity) =>
    expect(jaroWinkler(one, other)).toBeCloseTo(similarity, 4),
  )

  test.each([
    ['ada', 'ada', 0],
    ['ada', 'aad', 1],
    ['ada', 'adda', 1],
    ['ada', 'eda', 1],
    ['ca', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['😀a', 'a', 1],
    ['', 'ab', 2],
  ])('between %s and %s lie %i edits', (one, other, distance) => {
    expect(editDistance(one, other, 3)).toBe(distance)
    expect(editDistance(other, one, 3)).toBe(distance)
    // Beyond what is asked for it only says: more.
    expect(editDistance(one, other, 1)).toBe(Math.min(distance, 2))
  })

  test.each([
    ['smith', 'smyth'],
    ['philipp', 'filip'],
    ['meyer', 'maier'],
    ['schmidt', 'schmitt'],
  ])('%s sounds like %s', (one, other) => expect(phoneticKey(one)).toBe(phoneticKey(other)))
})

describe('names', () => {
  test.each([
    ['Ada', 'ADA', 'equal'],
    ['Anna Maria', 'Annamaria', 'equal'],
    ['Anna Maria', 'Maria', 'form'],
    ['Bob', 'Robert', 'form'],
    ['Alex', 'Alexandra', 'form'],
    ['Tom', 'Thoomas', 'form'],
    ['Катя', 'Ekaterina', 'form'],
    ['Ada', 'Aad', 'slip'],
    ['Isabelle', 'Isabel', 'form'],
    ['Dee', 'D.', 'initial'],
    ['Isabella', 'B', 'faint'],
    ['Cyd', 'B', 'differs'],
    ['Catherine', 'Cathryn', 'faint'],
    ['Robert', 'Roberta', 'slip'],
    ['Ada', 'Bo', 'differs'],
    ['Thomas', 'Timothy', 'differs'],
    ['William', 'James', 'differs'],
  ])('given names %s and %s: %s', (one, other, level) => {
    const compare = (left: string, right: string) => compareGivenNames(name(left), name(right))
    expect(levelName(GIVEN, bothWays(compare, one, other))).toBe(level)
  })

  test.each([
    ['Marsh', 'marsh', 'equal'],
    ['Mac Arthur', 'MacArthur', 'equal'],
    ['Marsh', 'Marhs', 'slip'],
    ['Holt-Marsh', 'Marsh', 'part'],
    ['Meyer', 'Maier', 'faint'],
    ['Holt', 'Marsh', 'differs'],
  ])('family names %s and %s: %s', (one, other, level) => {
    const compare = (left: string, right: string) => compareFamilyNames(name(left), name(right))
    expect(levelName(FAMILY, bothWays(compare, one, other))).toBe(level)
  })

  test.each([
    ['', '', 'Ada Holt', 'ada', 'holt', ''],
    ['', '', 'Holt, Ada', 'ada', 'holt', ''],
    ['', '', 'Bo van der Marsh', 'bo', 'van der marsh', ''],
    ['Dr. Bo', 'Marsh Jr.', '', 'bo', 'marsh', 'jr'],
    ['', '', 'Cyd Holt III', 'cyd', 'holt', 'iii'],
    ['N/A', 'unknown', '', '', '', ''],
  ])('written %s|%s|%s it is %s %s %s', (given, family, full, first, last, generation) =>
    expect(writtenName(given, family, full)).toEqual({ given: first, family: last, generation }),
  )
})

describe('dates and numbers', () => {
  test.each([
    ['1990-02-09', '1990-02-09', 'equal'],
    ['1990-02-09', '1990-09-02', 'slip'],
    ['1990-02-09', '1990-02-08', 'slip'],
    ['1990-02-19', '1990-02-91', 'slip'],
    ['1990-02-09', '1961-02-09', 'parts'],
    ['1990-02-09', '1961-07-23', 'differs'],
  ])('birth dates %s and %s: %s', (one, other, level) => {
    const compare = (left: string, right: string) => compareBirthDates(dateDigits(left), dateDigits(right))
    expect(levelName(BIRTH, bothWays(compare, one, other))).toBe(level)
  })

  test.each([
    ['19900209', '19900209'],
    ['9.2.1990', '19900209'],
    ['1990-02-09T00:00:00Z', '19900209'],
    ['1900-01-01', ''],
    ['soon', ''],
  ])('the date %s is read as %s', (written, read) => expect(dateDigits(written)).toBe(read))

  test.each([
    ['+61 406 614 608', '(04) 0661-4608', 'equal'],
    ['0061 406 614 608', '0406614608', 'equal'],
    ['0406614608', '0406614680', 'slip'],
    ['0406614608', '0293331234', 'differs'],
  ])('phones %s and %s: %s', (one, other, level) => {
    const compare = (left: string, right: string) =>
      comparePhones(phoneDigits(left), phoneDigits(right), false)
    expect(levelName(PHONE, bothWays(compare, one, other))).toBe(level)
    if (level === 'equal')
      expect(comparePhones(phoneDigits(one), phoneDigits(other), true)).toBe(PHONE.shared)
  })

  test.each(['0000000000', '+1 111 111 1111', '1234567890', '12345'])('%s is nobody’s number', (phone) =>
    expect(phoneDigits(phone)).toBe(''),
  )

  test.each([
    ['804-19-74', '8041974', 'equal'],
    ['8041974', '8041947', 'slip'],
    ['8041974', '6089216', 'differs'],
  ])('national ids %s and %s: %s', (one, other, level) => {
    const compare = (left: string, right: string) => compareNationalIds(idText(left), idText(right))
    expect(levelName(NATIONAL_ID, bothWays(compare, one, other))).toBe(level)
  })

  test.each(['000-00-0000', '123456789', 'none'])('%s is nobody’s id', (id) => expect(idText(id)).toBe(''))
})

describe('mailboxes, companies and addresses', () => {
  const mailboxes = (one: string, other: string): number => {
    const [left, right] = [emailTerm(one), emailTerm(other)]
    return left === null || right === null ? -1 : compareMailboxes(left, right, false)
  }

  test.each([
    ['kestrel58@one.example', 'kestrel58@two.example', 'local'],
    ['kestrel@one.example', 'kestrle@one.example', 'slip'],
    ['kestrel85@one.example', 'kestrel86@one.example', 'differs'],
    ['info@one.example', 'info@two.example', 'differs'],
    ['kestrel@one.example', 'heron@one.example', 'differs'],
  ])('%s and %s: %s', (one, other, level) =>
    expect(levelName(EMAIL, bothWays(mailboxes, one, other))).toBe(level),
  )

  test('tags and case do not make another mailbox', () =>
    expect(emailTerm('Kestrel+Shop@One.Example')?.text).toBe('kestrel@one.example'))

  test.each(['null@one.example', 'noreply@one.example', 'n/a', '@one.example', ''])(
    '%s is no mailbox',
    (email) => expect(emailTerm(email)).toBe(null),
  )

  test.each(['info@one.example', 'holtfamily@one.example', 'sales.team@one.example'])(
    '%s is a role’s',
    (email) => expect(emailTerm(email)?.isRole).toBe(true),
  )

  test.each([
    ['Heron Works', 'heronworks', 'equal'],
    ['Heron', 'Heron Holding', 'alike'],
    ['Heron', 'Kestrel', 'differs'],
  ])('companies %s and %s: %s', (one, other, level) => {
    const compare = (left: string, right: string) => compareCompanies(name(left), name(right))
    expect(levelName(COMPANY, bothWays(compare, one, other))).toBe(level)
  })

  test.each([
    ['12 Elm St', 'elm street', 'equal'],
    ['Elm House\nHigh Street', 'High Street', 'equal'],
    ['Hodgkinson Street', 'hodgkinsong street', 'alike'],
    ['wallabyplace', 'Wallaby Place', 'equal'],
    ['Elm Street', 'Oak Street', 'differs'],
  ])('streets %s and %s: %s', (one, other, level) => {
    const compare = (left: string, right: string) => compareStreetNames(streetTerm(left), streetTerm(right))
    expect(levelName(LIKENESS, bothWays(compare, one, other))).toBe(level)
  })

  test.each([
    ['Köln', 'KOLN', 'equal'],
    ['Naracoorte', 'narracoorte', 'alike'],
    ['Wien', 'Graz', 'differs'],
  ])('towns %s and %s: %s', (one, other, level) => {
    const compare = (left: string, right: string) => compareTowns(name(left), name(right))
    expect(levelName(LIKENESS, bothWays(compare, one, other))).toBe(level)
  })
})
