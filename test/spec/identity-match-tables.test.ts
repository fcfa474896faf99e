import { describe, expect, it } from 'vitest'
import type { PersonRow } from '../../subgraphs/identity/matching/person-row.ts'
import { openSources } from '../../subgraphs/identity/matching/table/open-sources.ts'
import { createReading, type Reading } from '../../subgraphs/identity/matching/table/read-rows.ts'
import { createMatchingDesk } from '../support/people/matching-desk.ts'

const desk = createMatchingDesk()

interface Read {
  readonly rows: readonly PersonRow['values'][]
  readonly reading: Reading
}

/** With the mapping that is proposed. */
const read = async (
  content: string | Buffer,
  options: { encoding?: string; region?: string } = {},
): Promise<Read> => {
  const { encoding = null, region = null } = options
  const sources = await openSources({ files: [desk.put('t.csv', content)], mappings: [], encoding, region })
  const reading = createReading(sources, { isSkippingBroken: false, isQualifying: false })
  const rows: PersonRow['values'][] = []
  for await (const { values } of reading.rows(() => undefined)) rows.push(values)
  return { rows, reading }
}

const TABLE = 'id;vorname;nachname;ort\n1;Zoë;Müller;Köln\n2;Ada;Großmann;"Bad; Ems"\n'
const PEOPLE = [
  { given_name: 'Zoë', family_name: 'Müller', city: 'Köln' },
  { given_name: 'Ada', family_name: 'Großmann', city: 'Bad; Ems' },
]
const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

