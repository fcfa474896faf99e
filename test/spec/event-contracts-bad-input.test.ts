import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { readContract } from '../../subgraphs/events/contracts/read-contract.ts'
import { unsafePartOf } from '../../subgraphs/events/contracts/safe-pattern.ts'
import { contractText, withField } from '../support/events/contract-text.ts'

describe('a contract is somebody’s text', () => {
  const tooLarge = 'EVENT_CONTRACT_TOO_LARGE'
  const invalid = 'EVENT_CONTRACT_VALUE_INVALID'
  const nested = (depth: number): Record<string, unknown> => ({
    type: 'object',
    meaning: 'What holds the next one.',
    additionalProperties: false,
    properties: depth === 0 ? {} : { next: nested(depth - 1) },
  })
  const many = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        `field${n}`,
        { type: 'boolean', meaning: 'One of many of them.', classification: 'behaviour' },
      ]),
    )
  const codesOf = (source: { file: string; text: string }) => [
    ...new Set(readContract(source, standardVocabulary).faults.map(({ code }) => code)),
  ]

  it.each([
    ['fields as deep as allowed', withField('deep', nested(3)), []],
    ['fields that are deeper', withField('deep', nested(4)), [tooLarge]],
    ['fields that are far deeper', withField('deep', nested(300)), [tooLarge]],
    [
      'more fields than a person reviews',
      contractText(({ fields }) => Object.assign(fields.properties, many(200))),
      [tooLarge],
    ],
    [
      'a thousand choices',
      withField('code', { type: 'integer', enum: Array.from({ length: 1000 }, (_, n) => n) }),
      [],
    ],
    [
      'a thousand and one',
      withField('code', { type: 'integer', enum: Array.from({ length: 1001 }, (_, n) => n) }),
      [invalid],
    ],
    ['a choice twice', withField('code', { type: 'string', enum: ['a', 'a'] }), [invalid]],
    ['a choice of another type', withField('code', { type: 'string', enum: ['a', 1] }), [invalid]],
    ['no choice', withField('code', { type: 'string', enum: [] }), [invalid]],
    [
      'a pattern without an end',
      withField('code', { type: 'string', maxLength: 9, examples: ['a'], pattern: `^${'a'.repeat(400)}$` }),
      ['EVENT_CONTRACT_PATTERN_UNSAFE'],
    ],
    [
      'a list of anything',
      withField('code', { type: 'array', maxItems: 3 }),
      ['EVENT_CONTRACT_ELEMENT_MISSING'],
    ],
    ['two types', withField('code', { type: ['string', 'integer'] }), [invalid]],
    ['a file without an end', { file: 'x', text: `# ${'x'.repeat(300_000)}` }, [tooLarge]],
    ['nothing but brackets', { file: 'x', text: '['.repeat(20_000) }, ['EVENT_CONTRACT_UNREADABLE']],
    ['mappings in mappings', { file: 'x', text: '{a: '.repeat(10_000) }, ['EVENT_CONTRACT_UNREADABLE']],
    [
      'an alias that multiplies',
      { file: 'x', text: 'a: &a [1]\nb: &b [*a, *a]\nc: [*b, *b]' },
      ['EVENT_CONTRACT_UNREADABLE'],
    ],
    ['a tag', { file: 'x', text: 'type: !!js/function x' }, ['EVENT_CONTRACT_UNREADABLE']],
    ['a key twice', { file: 'x', text: 'type: a\ntype: b' }, ['EVENT_CONTRACT_UNREADABLE']],
    ['a list', { file: 'x', text: '- type: x' }, [invalid, 'EVENT_CONTRACT_ELEMENT_MISSING']],
    ['nothing', { file: 'x', text: '' }, ['EVENT_CONTRACT_ELEMENT_MISSING']],
  ])('%s', (_, source, codes) => {
    expect(codesOf(source)).toEqual(codes)
  })

  it('whatever is changed of it, it is read or told, and never an accident', () => {
    const whole = contractText().text
    const change = fc.tuple(
      fc.nat(whole.length),
      fc.nat(20),
      fc.oneof(
        fc.string(),
        fc.constantFrom(
          '__proto__: 1\n',
          'constructor:',
          '&a ',
          '*a',
          '? ',
          '{',
          '[',
          '|',
          'null',
          '1e999',
          '.nan',
        ),
      ),
    )
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const text = changes.reduce(
          (one, [at, length, put]) => one.slice(0, at) + put + one.slice(at + length),
          whole,
        )
        const { contract, faults } = readContract({ file: 'x', text }, standardVocabulary)
        expect(contract === null).toBe(faults.length > 0)
      }),
      { numRuns: 150 },
    )
  })

  it('a pattern that is taken is told by one walk that never turns back', () => {
    const sign = fc.constantFrom('a', 'b', '[ab]', '[^a]', '\\w', '-', '[b-c]')
    const count = fc.constantFrom('', '?', '*', '+', '{2}', '{1,2}', '{0,3}', '{2,}')
    const pattern = fc.array(fc.tuple(sign, count), { minLength: 1, maxLength: 4 })
    const words = fc.array(fc.constantFrom('a', 'b', 'c', '-'), { maxLength: 8 })
    let taken = 0
    fc.assert(
      fc.property(pattern, fc.array(words, { minLength: 20, maxLength: 20 }), (atoms, texts) => {
        const written = `^${atoms.flat().join('')}$`
        if (unsafePartOf(written) !== null) return
        taken += 1
        const steps = atoms.map(([one, times]) => new RegExp(`${one}${times}`, 'uy'))
        for (const text of texts.map((signs) => signs.join('')))
          expect(walks(steps, text), `${written} ${text}`).toBe(new RegExp(written, 'u').test(text))
      }),
      { numRuns: 600, seed: 7 },
    )
    expect(taken).toBeGreaterThan(80)
  })

  /** Each step takes as much as it can, and nothing is tried again. */
  function walks(steps: readonly RegExp[], text: string): boolean {
    let at = 0
    for (const step of steps) {
      step.lastIndex = at
      if (!step.test(text)) return false
      at = step.lastIndex
    }
    return at === text.length
  }
})
