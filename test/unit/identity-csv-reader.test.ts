import { assert, array, constantFrom, integer, property, string, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CsvReader, LONGEST_ROW, type CsvRow } from '../../subgraphs/identity/matching/table/csv-reader.ts'

const readAll = (text: string, { separator = ',', part = Infinity } = {}): CsvRow[] => {
  const reader = new CsvReader(separator)
  let rows: readonly CsvRow[] = []
  for (let at = 0; at < text.length; at += part) rows = rows.concat(reader.read(text.slice(at, at + part)))
  return rows.concat(reader.end())
}

const cellsOf = (text: string, options?: { separator?: string; part?: number }): unknown[] =>
  readAll(text, options).map((row) => ('cells' in row ? row.cells : row.fault))

describe('reading CSV', () => {
  it('takes every line end, empty lines and quotes around separators, quotes and line ends', () => {
    expect(readAll('a,b\r\n\r\n"1,2","say ""hi"""\n"two\nlines",x\rlast,')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 3, cells: ['1,2', 'say "hi"'] },
      { line: 4, cells: ['two\nlines', 'x'] },
      { line: 6, cells: ['last', ''] },
    ])
  })

  it('reads the same whatever the parts', () => {
    const cell = string({ unit: constantFrom('a', 'é', '"', ',', ';', '\n', '\r', ' ', '漢'), maxLength: 6 })
    const row = array(cell, { minLength: 2, maxLength: 4 })
    assert(
      property(
        array(row, { maxLength: 6 }),
        integer({ min: 1, max: 7 }),
        constantFrom('\n', '\r\n'),
        (rows, part, end) => {
          const text = rows.map((cells) => cells.map(written).join(',') + end).join('')
          expect(cellsOf(text, { part })).toEqual(rows)
        },
      ),
      { numRuns: 300, seed: 6 },
    )
  })

  it('leaves quotes inside a cell that is not quoted as they are', () => {
    expect(cellsOf('1,5" pipe,b\n2,c,d')).toEqual([
      ['1', '5" pipe', 'b'],
      ['2', 'c', 'd'],
    ])
  })

  it('gives up one line for a quote that is misplaced or never closed, and no more', () => {
    expect(readAll('1,"a"b\n2,c\n3,"open\n4,d\n')).toEqual([
      { line: 1, fault: 'ROW_QUOTE_MISPLACED' },
      { line: 2, cells: ['2', 'c'] },
      { line: 3, fault: 'ROW_QUOTE_NOT_CLOSED' },
      { line: 4, cells: ['4', 'd'] },
    ])
  })

  it('does not wait for ever for a quote or a line end', () => {
    const long = 'x'.repeat(LONGEST_ROW + 10)
    const open = `1,"open\n${'2,b\n'.repeat(LONGEST_ROW / 4 + 10)}`
    expect(readAll(open, { part: 65_536 }).slice(0, 2)).toEqual([
      { line: 1, fault: 'ROW_QUOTE_NOT_CLOSED' },
      { line: 2, cells: ['2', 'b'] },
    ])
    expect(readAll(`${long}${long}\n2,b\n`, { part: 65_536 })).toEqual([
      { line: 1, fault: 'ROW_TOO_LONG' },
      { line: 2, cells: ['2', 'b'] },
    ])
  })

  it('refuses what is no text', () => {
    expect(cellsOf('1,a\0b\n2,c')).toEqual(['ROW_NOT_TEXT', ['2', 'c']])
  })

  it('takes any separator', () => {
    assert(
      property(tuple(constantFrom(';', '\t', '|'), integer({ min: 1, max: 5 })), ([separator, part]) => {
        expect(cellsOf(`a${separator}"b${separator}c"\n`, { separator, part })).toEqual([
          ['a', `b${separator}c`],
        ])
      }),
      { numRuns: 20, seed: 1 },
    )
  })
})

const written = (cell: string): string =>
  /[",\r\n]/.test(cell) || cell.trim() === '' ? `"${cell.replaceAll('"', '""')}"` : cell
