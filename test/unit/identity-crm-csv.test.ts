import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { importCrmCsv } from '../../subgraphs/identity/crm-csv.ts'
import { readCsv } from '../../subgraphs/identity/csv.ts'
import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import type { ResolvedRecord } from '../../subgraphs/identity/store.ts'
import type { RawRecord } from '../../subgraphs/identity/vault/raw-record.ts'
import { openTestVault } from '../support/open-test-vault.ts'
import { tokenOf } from '../support/token-of.ts'

const pseudonymizer = createPseudonymizer({
  keys: [{ version: 1, secret: 'a secret for tests, thirty-two bytes or more' }],
  current: 1,
})
const HEADER =
  'rec_id,true_id,source,given_name,surname,email,phone,date_of_birth,street_number,street,postcode,suburb,company'

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* chunks
}

/** A store that also tells what was written to it. */
function watchedStore() {
  const store = createMemoryIdentityStore()
  const written: ResolvedRecord[] = []
  const change: typeof store.change = (work) =>
    store.change((graph) =>
      work({
        ...graph,
        putRecords(records, at) {
          written.push(...records)
          return graph.putRecords(records, at)
        },
      }),
    )
  return { store: { ...store, change }, written }
}

const importText = async (text: string, onProgress?: (rows: number) => void) => {
  const { store, written } = watchedStore()
  const vault = await openTestVault()
  const raw: RawRecord[] = []
  const watched: typeof vault = {
    ...vault,
    put(records) {
      raw.push(...records)
      return vault.put(records)
    },
  }
  const options = {
    store,
    vault: watched,
    pseudonymizer,
    ...(onProgress === undefined ? {} : { onProgress }),
  }
  const report = await importCrmCsv(chunksOf(text), { ...options, region: 'AU' })
  return { report, written, raw }
}

