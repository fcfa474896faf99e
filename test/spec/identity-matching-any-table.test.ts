import { describe, expect, it } from 'vitest'
import { match } from '../../subgraphs/identity/matching/match.ts'
import type { FieldKind, PersonRow } from '../../subgraphs/identity/matching/person-row.ts'
import { cleanValue } from '../../subgraphs/identity/matching/table/clean-value.ts'
import { crmLikePeople } from '../support/people/crm-like-people.ts'
import { febrlLikePeople } from '../support/people/febrl-like-people.ts'
import type { LabelledPeople } from '../support/people/labelled-people.ts'

type Values = PersonRow['values']

const decide = async (values: readonly Values[]): Promise<string[]> => {
  const rows = values.map((of, at) => ({ id: String(at), source: '', values: of }))
  const { pairs } = await match(rows)
  return Array.from(pairs, ({ left, right, decision }) => `${left}-${right} ${decision}`)
}

/** Others, so that there is something to compare with. */
const others: readonly Values[] = Array.from({ length: 40 }, (_, at) => ({
  given_name: ['Cyd', 'Dee', 'Bo', 'Noor'][at % 4] ?? '',
  family_name: `Other${String.fromCodePoint(97 + (at % 26))}${String.fromCodePoint(97 + (at % 7))}`,
  email: `other${at}.kestrel${at * 7}@one.example`,
  phone: `0${200_000_000 + at * 7_654_321}`,
}))
const ofFirstTwo = async (one: Values, other: Values): Promise<string | undefined> =>
  (await decide([one, other, ...others])).find((pair) => pair.startsWith('0-1 '))

describe('whoever has several values is who he is by any of them', () => {
  const ada = { given_name: 'Ada', family_name: 'Holt' }
  it.each<readonly [string, FieldKind, string, string]>([
    ['mailboxes', 'email', 'heron31@one.example\nkestrel58@two.example', 'kestrel58@two.example'],
    ['numbers', 'phone', '0293331234\n0406614608', '+61 406 614 608'],
    ['papers', 'national_id', '8041974\nX5566778', 'X5566778'],
  ])('%s', async (_, kind, several, one) =>
    expect(await ofFirstTwo({ ...ada, [kind]: several }, { ...ada, [kind]: one })).toBe('0-1 merge'),
  )
})

describe('one number and one day in the ways they are written', () => {
  it.each([
    ['+47 22 33 44 56', '22334456'],
    ['0049 (0)30 2374615', '030 2374615'],
    ['+44 20 7946 0958', '(020) 7946 0958'],
    ['+1 (212) 555-0187', '212-555-0187'],
  ])('%s is %s', async (one, other) => {
    const ada = { given_name: 'Ada', family_name: 'Holt' }
    expect(await ofFirstTwo({ ...ada, phone: one }, { ...ada, phone: other })).toBe('0-1 merge')
  })

  it.each([
    ['1990年2月9日', 'day-first', '1990-02-09'],
    ['1990년 2월 9일', 'day-first', '1990-02-09'],
    ['٠٩/٠٢/١٩٩٠', 'day-first', '1990-02-09'],
    ['09021990', 'day-first', '1990-02-09'],
    ['02091990', 'month-first', '1990-02-09'],
    ['19900209', 'day-first', '1990-02-09'],
  ] as const)('%s (%s) is %s', (written, order, day) =>
    expect(cleanValue('date_of_birth', written, order)).toEqual({ value: day }),
  )
})

describe('names in other scripts', () => {
  it('a name written in one go is the family and the given name', async () => {
    const phone = '13871945602'
    const found = await ofFirstTwo(
      { family_name: '王', given_name: '小明', phone },
      { full_name: '王小明', phone: `+86 ${phone}` },
    )
    expect(found).toBe('0-1 merge')
  })

  it('another sign is another name, not a slip', async () => {
    const home = { family_name: '王', street: '长安街', house_number: '7', city: '北京' }
    expect(await ofFirstTwo({ ...home, given_name: '小明' }, { ...home, given_name: '小红' })).toBe(undefined)
  })

  it('of two scripts nothing is known: what else agrees decides', async () => {
    const email = 'kestrel58@two.example'
    const found = await ofFirstTwo(
      { given_name: 'محمد', family_name: 'حسن', email },
      { given_name: 'Mohammed', family_name: 'Hassan', email },
    )
    expect(found).toBeDefined()
  })
})

describe('what is never merged unasked', () => {
  it('two who share a name and of whom nothing else is known', async () => {
    const names = ['Ada', 'Bo', 'Cyd', 'Dee'].flatMap((given_name) =>
      ['Holt', 'Marsh', 'Crane', 'Webb'].map((family_name) => ({ given_name, family_name })),
    )
    const pairs = await decide([...names, ...names])
    expect(pairs.filter((pair) => pair.endsWith(' merge'))).toEqual([])
  })

  it('two companies of one house and one telephone', async () => {
    const house = { street: 'Elm Street', house_number: '7', postcode: '1000', phone: '0293331234' }
    const companies = ['heron works', 'kestrel labs', 'acorn media'].map((company) => ({ company, ...house }))
    const pairs = await decide([...companies, ...others])
    expect(pairs.filter((pair) => pair.endsWith(' merge'))).toEqual([])
  })

  const onceEach = ({ rows, personOf, ...rest }: LabelledPeople): LabelledPeople => {
    const seen = new Set<number | undefined>()
    const first = ([id = '']: readonly string[]): boolean => {
      const person = personOf.get(id)
      const isNew = !seen.has(person)
      seen.add(person)
      return isNew
    }
    return { ...rest, personOf, rows: rows.filter(first) }
  }
  const valuesOf = ({ columns, rows, fields }: LabelledPeople): Values[] =>
    rows.map((cells) =>
      Object.fromEntries(
        columns.flatMap((column, at) => {
          const kind = fields[column]
          return kind === undefined || !cells[at] ? [] : [[kind, cells[at]]]
        }),
      ),
    )

  it.each([
    ['customers', () => crmLikePeople({ people: 400, seed: 12 })],
    ['a list', () => febrlLikePeople({ people: 400, seed: 12, copies: 'many' })],
    [
      'a list without id and birth date',
      () =>
        febrlLikePeople({ people: 400, seed: 12, copies: 'many', without: ['soc_sec_id', 'date_of_birth'] }),
    ],
  ])('anybody of %s in which nobody stands twice', async (_, make) => {
    const pairs = await decide(valuesOf(onceEach(make())))
    expect(pairs.filter((pair) => pair.endsWith(' merge'))).toEqual([])
  })
})
