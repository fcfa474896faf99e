import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { normaliseEmail, normalisePhone } from '../../subgraphs/identity/pseudonyms/normalise.ts'
import {
  createPseudonymizer,
  type Pseudonymizer,
  type TokenKind,
} from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { tokenOf } from '../support/token-of.ts'

const old = { version: 1, secret: 'the first secret, thirty-two bytes or more' }
const recent = { version: 2, secret: 'the second secret, thirty-two bytes or more' }

const soughtAs = async (pseudonymizer: Pseudonymizer, value: string): Promise<readonly string[]> =>
  (await pseudonymizer.tokens([{ kind: 'email', value }]))[0]?.sought ?? []

describe('tokens', () => {
  const pseudonymizer = createPseudonymizer({ keys: [old], current: 1 })

  test('name their kind and the version of their key, and nothing else', async () => {
    expect(await tokenOf(pseudonymizer, 'email', 'ada@example.org')).toMatch(/^e1_[\w-]{43}$/)
    expect(await tokenOf(pseudonymizer, 'phone', '+49 30 1234567')).toMatch(/^t1_[\w-]{43}$/)
    expect(await tokenOf(pseudonymizer, 'person', 'crm 1')).toMatch(/^p1_[\w-]{43}$/)
  })

  // Python: urlsafe_b64encode(hmac.new(key, b'assent\0email\0\0nfkc-1/as-written\0ada@example.org', sha256).digest())
  test('do not change with the machine or the day', async () => {
    expect(await tokenOf(pseudonymizer, 'email', 'ada@example.org')).toBe(
      'e1_YS0wRu9uF60oMh7a2pLg_lu7BTadfKuS5cSA14dE3CI',
    )
  })

  test('are answered in the order asked, and not at all for what cannot be of the kind', async () => {
    const answered = await pseudonymizer.tokens([
      { kind: 'email', value: 'not an address' },
      { kind: 'person', value: 'crm 1' },
      { kind: 'phone', value: '12' },
      { kind: 'loyalty', value: ' - ' },
      { kind: 'email', value: '' },
      { kind: 'person', value: 'crm \0 1' },
      { kind: 'email', value: 'ada@example.org' },
    ])
    expect(answered.map(({ written }) => written[0]?.slice(0, 3))).toEqual([
      undefined,
      'p1_',
      undefined,
      undefined,
      undefined,
      undefined,
      'e1_',
    ])
  })

  test('of two records are two, however alike their names are spelled', async () => {
    const [one, other] = [
      await tokenOf(pseudonymizer, 'person', 'crm\u001f1'),
      await tokenOf(pseudonymizer, 'person', 'crm\u001f\uff11'),
    ]
    expect(one).not.toBe(other)
  })

  test('are made of long values, too, and differ with their last letter', async () => {
    const long = 'x'.repeat(10_000)
    const [one, other] = [
      await tokenOf(pseudonymizer, 'person', `${long}1`),
      await tokenOf(pseudonymizer, 'person', `${long}2`),
    ]
    expect(one).toMatch(/^p1_[\w-]{43}$/)
    expect(one).not.toBe(other)
  })
})

test('equal values of different kinds, tenants, partners and keys have nothing in common', async () => {
  const kinds = ['person', 'device', 'household', 'account', 'loyalty'] as const satisfies TokenKind[]
  const of = (tenant: string, secret = old.secret) =>
    createPseudonymizer({ keys: [{ version: 1, secret }], current: 1, tenant })
  const worlds = [of(''), of('north'), of('south'), of('', recent.secret)]
  await fc.assert(
    fc.asyncProperty(fc.stringMatching(/^[A-Z0-9]{1,40}$/), async (value) => {
      const made = await Promise.all(
        worlds.flatMap((world) => [
          ...kinds.map((kind) => tokenOf(world, kind, value)),
          world.partnerPids('acme', [value]).then(([pid]) => pid),
          world.partnerPids('zeta', [value]).then(([pid]) => pid),
        ]),
      )
      // What stands before the first underscore names the kind; behind it nothing may be the same.
      const digests = made.map((token) => token?.slice(token.indexOf('_') + 1))
      expect(new Set(digests).size).toBe(worlds.length * (kinds.length + 2))
      expect(digests).not.toContain('')
    }),
    { numRuns: 50 },
  )
})

