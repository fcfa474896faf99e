import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createMatchingDesk } from '../support/people/matching-desk.ts'

const desk = createMatchingDesk()
const MAPPING = 'id: id\nfields: {given: given_name, family: family_name, mail: email}\n'
desk.put('mapping.yaml', MAPPING)
const OUT = ['--output', 'pairs.csv', '--clusters', 'clusters.csv']
const GOOD =
  'id,given,family,mail\n1,Ada,Lane,ada@mail.example\n2,Ada,Lane,ada@mail.example\n3,Bo,Marsh,bo@mail.example\n'

describe('a table that cannot be read', () => {
  it.each([
    ['of no bytes', '', 'TABLE_EMPTY'],
    ['of nothing but empty lines', '\n\n\r\n', 'TABLE_EMPTY'],
    ['that names a column twice', 'id,given,given\n1,Ada,Lane\n', 'TABLE_UNREADABLE'],
    ['that is packed', Buffer.from('1f8b0800000000000003', 'hex'), 'TABLE_UNREADABLE'],
    ['that is a spreadsheet', Buffer.from('504b030414000600', 'hex'), 'TABLE_UNREADABLE'],
    [
      'in Cyrillic letters of one byte',
      Buffer.from('69640a31 c0e4e0ece0ed0a'.replace(' ', ''), 'hex'),
      'TABLE_ENCODING_UNKNOWN',
    ],
  ])('%s is refused by its name', async (_, content, code) => {
    desk.put('bad.csv', content)
    const { code: exit, err } = await desk.match('--input', 'bad.csv', '--mapping', 'mapping.yaml', ...OUT)
    expect(err).toContain(`${code}: `)
    expect(err).toContain('bad.csv')
    expect(exit).toBe(1)
    expect(existsSync(desk.path('pairs.csv'))).toBe(false)
  })

  it('is named with the line where it stops being UTF-8', async () => {
    const cyrillic = Buffer.concat([
      Buffer.from(GOOD),
      Buffer.from('342cc0e4e0ec2c', 'hex'),
      Buffer.from('Lane,\n'),
    ])
    desk.put('bad.csv', cyrillic)
    const { err } = await desk.match('--input', 'bad.csv', '--mapping', 'mapping.yaml', ...OUT)
    expect(err).toContain('bad.csv, line 5')
  })

  it('is refused when it is not there', async () => {
    expect(await desk.match('--input', 'none.csv', ...OUT)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^TABLE_UNREADABLE: .*none\.csv: there is no such file/) as string,
    })
  })

  it.each([
    ['twice there', ['--input', 'people.csv', '--input', './people.csv', '--output', 'pairs.csv']],
    ['to be written, too', ['--input', 'people.csv', '--output', 'people.csv']],
    [
      'to be matched into a directory that is not there',
      ['--input', 'people.csv', '--output', 'no/pairs.csv'],
    ],
  ])('is refused as wrong usage when it is %s', async (_, args) => {
    desk.put('people.csv', GOOD)
    expect((await desk.match(...args)).code).toBe(2)
  })
})

describe('rows that cannot be read', () => {
  const BROKEN = `${GOOD}4,Cyd
5,"Cyd"x,Nash,cyd@mail.example
,Dee,Holt,dee@mail.example
1,Dee,Holt,dee@mail.example
6,Dee,Holt,dee@mail.example,and,more
7,Dee,"Holt,dee@mail.example
8,Dee,Holt,dee@mail.example,,
`

  it('refuse the table, all told at once, with line and code', async () => {
    desk.put('broken.csv', BROKEN)
    const { code, err } = await desk.match('--input', 'broken.csv', '--mapping', 'mapping.yaml', ...OUT)
    expect(code).toBe(1)
    expect(err.split('\n').filter((line) => line.startsWith('  '))).toEqual([
      '  broken.csv:5  ROW_TOO_SHORT',
      '  broken.csv:6  ROW_QUOTE_MISPLACED',
      '  broken.csv:7  ROW_WITHOUT_ID',
      '  broken.csv:8  ROW_ID_REPEATED',
      '  broken.csv:9  ROW_TOO_WIDE',
      '  broken.csv:10  ROW_QUOTE_NOT_CLOSED',
    ])
    expect(err).not.toContain('mail.example')
    expect(readdirSync(desk.path('.')).filter((file) => /pairs|clusters|part/.test(file))).toEqual([])
  })

  it('are left out and counted when that is asked for', async () => {
    const { code, out } = await desk.match(
      '--input',
      'broken.csv',
      '--mapping',
      'mapping.yaml',
      '--skip-broken',
      ...OUT,
    )
    expect(code).toBe(0)
    expect(out).toContain('4 records, 6 broken rows left out')
    expect(out).toContain('broken.csv:10  ROW_QUOTE_NOT_CLOSED')
    expect(desk.rows('clusters.csv').map(([id]) => id)).toEqual(['1', '2', '3', '8'])
  })
})

describe('ids', () => {
  it('that stand in two tables are refused, unless they are written with the name of their table', async () => {
    desk.put('shop.csv', GOOD)
    desk.put('app.csv', GOOD)
    const both = ['--input', 'shop.csv', '--input', 'app.csv', '--mapping', 'mapping.yaml', ...OUT]
    const { code, err } = await desk.match(...both)
    expect(code).toBe(1)
    expect(err).toMatch(/^TABLE_IDS_SHARED: .*\(3 ids\)[^]*--qualify-ids/m)
    expect(await desk.match(...both, '--qualify-ids')).toMatchObject({ code: 0 })
    expect(new Set(desk.rows('clusters.csv').map(([id]) => id))).toEqual(
      new Set(['app:1', 'app:2', 'app:3', 'shop:1', 'shop:2', 'shop:3']),
    )
  })
})

describe('a mapping that cannot be meant', () => {
  it.each([
    [
      'names a column that is not there',
      'id: id\nfields: {givn: given_name}',
      'there is no column givn; did you mean given?',
    ],
    ['names a kind that is none', 'id: id\nfields: {given: givenname}', 'did you mean given_name?'],
    ['has no id', 'fields: {given: given_name}', 'id has to name a column'],
    ['has no fields', 'id: id\nfields: {}', 'fields has to name columns'],
    ['has more than that', 'id: id\nfields: {given: given_name}\nthreshold: 1', 'threshold is none of'],
    ['is no YAML', 'id: [', 'it is not YAML'],
    ['uses a column twice', 'id: id\nfields: {id: given_name}', 'column id is named twice'],
  ])('%s', async (_, mapping, told) => {
    desk.put('people.csv', GOOD)
    desk.put('bad.yaml', mapping)
    const { code, err } = await desk.match('--input', 'people.csv', '--mapping', 'bad.yaml', ...OUT)
    expect(err).toMatch(/^MATCH_MAPPING_INVALID: /)
    expect(err).toContain(told)
    expect(code).toBe(2)
  })

  it('may leave out columns that are not there anyway', async () => {
    desk.put('spare.yaml', `${MAPPING}ignore: [true_id]\n`)
    expect((await desk.match('--input', 'people.csv', '--mapping', 'spare.yaml', ...OUT)).code).toBe(0)
  })
})
