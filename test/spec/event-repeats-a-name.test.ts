import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { repeatsAName } from '../../subgraphs/events/repeats-a-name.ts'

describe('A name that stands twice', () => {
  test.each([
    ['{"a":1,"a":2}', true],
    ['{"a":1,"b":{"a":2}}', false],
    ['{"a":[{"b":1},{"b":2}]}', false],
    ['{"a":[{"b":1,"b":2}]}', true],
    ['{"a":{"x":[1,2]},"b":[],"a":0}', true],
    ['{"a":"a","b":"a\\",\\"b\\":1"}', false],
    [String.raw`{"a":1,"\u0061":2}`, true],
    [String.raw`{"a\\":1,"a":2}`, false],
    [String.raw`{"a\\":1, "a\\" :2}`, true],
    [String.raw`{"a\"":1,"a\\\"":2}`, false],
    ['{"__proto__":1,"constructor":2}', false],
    ['[]', false],
  ])('in %s: %s', (text, isThere) => {
    expect(repeatsAName(text)).toBe(isThere)
  })

  test('is never found in what was written by a writer of JSON, and always where one is written once more', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (object, number) => {
        const text = JSON.stringify(object)
        expect(repeatsAName(text)).toBe(false)
        const names = Object.keys(object)
        const again = JSON.stringify(names[number % names.length])
        expect(repeatsAName(`${text.slice(0, -1)},${again}:0}`)).toBe(true)
      }),
    )
  })
})