describe('a CRM export', () => {
  test('comes in record by record', async () => {
    const { report, written, raw } = await importText(
      `${HEADER}\r\nr1,17,support,ada,lind,ada@example.org,(04) 0661-4608,1990-02-09,1,high street,2041,ringwood,"lind, sons"\r\n`,
    )
    expect(report).toEqual({ rows: 1, imported: 1, newPeople: 1, erased: 0, faults: [] })
    expect(written).toEqual([
      expect.objectContaining({
        source: 'support',
        recordId: expect.stringMatching(/^r_/),
        region: 'AU',
        account: await tokenOf(pseudonymizer, 'account', 'lind, sons'),
      }),
    ])
    expect(raw).toEqual([
      {
        source: 'support',
        recordId: 'r1',
        givenName: 'ada',
        familyName: 'lind',
        email: 'ada@example.org',
        phone: '(04) 0661-4608',
        dateOfBirth: '1990-02-09',
        company: 'lind, sons',
        region: 'AU',
      },
    ])
    expect(written[0]?.identifiers.map(({ token }) => token)).toContain(
      await tokenOf(pseudonymizer, 'phone', '+61406614608'),
    )
  })

  test('`true_id` and addresses are dropped: they reach no record, and change nothing', async () => {
    const row = (truth: string) =>
      `${HEADER}\nr1,${truth},app,ada,lind,ada@example.org,,,9,SENTINELSTREET,SENTINELCODE,SENTINELSUBURB,\n`
    const one = await importText(row('SENTINELTRUTH'))
    expect(JSON.stringify([one.written, one.raw])).not.toMatch(/sentinel/i)
    const other = await importText(row(''))
    const unnamed = (written: typeof one.written) => written.map(({ recordId: _name, ...rest }) => rest)
    expect(unnamed(one.written)).toEqual(unnamed(other.written))
    expect(one.raw).toEqual(other.raw)
  })

  test('people are not told apart or put together by `true_id`', async () => {
    const { report } = await importText(
      `${HEADER}\nr1,7,app,ada,lind,ada@example.org,,,,,,,\nr2,8,crm,ada,lind,ada@example.org,,,,,,,\nr3,7,crm,bo,berg,,,,,,,,\n`,
    )
    expect(report.newPeople).toBe(2)
  })

  test('a bad row is reported with its line and column, never with what was in it; the others come in', async () => {
    const rows = [
      'r1,,app,ada,lind,,,,,,,,',
      ',,app,SECRET,,,,,,,,,',
      'r3,,app,SECRET',
      'r4,,app,"bo\nof two lines",,,,,,,,,',
      'r5,,app,SECRET,,,,1990-02-30,,,,,',
      'r1,,app,SECRET,,,,,,,,,',
      'r1,,crm,dee,,,,,,,,,',
      'r7,,app,"SECRET,,,,,,,,,',
    ]
    const { report, raw } = await importText(`${HEADER}\n${rows.join('\n')}`)
    expect(report).toMatchObject({ rows: 8, imported: 3 })
    expect(report.faults).toEqual([
      { line: 3, problem: 'rec_id: is empty' },
      { line: 4, problem: '4 cells, but the first line names 13 columns' },
      { line: 7, problem: 'date_of_birth: is not a date like 1990-02-09' },
      { line: 8, problem: 'rec_id: this source has it on an earlier line' },
      { line: 10, problem: 'a quote is not closed' },
    ])
    expect(JSON.stringify(report)).not.toContain('SECRET')
    expect(raw.map(({ recordId, source }) => `${source} ${recordId}`)).toEqual(['app r1', 'app r4', 'crm r1'])
  })

  test.each([
    ['is empty', '', /empty/],
    ['lacks columns', 'rec_id,source,SECRET\n', /given_name, surname, email, phone, date_of_birth, company/],
  ])('a file that %s is refused as a whole', async (_, text, message) => {
    await expect(importText(text)).rejects.toMatchObject({
      code: 'CRM_FILE_UNREADABLE',
      message: expect.stringMatching(message),
    })
    await expect(importText(text)).rejects.not.toThrow('SECRET')
  })

  test('progress is told after each batch', async () => {
    const rows = Array.from({ length: 2500 }, (_, index) => `r${index},,app,ada,lind,,,,,,,,`)
    const told: number[] = []
    await importText(`${HEADER}\n${rows.join('\n')}`, (count) => told.push(count))
    expect(told).toEqual([2000, 2500])
  })
})

describe('CSV', () => {
  const rowsOf = async (...chunks: (string | Uint8Array)[]) => {
    const rows = []
    for await (const row of readCsv(chunksOf(...chunks))) rows.push(row)
    return rows
  }

  test.each([
    [
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      '\uFEFFa,b\r\n"c,\r\nd",e\r',
      [
        ['a', 'b'],
        ['c,\r\nd', 'e'],
      ],
    ],
    [
      '"a ""b""",c\n\n,\n',
      [
        ['a "b"', 'c'],
        ['', ''],
      ],
    ],
    ['a"b,"c"d\n', [['a"b', 'cd']]],
    ['', []],
  ])('row %#', async (text, cells) => {
    expect((await rowsOf(text)).map((row) => ('cells' in row ? row.cells : row.fault))).toEqual(cells)
  })

  test('a quote that is never closed does not swallow the file', async () => {
    const rows = await rowsOf(`a\n"${'x\n'.repeat(40_000)}b\nc`)
    expect(rows[1]).toMatchObject({ line: 2, fault: expect.stringMatching(/longer than/) })
    expect(rows.at(-1)).toMatchObject({ cells: ['c'] })
  })

  test('what is written comes back, wherever the chunks are cut', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '💙', ',', '"', '\n', ' '), maxLength: 8 })
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(table, fc.nat(60), fc.constantFrom('\n', '\r\n'), async (rows, at, end) => {
        const text = rows
          .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(',') + end)
          .join('')
        const bytes = new TextEncoder().encode(text)
        const read = await rowsOf(bytes.subarray(0, at), bytes.subarray(at))
        expect(read.map((row) => ('cells' in row ? row.cells : row.fault))).toEqual(rows)
      }),
    )
  })
})
