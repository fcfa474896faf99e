import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isMarked, markNumbers, unmarked } from '../../gateway/exact-numbers.ts'

/** What a client gets: parsed as the gateway does, written with the digits put back. */
const through = (json: string): string => write(JSON.parse(markNumbers(json)))

const write = (value: unknown): string => {
  if (isMarked(value)) return unmarked(value) ?? JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([key, one]) => `${JSON.stringify(key)}:${write(one)}`)
    .join(',')}}`
}

describe('a number', () => {
  it.each([
    '9007199254740993',
    '-9007199254740993',
    '1e400',
    '-1E+400',
    '1e-400',
    '0.1234567890123456789',
    '123456789.123456789',
    '12345678901234567890.0',
    '340282366920938463463374607431768211456',
    '1.7976931348623159e308',
    '5e-325',
    `1${'0'.repeat(25)}1`,
  ])('that would be rounded reaches the client digit by digit: %s', (number) => {
    expect(through(number)).toBe(number)
    expect(through(`{"a":[1, ${number} ,"x"],"b":${number}\n}`)).toBe(`{"a":[1,${number},"x"],"b":${number}}`)
  })

  it.each(['0', '-0', '1.0', '1.50', '100000000000000000000', '1e25', '1e300', '5e-324', '0e999', '0.1'])(
    'that would not be rounded is left alone: %s',
    (number) => {
      for (const json of [number, `{"a":[1, ${number} ,"x"],"b":${number}}`])
        expect(markNumbers(json)).toBe(json)
    },
  )

  it('is marked only where it is one', () => {
    for (const text of ['9007199254740993', 'at, 9007199254740993 or 1e400', '\\"9007199254740993', '\\\\'])
      expect(through(`{"a":"${text}","b":1e400}`)).toBe(`{"a":"${text}","b":1e400}`)
    for (const json of ['{9007199254740993:1}', '{9007199254740993 : 1}', '[01e400]', '[1e400', '[1.e400]'])
      expect(() => JSON.parse(markNumbers(json))).toThrow(SyntaxError)
  })

  it('of any kind comes through as it was written, and every double unmarked', () => {
    const integer = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }).map(String)
    const decimal = fc
      .tuple(integer, fc.stringMatching(/^\d{1,25}$/), fc.integer({ min: -400, max: 400 }))
      .map(([whole, fraction, exponent]) => `${whole}.${fraction}e${exponent}`)
    fc.assert(
      fc.property(fc.oneof(integer, decimal), (number) => {
        const written = through(`[${number}]`).slice(1, -1)
        const isKept = written === number
        // What is not kept as it was written has the same value: then a double holds it.
        expect(isKept || String(Number(number)) === written).toBe(true)
        if (!isKept) expect(sameDecimal(number, written)).toBe(true)
      }),
    )
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (double) => {
        const json = `{"a":${JSON.stringify(double)}}`
        expect(markNumbers(json)).toBe(json)
      }),
    )
  })
})

describe('JSON of any kind', () => {
  it('reads as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (value, indent) => {
        const json = JSON.stringify(value, null, indent)
        expect(JSON.parse(markNumbers(json))).toEqual(JSON.parse(json))
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...CHARACTERS) }), (text) => {
        expect(outcome(() => JSON.parse(markNumbers(text), rounded) as unknown)).toEqual(
          outcome(() => JSON.parse(text) as unknown),
        )
      }),
      { numRuns: 2000 },
    )
  })

  it('cannot mark anything itself', () => {
    for (const text of [
      '\\u0000n:1',
      '\\u0000\\u006e:1',
      '\\u0000\\u006E\\u003a1',
      '\\u0000n\\u003A1,\\"x\\":2',
    ])
      for (const json of [`{"a":"${text}"}`, `{"${text}":9007199254740993}`, `["${text}",1e400]`])
        expect(findMarked(JSON.parse(markNumbers(json)))).toEqual(
          [...json.matchAll(/9007199254740993|1e400/g)].map(([number]) => `\u0000n:${number}`),
        )
  })

  it('keeps its other texts, those with U+0000 too', () => {
    expect(through('["\\u0000","\\u0000x","n:1","a\\u0000n:1",1e400]')).toBe(
      '["\\u0000","\\u0000x","n:1","a\\u0000n:1",1e400]',
    )
  })

  it('is written as a text when the mark is not followed by a number', () => {
    for (const text of ['', '1]', '1,"x":2', '01', 'NaN', ' 1', '1 ', '0x10', '1\n'])
      expect(unmarked(`\u0000n:${text}`)).toBeUndefined()
  })

  it('costs no more than in proportion, whatever it is', () => {
    const many = 1_000_000
    for (const json of [
      `"${'1'.repeat(many)}"`,
      `[1${'0'.repeat(many)}1]`,
      `[${'1e'.repeat(many)}]`,
      `1${'e'.repeat(many)}`,
      `"${'\\\\'.repeat(many)}",1e400`,
      '-'.repeat(many),
    ]) {
      const start = performance.now()
      markNumbers(json)
      expect(performance.now() - start).toBeLessThan(5000)
    }
  })
})

/** As `JSON.parse` would have read it. */
const rounded = (_: string, value: unknown): unknown => (isMarked(value) ? Number(unmarked(value)) : value)

const outcome = (run: () => unknown): unknown => {
  try {
    return run()
  } catch {
    return SyntaxError
  }
}

const findMarked = (value: unknown): string[] => {
  if (isMarked(value)) return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, one]) => [...findMarked(key), ...findMarked(one)])
}

/** Compares as integers over a common power of ten. */
const sameDecimal = (left: string, right: string): boolean => {
  const [a, b] = [left, right].map(scaled)
  return a !== undefined && b !== undefined && a === b
}

const scaled = (number: string): bigint => {
  const [mantissa = '', exponent = '0'] = number.split(/e/i)
  const [whole = '', fraction = ''] = mantissa.split('.')
  return BigInt(`${whole}${fraction}`) * 10n ** BigInt(Number(exponent) - fraction.length + 1000)
}

/** What JSON is made of. */
const CHARACTERS = '{}[],:"\\ 0123456789eE+-.un'.split('')
