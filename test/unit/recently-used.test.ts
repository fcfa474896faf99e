import { parse } from 'graphql'
import { expect, test } from 'vitest'
import { tokensOf } from '../../gateway/door/document-rooms.ts'
import { RecentlyUsed } from '../../gateway/door/recently-used.ts'
import { createDocumentReader } from '../../gateway/limits/document-facts.ts'
import { DEFAULT_LIMITS } from '../../gateway/limits/limits.ts'

/** Short to write and large to keep: a list of so many empty lists, two tokens each. */
const documentOf = (name: string, lists: number): string => `{ ${name}(list: [${'[]'.repeat(lists)}]) }`

const knownOf = (text: string) => {
  const document = parse(text)
  return { document, facts: { document, operations: [], introspects: false, unsupported: undefined } }
}

test('documents are forgotten by their tokens, those that are asked last of all', () => {
  const tokens = parse(documentOf('a', 100)).tokenCount ?? 0
  const known = new RecentlyUsed(2 * tokens, tokensOf)
  const [a, b, c] = ['a', 'b', 'c'].map((name) => documentOf(name, 100)) as [string, string, string]
  known.keep(a, knownOf(a))
  known.keep(b, knownOf(b))
  expect(known.get(a)).toBeDefined()
  known.keep(c, knownOf(c))
  expect([a, b, c].map((text) => known.get(text) !== undefined)).toEqual([true, false, true])
})

test('the first document of a text stays, so that its plans do', () => {
  const known = new RecentlyUsed(100, tokensOf)
  const first = known.keep('{ a }', knownOf('{ a }'))
  expect(known.keep('{ a }', knownOf('{ a }'))).toBe(first)
  expect(known.get('{ a }')).toBe(first)
})

test('what is heavier than all may be is not kept, and nothing is forgotten for it', () => {
  const texts = new RecentlyUsed<string>(10, ({ length }) => length)
  texts.keep('a', 'aaaaa')
  expect(texts.keep('b', 'bbbbbbbbbbb')).toBe('bbbbbbbbbbb')
  expect([texts.get('a'), texts.get('b')]).toEqual(['aaaaa', undefined])
})

test('what is kept again is not weighed again', () => {
  const texts = new RecentlyUsed<string>(10, ({ length }) => length)
  for (let time = 0; time < 10; time += 1) texts.keep('a', 'aaaaa')
  texts.keep('b', 'bbbbb')
  expect([texts.get('a'), texts.get('b')]).toEqual(['aaaaa', 'bbbbb'])
})

test('facts of documents are forgotten before large ones, made up one after the other, fill the memory', () => {
  const read = createDocumentReader()
  const first = read('{ a }', DEFAULT_LIMITS)
  expect(read('{ a }', DEFAULT_LIMITS)).toBe(first)
  for (let number = 0; number < 50; number += 1) read(documentOf(`a${number}`, 2400), DEFAULT_LIMITS)
  expect(read('{ a }', DEFAULT_LIMITS)).not.toBe(first)
})
