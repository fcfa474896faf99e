import { type ConstDirectiveNode, Kind, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { readDataContract } from '../../directives/data-contract.ts'
import { readDataSubject, subjectKeyPath } from '../../directives/data-subject.ts'
import { normalizeConsent } from '../../directives/link.ts'
import { readVocabulary, VocabularyError } from '../../directives/read-vocabulary.ts'
import { isSatisfied, readRequiresScope } from '../../directives/requires-scope.ts'
import { consentLink } from '../../directives/specified.ts'
import { scopesOf, standardVocabulary } from '../../directives/vocabulary.ts'

const directivesOf = (text: string): readonly ConstDirectiveNode[] => {
  const [node] = parse(`scalar S ${text}`).definitions
  return node?.kind === Kind.SCALAR_TYPE_DEFINITION ? (node.directives ?? []) : []
}
const requirement = (text: string) => readRequiresScope(directivesOf(text)[0] ?? expect.fail('no directive'))

describe('@requiresScope', () => {
  test.each([
    ['"a"', [['a']]],
    ['["a", "b"]', [['a'], ['b']]],
    ['[["a", "b"]]', [['a', 'b']]],
    ['["a", ["b", "c"]]', [['a'], ['b', 'c']]],
    ['"""a"""', [['a']]],
    ['[["a", 1]]', [[]]],
    ['null', [[]]],
    ['a', [[]]],
    ['[]', []],
  ])('%s coerces item by item', (value, expected) => {
    expect(requirement(`@requiresScope(scope: ${value})`).scope).toEqual(expected)
  })

  test('otherwise is null unless it says ANONYMOUS', () => {
    expect(requirement('@requiresScope(scope: "a")').otherwise).toBe('NULL')
    expect(requirement('@requiresScope(scope: "a", otherwise: ANONYMOUS)').otherwise).toBe('ANONYMOUS')
    expect(requirement('@requiresScope(scope: "a", otherwise: "ANONYMOUS")').otherwise).toBe('NULL')
  })

  test('nothing satisfies an empty list or an empty group', () => {
    const all = new Set(['a', 'b'])
    expect([
      isSatisfied([], all),
      isSatisfied([[]], all),
      isSatisfied([['c'], ['a', 'b']], all),
      isSatisfied([['a', 'c']], all),
    ]).toEqual([false, false, true, false])
  })
})

test('@dataSubject reads its key, and a key is one path', () => {
  expect(readDataSubject({ directives: directivesOf('@dataSubject(key: "pid")') })).toBe('pid')
  expect(subjectKeyPath('customer { pid }')).toEqual(['customer', 'pid'])
  for (const key of ['', 'a b', 'a: b', 'a(x: 1)', '... on A { b }', 'a {', '} { a'])
    expect(subjectKeyPath(key)).toBeNull()
})

test('@dataContract reads one text as a list of one', () => {
  expect(
    readDataContract({ directives: directivesOf('@dataContract(owner: "crm", purpose: "marketing")') }),
  ).toEqual({
    owner: 'crm',
    purpose: ['marketing'],
    classification: null,
    freshness: null,
    retention: null,
    consumers: [],
    disposition: null,
  })
})

describe('normalizeConsent', () => {
  test('keeps the lines of what it renames', () => {
    const document = normalizeConsent(
      parse(
        `extend schema @link(url: "https://assent.example/consent/v1.0", as: "c")\ntype A\n @c__dataSubject(key: "id") { id: ID }`,
      ),
    )
    const type = document.definitions.find((node) => node.kind === Kind.OBJECT_TYPE_DEFINITION)
    expect(type?.directives?.[0]).toMatchObject({ name: { value: 'dataSubject' } })
    expect(type?.directives?.[0]?.loc?.startToken.line).toBe(3)
  })

  test('is the same the second time, and leaves other documents alone', () => {
    const once = normalizeConsent(parse(`extend schema ${consentLink} type Query { a: Int }`))
    expect(normalizeConsent(once)).toEqual(once)
    const plain = parse('type Query { a: Int }')
    expect(normalizeConsent(plain)).toBe(plain)
  })
})

describe('vocabulary', () => {
  test('every purpose uses scopes that exist', () => {
    for (const purpose of standardVocabulary.purposes.values())
      for (const scope of purpose.scopes) expect(standardVocabulary.scopes.has(scope)).toBe(true)
    expect([...scopesOf(standardVocabulary, 'marketing')]).toEqual([
      'marketing_email',
      'marketing_sms',
      'personalization',
      'crm_contact',
    ])
    expect(scopesOf(standardVocabulary, '__proto__').size).toBe(0)
  })

  test('a project adds words', () => {
    const term = { sentence: 'Print labels.', dpv: 'dpv:Marketing', fides: 'marketing' }
    const vocabulary = readVocabulary({
      version: '1.0-shop',
      scopes: { postal: term },
      purposes: { post: { ...term, scopes: ['postal', 'crm_contact'] } },
    })
    expect([...scopesOf(vocabulary, 'post')]).toEqual(['postal', 'crm_contact'])
    expect(vocabulary.scopes.has('analytics')).toBe(true)
    expect(standardVocabulary.scopes.has('postal')).toBe(false)
  })

  test('all faults are told together', () => {
    const bad = {
      scopes: { analytics: { sentence: 'x', dpv: 'dpv:A', fides: 'a' }, 'No!': {} },
      purposes: { p: { scopes: ['nope'] } },
      extra: 1,
    }
    const read = (): unknown => readVocabulary(bad)
    expect(read).toThrow(VocabularyError)
    expect(read).toThrow(
      /vocabulary\.extra[^]*vocabulary\.version[^]*scopes\.analytics is a standard[^]*scopes\.No![^]*purposes\.p\.scopes names "nope"/,
    )
    expect(() => readVocabulary(null)).toThrow(/must be a mapping/)
  })
})
