import { beforeAll, describe, expect, it } from 'vitest'
import { match } from '../../subgraphs/identity/matching/match.ts'
import type { MatchResult } from '../../subgraphs/identity/matching/match-result.ts'
import type { FieldKind, PersonRow } from '../../subgraphs/identity/matching/person-row.ts'
import { crmLikePeople } from '../support/people/crm-like-people.ts'
import { febrlLikePeople } from '../support/people/febrl-like-people.ts'
import type { LabelledPeople } from '../support/people/labelled-people.ts'
import { scoreClusters, scorePairs } from '../support/people/score-matching.ts'

const rowsOf = ({ columns, rows, fields }: LabelledPeople): PersonRow[] =>
  rows.map((cells) => {
    const values: Partial<Record<FieldKind, string>> = {}
    for (const [at, column] of columns.entries()) {
      const kind = fields[column] as FieldKind | undefined
      const cell = cells[at] ?? ''
      if (kind === undefined || cell === '') continue
      values[kind] = values[kind] === undefined ? cell : `${values[kind]}\n${cell}`
    }
    return { id: cells[0] ?? '', source: '', values }
  })

const clustersOf = ({ clusters }: MatchResult): [string, string][] =>
  Array.from(clusters, ({ id, cluster }) => [id, cluster])

const mergesOf = ({ pairs }: MatchResult): [string, string][] =>
  Array.from(pairs).flatMap(({ left, right, decision }) => (decision === 'merge' ? [[left, right]] : []))

describe('customers: households, twins, namesakes, nicknames, shared mailboxes and numbers', () => {
  const people = crmLikePeople({ people: 1500, seed: 3 })
  const rows = rowsOf(people)
  let result: MatchResult
  beforeAll(async () => {
    result = await match(rows)
  })

  it('finds who is who, and what it would merge unasked is right', () => {
    expect(scoreClusters(clustersOf(result), people.personOf).f1).toBeGreaterThanOrEqual(0.93)
    const merges = scorePairs(mergesOf(result), people.personOf)
    expect(merges.precision).toBeGreaterThanOrEqual(0.985)
    expect(merges.recall).toBeGreaterThanOrEqual(0.8)
  })

  it('decides the same in any order of the rows', async () => {
    const turned = await match(rows.toReversed())
    expect(clustersOf(turned)).toEqual(clustersOf(result))
    expect(Array.from(turned.pairs)).toEqual(Array.from(result.pairs))
    expect(turned.model).toEqual(result.model)
  })

  it('explains every pair: prior and weights add up to the odds, the odds are the probability', () => {
    const pairs = Array.from(result.pairs)
      .filter((_, at) => at % 40 === 0)
      .map(({ left, right, probability }) => ({ left, right, probability: probability as number | null }))
    const strangers = rows
      .slice(1, 60)
      .map(({ id }) => ({ left: rows[0]?.id ?? '', right: id, probability: null }))
    for (const { left, right, probability } of [...pairs, ...strangers]) {
      const explained = result.explain(left, right)
      const sum = (explained?.evidence ?? []).reduce(
        (total, { weight }) => total + weight,
        explained?.prior ?? 0,
      )
      expect(Math.abs(sum - (explained?.total ?? Number.NaN))).toBeLessThan(1e-9)
      expect(explained?.probability).toBeCloseTo(1 / (1 + 2 ** -sum), 9)
      if (probability !== null) expect(explained?.probability).toBeCloseTo(probability, 9)
    }
  })

  it('puts nobody together whom a veto keeps apart', () => {
    for (const { left, right } of result.pairs) expect(result.explain(left, right)?.vetoes).toEqual([])
  })

  it('says of rows that are not there that they are not', () =>
    expect(result.explain(rows[0]?.id ?? '', 'nobody')).toBe(null))
})

describe('lists full of mistakes, a record or more of everybody', () => {
  it.each([
    ['one', [], 0.995],
    ['one', ['soc_sec_id'], 0.995],
    ['one', ['soc_sec_id', 'date_of_birth'], 0.975],
    ['many', [], 0.98],
    ['many', ['soc_sec_id'], 0.99],
    ['many', ['soc_sec_id', 'date_of_birth'], 0.96],
  ] as const)('%s copy or more, without %j', async (copies, without, least) => {
    const people = febrlLikePeople({
      people: copies === 'one' ? 1000 : 500,
      seed: 5,
      copies,
      without: [...without],
    })
    const result = await match(rowsOf(people))
    expect(scoreClusters(clustersOf(result), people.personOf).f1).toBeGreaterThanOrEqual(least)
    expect(scorePairs(mergesOf(result), people.personOf).precision).toBe(1)
  })
})

describe('strangers of one rare name, or of one house, in lists without id and birth date', () => {
  it.each([101, 102])('are not merged unasked (%i)', async (seed) => {
    const without = ['soc_sec_id', 'date_of_birth'] as const
    const people = febrlLikePeople({ people: 5000, seed, copies: 'one', without })
    const merges = scorePairs(mergesOf(await match(rowsOf(people))), people.personOf)
    expect(merges.precision).toBe(1)
    expect(merges.recall).toBeGreaterThanOrEqual(0.96)
  })
})