describe('a table', () => {
  it.each([
    ['UTF-8', Buffer.from(TABLE)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${TABLE}`)],
    ['CRLF', Buffer.from(TABLE.replaceAll('\n', '\r\n'))],
    ['CR, as of old', Buffer.from(TABLE.replaceAll('\n', '\r'))],
    ['no line end at its end', Buffer.from(TABLE.trimEnd())],
    ['UTF-16 little-endian with a mark', Buffer.from(`\uFEFF${TABLE}`, 'utf16le')],
    ['UTF-16 big-endian with a mark', swapped(`\uFEFF${TABLE}`)],
    ['UTF-16 without a mark', Buffer.from(TABLE, 'utf16le')],
    ['Latin-1', Buffer.from(TABLE, 'latin1')],
    ['tabulators', Buffer.from(TABLE.replaceAll(';', '\t').replace('Bad\t', 'Bad;'))],
    ['the separator said in its first line', Buffer.from(`sep=;\r\n${TABLE}`)],
    ['surplus empty cells', Buffer.from(TABLE.replace('Köln', 'Köln;;'))],
  ])('is read the same in %s', async (_, content) => {
    expect((await read(content)).rows).toEqual(PEOPLE)
  })

  it('of Latin letters of one byte is read, and the report says that it was a guess', async () => {
    const { reading } = await read(Buffer.from(TABLE, 'latin1'))
    expect(reading.sources[0]?.source.table).toMatchObject({ encoding: 'windows-1252', isGuessed: true })
  })

  it('in another encoding is read when that is said', async () => {
    const polish = Buffer.from(
      'id;imię;nazwisko\n1;Łucja;Wąs\n'.replace('imię', 'imie').replace('Ł', '\u00A3').replace('ą', '\u00B9'),
      'latin1',
    )
    expect((await read(polish, { encoding: 'windows-1250' })).rows).toEqual([
      { given_name: 'Łucja', family_name: 'Wąs' },
    ])
    await expect(read(polish)).rejects.toMatchObject({ code: 'TABLE_ENCODING_UNKNOWN' })
    await expect(read(polish, { encoding: 'klingon' })).rejects.toMatchObject({
      code: 'TABLE_ENCODING_UNKNOWN',
    })
  })

  it('of more rows than one run holds is refused before anything is done with them', async () => {
    const sources = await openSources({ files: [desk.put('t.csv', TABLE)], mappings: [], region: null })
    const options = { isSkippingBroken: false, isQualifying: false, mostRows: 1 }
    const rows = createReading(sources, options).rows(() => undefined)
    await rows.next()
    await rows.next()
    await expect(rows.next()).rejects.toMatchObject({ code: 'TABLES_TOO_LARGE' })
  })

  it('with two columns of a kind gives both', async () => {
    const { rows } = await read(
      'id,email,second email\n1,Ada@Mail.example,ada@post.example\n2,,bo@mail.example\n',
    )
    expect(rows).toEqual([{ email: 'ada@mail.example\nada@post.example' }, { email: 'bo@mail.example' }])
  })
})

describe('a value', () => {
  const valuesOf = async (column: string, values: readonly string[], region?: string): Promise<unknown[]> => {
    const lines = values.map((value, at) => `${at},"${value}",Lane\n`).join('')
    const { rows } = await read(`id,${column},surname\n${lines}`, region === undefined ? {} : { region })
    return rows.map((row) => Object.entries(row).find(([kind]) => kind !== 'family_name')?.[1])
  }

  it('of a date is told from its own table: day first, month first, or as in the country', async () => {
    expect(await valuesOf('dob', ['03/04/1990', '25/04/1990'])).toEqual(['1990-04-03', '1990-04-25'])
    expect(await valuesOf('dob', ['03/04/1990', '04/25/1990'])).toEqual(['1990-03-04', '1990-04-25'])
    expect(await valuesOf('dob', ['03/04/1990'])).toEqual(['1990-04-03'])
    expect(await valuesOf('dob', ['03/04/1990', '03.04.1990'], 'US')).toEqual(['1990-03-04', '1990-04-03'])
    expect(
      await valuesOf('dob', [
        '19900209',
        '1990-2-9',
        '1990-02-09T00:00:00Z',
        '9 Feb 1990',
        '9. März 1990',
        '09.02.90',
      ]),
    ).toEqual(['1990-02-09', '1990-02-09', '1990-02-09', '1990-02-09', '1990-03-09', '1990-02-09'])
  })

  it('of a day that no calendar has is kept: it is a slip, and near the right one', async () => {
    expect(await valuesOf('dob', ['19901345', '1990-02-31'])).toEqual(['1990-13-45', '1990-02-31'])
  })

  it('of a mailbox or a number is taken out of what stands around it', async () => {
    expect(
      await valuesOf('email', ['Ada Lane <ADA@mail.example>', 'mailto:ada@mail.example', 'no mailbox']),
    ).toEqual(['ada@mail.example', 'ada@mail.example', undefined])
    expect(
      await valuesOf('phone', ['+61 (0)412 000 123', '(04) 1200-0123 ext. 7', '0061412000123', '12']),
    ).toEqual(['+61412000123', '0412000123', '+61412000123', undefined])
  })

  it('that stands where none is known is nothing, and is counted', async () => {
    const { rows, reading } = await read(`id,surname,email,phone,ssn,dob,postcode
1,n/a,null@example.com,0000000000,000-00-0000,1900-01-01,00000
2,UNKNOWN,test@mail.example,1234567890,078-05-1120,1970-01-01,-
3,-,noreply@mail.example,999999999,123-45-6789,0000-00-00,?
4,Unbekannt,no.email@mail.example,-,n.a.,9999-12-31,N/A
`)
    expect(rows).toEqual([{}, {}, {}, {}])
    const dropped = (column: string): unknown =>
      reading.sources[0]?.columns.find((counts) => counts.column === column)?.dropped
    expect(dropped('email')).toEqual({ placeholder: 0, nobodys: 4, unreadable: 0 })
    expect(dropped('surname')).toEqual({ placeholder: 4, nobodys: 0, unreadable: 0 })
    expect(dropped('dob')).toEqual({ placeholder: 0, nobodys: 4, unreadable: 0 })
  })

  it('that only looks like none is somebody’s', async () => {
    const { rows } = await read(`id,given_name,surname,email,city,ssn
1,Na,Nan,info@mail.example,Nil,234
2,Nil,No,nullmeyer@mail.example,Test Valley,99
`)
    expect(rows).toEqual([
      { given_name: 'Na', family_name: 'Nan', email: 'info@mail.example', national_id: '234' },
      {
        given_name: 'Nil',
        family_name: 'No',
        email: 'nullmeyer@mail.example',
        city: 'Test Valley',
        national_id: '99',
      },
    ])
  })
})
