import { describe, expect, test } from 'vitest'
import { normaliseEmail, normalisePhone } from '../../subgraphs/identity/pseudonyms/normalise.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'

const old = { version: 1, secret: 'the first secret, thirty-two bytes or more' }
const recent = { version: 2, secret: 'the second secret, thirty-two bytes or more' }

describe('tokens', () => {
  const pseudonymizer = createPseudonymizer({ keys: [old], current: 1 })

  test('name their kind and the version of their key, and nothing else', () => {
    expect(pseudonymizer.token('email', 'ada@example.org')).toMatch(/^e1_[\w-]{43}$/)
    expect(pseudonymizer.token('phone', '+49 30 1234567')).toMatch(/^t1_[\w-]{43}$/)
    expect(pseudonymizer.token('person', 'crm 1')).toMatch(/^p1_[\w-]{43}$/)
  })

  test('do not change with the machine or the day', () => {
    expect(pseudonymizer.token('email', 'ada@example.org')).toMatchInlineSnapshot(
      `"e1_A6yO8yHTjBPVUeEjoencYUFSlpgqdCp5bqRpf3wTLCw"`,
    )
  })

  test('of the same text in two kinds have nothing in common', () => {
    const kinds = ['person', 'device', 'household', 'account'] as const
    const digests = kinds.map((kind) => pseudonymizer.token(kind, 'the same text')?.slice(3))
    expect(new Set(digests).size).toBe(kinds.length)
  })

  test('are another under another key', () => {
    const other = createPseudonymizer({ keys: [{ ...recent, version: 1 }], current: 1 })
    expect(other.token('email', 'ada@example.org')).not.toBe(pseudonymizer.token('email', 'ada@example.org'))
  })

  test('are null for what cannot be of the kind', () => {
    expect(pseudonymizer.token('email', 'not an address')).toBeNull()
    expect(pseudonymizer.token('phone', '12')).toBeNull()
    expect(pseudonymizer.token('loyalty', ' - ')).toBeNull()
    expect(pseudonymizer.tokens('email', '')).toEqual([])
  })
})

describe('a new key', () => {
  const before = createPseudonymizer({ keys: [old], current: 1 })
  const after = createPseudonymizer({ keys: [old, recent], current: 2 })

  test('makes the new tokens, and looks up with every known key, the current first', () => {
    expect(after.token('email', 'ada@example.org')).toMatch(/^e2_/)
    expect(after.tokens('email', 'ada@example.org')).toEqual([
      after.token('email', 'ada@example.org'),
      before.token('email', 'ada@example.org'),
    ])
  })

  test('still verifies what an old key made, and only that', () => {
    const token = before.token('email', 'ada@example.org') ?? ''
    expect(after.verify('email', ' ADA@example.org', token)).toBe(true)
    expect(after.verify('email', 'bo@example.org', token)).toBe(false)
    expect(after.verify('loyalty', 'ada@example.org', token)).toBe(false)
    expect(after.verify('email', 'ada@example.org', token.slice(0, -1))).toBe(false)
  })

  test('whose elder was withdrawn does not know its tokens any more', () => {
    const withdrawn = createPseudonymizer({ keys: [recent], current: 2 })
    expect(withdrawn.verify('email', 'ada@example.org', before.token('email', 'ada@example.org') ?? '')).toBe(
      false,
    )
  })
})

test('keys are checked at once, every fault together, without the secret', () => {
  const making = () =>
    createPseudonymizer({
      keys: [{ version: 0, secret: 'too short' }, old, old],
      current: 7,
    })
  expect(making).toThrow(
    /positive whole number.*version 0 has fewer than 32 bytes.*given twice.*no key of the current version 7/,
  )
  expect(making).not.toThrow('too short')
})

test.each([
  [' Ada@Example.ORG ', 'ada@example.org'],
  ['ａｄａ@example.org', 'ada@example.org'],
  ['ada+app@example.org', 'ada+app@example.org'],
  ['ada@@example.org', null],
  ['ada example@org', null],
  [`${'a'.repeat(250)}@example.org`, null],
])('an e-mail address has one spelling: row %#', (written, normal) => {
  expect(normaliseEmail(written)).toBe(normal)
})

test.each([
  ['+61 223 544 099', '', '+61223544099'],
  ['(04) 0661-4608', 'AU', '+61406614608'],
  ['0061 406 614 608', 'DE', '+61406614608'],
  ['+49 (0)30 1234567', 'DE', '+49301234567'],
  ['030/123 45 67', 'de', '+49301234567'],
  ['06 1234 5678', 'IT', '+390612345678'],
  ['(415) 555-0134', 'US', '+14155550134'],
  ['０３０ １２３４５６７', 'DE', '+49301234567'],
  ['030 1234567', '', null],
  ['030 1234567', 'XX', null],
  ['+0 12345678', 'DE', null],
  ['+49 1234567890123456', 'DE', null],
  ['call me', 'DE', null],
])('a phone number has one spelling: row %#', (written, region, normal) => {
  expect(normalisePhone(written, region)).toBe(normal)
})
