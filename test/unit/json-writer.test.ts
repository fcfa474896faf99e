import { describe, expect, it } from 'vitest'
import { quoted, written } from '../../gateway/json-writer.ts'

describe('JSON that is written', () => {
  it('is what JSON.stringify writes', () => {
    const values = [
      'a',
      'ä"\\\n\u0000\u2028',
      '\ud800',
      'x'.repeat(100),
      'x'.repeat(100) + '"',
      1,
      -0,
      1.5e300,
      true,
      null,
      [],
      {},
    ]
    const all = [...values, { a: [1, { b: 'c' }], '': null, toString: 1 }]
    for (const value of all) expect(written(value)).toBe(JSON.stringify(value))
    expect(quoted('')).toBe('""')
  })

  it('keeps a key that is called like the prototype', () => {
    expect(written(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}')
  })

  it('has a number that a double would round with its own digits', () => {
    expect(written({ a: '\u0000n:9007199254740993' })).toBe('{"a":9007199254740993}')
    expect(written('\u0000n:1}')).toBe('"\\u0000n:1}"')
  })

  it('is none where nothing can follow how deep it goes', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as unknown
    expect(written(deep)).toBeUndefined()
  })
})
