import { foldText } from '../text/fold-text.ts'
import type { PersonRow } from '../person-row.ts'
import { createColumnBuilder, type Column } from './column.ts'
import { emailTerm, type EmailTerm } from './email-term.ts'
import { nameTerm, writtenName, type NameTerm } from './name-term.ts'
import { dateDigits, idText, phoneDigits } from './numbers.ts'
import { isPlaceholder } from './placeholders.ts'
import { streetTerm, type StreetTerm } from './street-term.ts'

/** All rows in the order of their ids, each field a column of numbers: what is compared is compared once per two values. */
export interface People {
  readonly size: number
  readonly ids: readonly string[]
  readonly given: Column<NameTerm>
  readonly family: Column<NameTerm>
  readonly generation: Column<string>
  readonly birth: Column<string>
  readonly email: Column<EmailTerm | null>
  readonly phone: Column<string>
  readonly nationalId: Column<string>
  readonly street: Column<StreetTerm>
  readonly house: Column<string>
  readonly postcode: Column<string>
  readonly city: Column<NameTerm>
  readonly region: Column<string>
  readonly company: Column<NameTerm>
}

const FIELDS = [
  'given',
  'family',
  'generation',
  'birth',
  'email',
  'phone',
  'nationalId',
  'street',
  'house',
  'postcode',
  'city',
  'region',
  'company',
] as const

type Field = (typeof FIELDS)[number]

/** People have two numbers, two mailboxes and two papers; any of one may be any of the other. */
const SEVERAL: ReadonlySet<Field> = new Set(['email', 'phone', 'nationalId'])
const MOST_VALUES = 4

export async function readPeople(
  rows: Iterable<PersonRow> | AsyncIterable<PersonRow>,
  onRead: (rows: number) => void,
): Promise<People> {
  const ids: string[] = []
  const builders = new Map(
    FIELDS.map((field) => [field, createColumnBuilder(SEVERAL.has(field) ? MOST_VALUES : 1)]),
  )
  for await (const row of rows) {
    ids.push(row.id)
    const fields = fieldsOf(row.values)
    for (const [field, builder] of builders) builder.add(fields[field])
    if (ids.length % 10_000 === 0) onRead(ids.length)
  }
  onRead(ids.length)
  const order = Int32Array.from(ids.keys()).toSorted((one, other) => (sorts(ids, one, other) ? -1 : 1))
  const column = <Term>(field: Field, read: (text: string) => Term): Column<Term> =>
    (builders.get(field) ?? createColumnBuilder()).build(order, read)
  const same = (text: string): string => text
  return {
    size: ids.length,
    ids: Array.from(order, (at) => ids[at] ?? ''),
    given: column('given', nameTerm),
    family: column('family', nameTerm),
    generation: column('generation', same),
    birth: column('birth', same),
    email: column('email', emailTerm),
    phone: column('phone', same),
    nationalId: column('nationalId', same),
    street: column('street', streetTerm),
    house: column('house', same),
    postcode: column('postcode', same),
    city: column('city', nameTerm),
    region: column('region', same),
    company: column('company', nameTerm),
  }
}

/** The order of the input has no say: everything after this sees rows in the order of their ids. */
const sorts = (ids: readonly string[], one: number, other: number): boolean =>
  (ids[one] ?? '') < (ids[other] ?? '')

function fieldsOf(values: PersonRow['values']): Record<Field, string> {
  const { given_name: given = '', family_name: family = '', full_name = '', street = '' } = values
  const house = first(values.house_number, real)
  return {
    ...writtenName(
      given,
      family,
      first(full_name, (written) => written),
    ),
    birth: first(values.date_of_birth, dateDigits),
    email: each(values.email, (written) => emailTerm(written)?.text ?? ''),
    phone: each(values.phone, phoneDigits),
    nationalId: each(values.national_id, idText),
    street,
    house: house === '' && /\d/.test(street) ? streetTerm(street).house : house,
    postcode: first(values.postcode, real).replaceAll(' ', ''),
    city: first(values.city, real),
    region: first(values.region, real),
    company: first(values.company, real),
  }
}

type Read = (written: string) => string

/** Of several columns of one kind the first that says anything. */
function first(written: string | undefined, read: Read): string {
  if (written === undefined || written === '') return ''
  if (!written.includes('\n')) return read(written)
  return written.split('\n').map(read).find(Boolean) ?? ''
}

/** All that they say, a line each. */
function each(written: string | undefined, read: Read): string {
  if (written === undefined || written === '') return ''
  if (!written.includes('\n')) return read(written)
  return [...new Set(written.split('\n').map(read).filter(Boolean))].join('\n')
}

const real = (written: string): string => {
  const folded = foldText(written)
  return isPlaceholder(folded) ? '' : folded
}