test('no tenant or partner can be named so that its message is another one’s', async () => {
  const name = fc.string({ unit: fc.constantFrom('a', '/', ' '), maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(name, name, name, name, async (tenant, value, otherTenant, otherValue) => {
      fc.pre(tenant !== otherTenant || value.trim() !== otherValue.trim())
      const [one, other] = [tenant, otherTenant].map((each) =>
        createPseudonymizer({ keys: [old], current: 1, tenant: each }),
      )
      const tokens = [await tokenOf(one!, 'device', value), await tokenOf(other!, 'device', otherValue)]
      expect(tokens[0] === tokens[1]).toBe(tokens[0] === '' && tokens[1] === '')
    }),
    { numRuns: 100 },
  )
  expect(() => createPseudonymizer({ keys: [old], current: 1, tenant: 'a\0b' })).toThrow(RangeError)
})

describe('the compact form that other systems make with the same key', () => {
  const format = { mode: 'compact-email', email: 'as-written' } as const
  const compact = createPseudonymizer({ keys: [old], current: 1, format })

  // Python: urlsafe_b64encode(hmac.new(key, email.lower().encode(), sha256).digest()).rstrip('=')
  test('is base64url(HMAC(key, lower(email))) without padding', async () => {
    expect(await tokenOf(compact, 'email', 'Alice@Example.com')).toBe(
      'GYVqjt8OhD3Fx4XItwK5thMEF6Irl537TE5eW8Nyjw8',
    )
  })

  test('is for e-mail addresses alone', async () => {
    expect(await tokenOf(compact, 'person', 'alice@example.com')).toMatch(/^p1_/)
    expect(await tokenOf(compact, 'email', 'not an address')).toBe('')
  })
})

describe('the rules of e-mail providers', () => {
  const by = (email: 'as-written' | 'provider-rules') =>
    createPseudonymizer({ keys: [old], current: 1, format: { mode: 'standard', email } })

  test('hold where they are chosen, and another choice makes other tokens', async () => {
    const [strict, loose] = [by('as-written'), by('provider-rules')]
    const [one, other] = ['ada.lind+shop@gmail.com', 'adalind@googlemail.com']
    expect(await tokenOf(loose, 'email', one)).toBe(await tokenOf(loose, 'email', other))
    expect(await tokenOf(strict, 'email', one)).not.toBe(await tokenOf(strict, 'email', other))
    expect(await tokenOf(strict, 'email', 'a@b.de')).not.toBe(await tokenOf(loose, 'email', 'a@b.de'))
  })

  test.each([
    ['ada+app@example.org', 'ada+app@example.org'],
    ['a.da@outlook.com', 'a.da@outlook.com'],
    ['ada+x@outlook.com', 'ada@outlook.com'],
    ['+x@gmail.com', '+x@gmail.com'],
    ['...@gmail.com', '...@gmail.com'],
  ])('leave everybody else’s mailboxes apart: row %#', (written, normal) => {
    expect(normaliseEmail(written, 'provider-rules')).toBe(normal)
  })
})

describe('a new key', () => {
  const before = createPseudonymizer({ keys: [old], current: 1 })
  const after = createPseudonymizer({ keys: [old, recent], current: 2 })

  test('makes the new tokens, and looks up with every known key, the newest first', async () => {
    const [tokens] = await after.tokens([{ kind: 'email', value: 'ada@example.org' }])
    expect(tokens?.written).toEqual([expect.stringMatching(/^e2_/)])
    expect(tokens?.sought).toEqual([tokens?.written[0], await tokenOf(before, 'email', 'ada@example.org')])
  })

  test('whose elder was withdrawn does not know its tokens any more', async () => {
    const withdrawn = createPseudonymizer({ keys: [recent], current: 2 })
    expect(await soughtAs(withdrawn, 'ada@example.org')).not.toContain(
      await tokenOf(before, 'email', 'ada@example.org'),
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

describe('an attacker with the tables and a dictionary', () => {
  const domains = ['example.org', 'example.com']
  const names = ['ada', 'bo', 'cyd', 'dee', 'ada.lind', 'bo.berg']
  const dictionary = names.flatMap((name) => domains.map((domain) => `${name}@${domain}`))

  test('finds nobody without the key, and everybody with it', async () => {
    const ours = createPseudonymizer({ keys: [old], current: 1 })
    const table = new Set(await Promise.all(dictionary.map((email) => tokenOf(ours, 'email', email))))
    const plain = ['sha256', 'sha512', 'md5'].flatMap((hash) =>
      dictionary.flatMap((email) =>
        ['', 'assent\0email\0\0nfkc-1/as-written\0'].map(
          (prefix) => `e1_${createHash(hash).update(`${prefix}${email}`).digest('base64url')}`,
        ),
      ),
    )
    expect(plain.filter((token) => table.has(token))).toEqual([])
    const guessing = createPseudonymizer({ keys: [{ version: 1, secret: `${old.secret}?` }], current: 1 })
    const guessed = await Promise.all(dictionary.map((email) => tokenOf(guessing, 'email', email)))
    expect(guessed.filter((token) => table.has(token))).toEqual([])

    // The attack is no blunt one: with the key it finds every one of them.
    const stolen = await Promise.all(dictionary.map((email) => tokenOf(ours, 'email', email)))
    expect(stolen.filter((token) => table.has(token))).toHaveLength(dictionary.length)
  })
})

test('no file but those of the pseudonyms hashes anything that goes into the graph, with or without a key', () => {
  const root = fileURLToPath(new URL('../../subgraphs/identity/', import.meta.url))
  const hashing = readdirSync(root, { recursive: true, encoding: 'utf8' })
    // The vault names what it seals with a key of its own, the trail chains its entries, a trained model has a number, and
    // no pid is made of any of them.
    .filter((file) => file.endsWith('.ts') && !/^(pseudonyms|vault|reidentification)\//.test(file))
    .filter((file) => file !== 'resolve-people.ts')
    .filter((file) => /create(Hmac|Hash)\b|hkdf|\bsubtle\b/.test(readFileSync(join(root, file), 'utf8')))
  expect(hashing).toEqual([])
})

test.each([
  [' Ada@Example.ORG ', 'ada@example.org'],
  ['ａｄａ@example.org', 'ada@example.org'],
  ['ada+app@example.org', 'ada+app@example.org'],
  ['ada@BÜCHER.example', 'ada@xn--bcher-kva.example'],
  ['ada@[192.0.2.1]', 'ada@[192.0.2.1]'],
  ['a\0da@example.org', null],
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