describe('strangers of one name and one birth date, of whom one has many records', () => {
  it('are not merged unasked: a date that is written six times is no more evidence than once', async () => {
    const without = ['soc_sec_id'] as const
    const people = febrlLikePeople({ people: 2000, seed: 12, copies: 'many', errors: 4, without })
    const result = await match(rowsOf(people))
    expect(scorePairs(mergesOf(result), people.personOf).precision).toBe(1)
    expect(scoreClusters(clustersOf(result), people.personOf).f1).toBeGreaterThanOrEqual(0.997)
  })
})

const HOME = {
  family_name: 'Holt',
  street: 'Elm Street',
  house_number: '1',
  postcode: '1000',
  city: 'Oakside',
}
const RIGHT = { ...HOME, given_name: 'Ada', date_of_birth: '1985-02-03', national_id: '3307579' }
const SAME_NUMBER = { ...RIGHT, date_of_birth: '1985-03-02' }
const TWIN = { ...RIGHT, given_name: 'Wilma', national_id: '3307578' }
const SLIP = { ...RIGHT, date_of_birth: '1985-02-04', national_id: '3307519' }

describe('tables in which there is little to learn', () => {
  const ada = { given_name: 'Ada', family_name: 'Holt', email: 'ada.holt@one.example' }
  const bo = { given_name: 'Bo', family_name: 'Marsh', email: 'bo.marsh@one.example' }
  const decide = async (...values: PersonRow['values'][]): Promise<string[]> => {
    const { pairs, model } = await match(values.map((of, at) => ({ id: String(at), source: '', values: of })))
    const numbers = model.comparisons.flatMap(({ levels }) => levels.flatMap(({ m, u, h }) => [m, u, h]))
    expect([...numbers, model.prior.match, model.prior.household].every(Number.isFinite)).toBe(true)
    return Array.from(pairs, ({ left, right, decision }) => `${left}-${right} ${decision}`)
  }

  it.each([
    ['no rows', [], []],
    ['one row', [ada], []],
    ['rows of nothing', [{}, {}, {}], []],
    ['two equal rows and a stranger', [ada, ada, bo], ['0-1 merge']],
    ['rows that are all equal', [ada, ada, ada], ['0-1 merge', '0-2 merge', '1-2 merge']],
    [
      'a day and a month changed about',
      [
        { given_name: 'Ada', family_name: 'Holt', date_of_birth: '1990-02-09' },
        { given_name: 'Ada', family_name: 'Holt', date_of_birth: '1990-09-02' },
        { given_name: 'Ada', family_name: 'Holt', date_of_birth: '1961-07-23' },
      ],
      ['0-1 merge'],
    ],
    [
      'two of one household',
      [
        {
          given_name: 'Ada',
          family_name: 'Holt',
          street: 'Elm Street 1',
          postcode: '1000',
          phone: '0293331234',
        },
        {
          given_name: 'Bo',
          family_name: 'Holt',
          street: 'Elm Street 1',
          postcode: '1000',
          phone: '0293331234',
        },
      ],
      [],
    ],
    [
      'one of one name, birth date and house, whose number was written wrong',
      [
        { ...HOME, given_name: 'Ada', date_of_birth: '1990-02-09', national_id: '3307579' },
        { ...HOME, given_name: 'Ada', date_of_birth: '1990-02-09', national_id: '8124460' },
      ],
      ['0-1 merge'],
    ],
    [
      'twins with numbers of their own',
      [
        { ...HOME, given_name: 'Ada', date_of_birth: '1990-02-09', national_id: '3307579' },
        { ...HOME, given_name: 'Adi', date_of_birth: '1990-02-09', national_id: '8124460' },
      ],
      [],
    ],
    [
      'a mother and her daughter of one name',
      [
        { ...HOME, given_name: 'Ada', date_of_birth: '1961-07-23', national_id: '3307579' },
        { ...HOME, given_name: 'Ada', date_of_birth: '1990-02-09', national_id: '8124460' },
      ],
      [],
    ],
    [
      'two birth dates of one name and house, and numbers that are a slip apart',
      [SLIP, SAME_NUMBER],
      ['0-1 merge'],
    ],
    [
      'a name, a house and a date, which is written wrong in one of two numbers',
      [RIGHT, { ...RIGHT, date_of_birth: '1985-02-04', national_id: '8124460' }],
      ['0-1 merge'],
    ],
    ['two names of one birth date, and numbers that follow one another', [RIGHT, TWIN], []],
    [
      'two names of one birth date, and a digit that is wrong in the middle of the number',
      [RIGHT, { ...RIGHT, given_name: 'Wilma', national_id: '3301579' }],
      ['0-1 merge'],
    ],
    [
      'another date and another number, beside a record of the name, the date and the house of one of them',
      [
        RIGHT,
        { ...RIGHT, family_name: 'Hlot', national_id: '8124460' },
        { ...RIGHT, given_name: 'Holt', family_name: 'Ada' },
      ],
      ['0-1 merge', '0-2 merge', '1-2 merge'],
    ],
    [
      'two numbers that are both nearly a third one',
      [
        { ...RIGHT, street: 'Oak Road', national_id: '3301519' },
        { ...RIGHT, street: 'Ash Road', national_id: '8307579' },
        RIGHT,
      ],
      ['0-1 merge', '0-2 merge', '1-2 merge'],
    ],
    [
      'a father and his son',
      [
        { full_name: 'Bo Holt Sr.', email: 'holt@one.example' },
        { full_name: 'Bo Holt Jr.', email: 'holt@one.example' },
      ],
      [],
    ],
  ] as const)('%s', async (_, rows, decided) => expect(await decide(...rows)).toEqual(decided))
})
