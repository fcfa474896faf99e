import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createPseudonymizer, type Pseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'

const given = (secret: string, tenant = '') =>
  createPseudonymizer({ keys: [{ version: 1, secret }], current: 1, tenant })

const house = given('the secret of the house, thirty-two bytes or more')

/** Everybody there could be: an attacker can write down all addresses of a company, and all numbers of a country. */
const DICTIONARY = Array.from({ length: 500 }, (_, at) => `person${at}@example.org`)
const CUSTOMERS = DICTIONARY.filter((_, at) => at % 7 === 0)

const tokensBy = async (
  pseudonymizer: Pseudonymizer,
  values: readonly string[],
): Promise<readonly string[]> => {
  const asked = values.map((value) => ({ kind: 'email' as const, value }))
  return (await pseudonymizer.tokens(asked)).flatMap(({ written }) => written)
}

/** What is left of a token when its kind and the version of its key are taken off. */
const bare = (token: string): string => token.replace(/^[a-z]\d+_/, '')

/** Who of the kept ones is named by a guess: each address of the dictionary, by each way of making a pid that needs no key. */
const named = (kept: readonly string[], ways: readonly ((value: string) => string)[]): number => {
  const names = new Map(ways.flatMap((way) => DICTIONARY.map((value) => [way(value), value] as const)))
  return kept.filter((pid) => names.has(bare(pid))).length
}

/** What the message reads is no secret: the source is open, and so is how its hashes are spelled. */
const messages = (value: string): readonly string[] => [
  value,
  `email\0${value}`,
  `email:${value}`,
  `assent\0email\0\0nfkc-1/as-written\0${value}`,
]

/** Keys of examples, of the length that is asked for: everybody knows them. */
const COMMON = ['0'.repeat(32), 'changeme'.repeat(4)]

const withoutKey = (['sha256', 'sha512', 'sha1', 'md5'] as const).flatMap((algorithm) =>
  (['base64url', 'hex'] as const).flatMap((encoding) =>
    [0, 1, 2, 3].flatMap((form) => [
      (value: string) =>
        createHash(algorithm)
          .update(messages(value)[form] ?? '')
          .digest(encoding),
      ...['', 'assent', 'secret', 'changeme', ...COMMON].map(
        (key) => (value: string) =>
          createHmac(algorithm, key)
            .update(messages(value)[form] ?? '')
            .digest(encoding),
      ),
    ]),
  ),
)

describe('A dictionary of everybody there could be, without the key', () => {
  test.each(COMMON)(
    'names all of them where the house has no key of its own but "%s": else the attack would be blunt',
    async (secret) => {
      expect(named(await tokensBy(given(secret), CUSTOMERS), withoutKey)).toBe(CUSTOMERS.length)
    },
  )

  test('names all of them where the key is known: only the key stands in its way', async () => {
    const kept = await tokensBy(house, CUSTOMERS)
    const guesses = new Set(await tokensBy(house, DICTIONARY))
    expect(kept.filter((pid) => guesses.has(pid))).toHaveLength(CUSTOMERS.length)
  })

  test('names nobody by what the house keeps', async () => {
    expect(named(await tokensBy(house, CUSTOMERS), withoutKey)).toBe(0)
  })

  test('names nobody with the key of another house, or with the same key for another tenant', async () => {
    const kept = new Set((await tokensBy(house, CUSTOMERS)).map(bare))
    for (const other of [
      given('the secret of another house, thirty-two bytes or more'),
      given('the secret of the house, thirty-two bytes or more', 'another tenant'),
    ])
      // oxlint-disable-next-line no-await-in-loop -- two
      expect((await tokensBy(other, DICTIONARY)).filter((guess) => kept.has(bare(guess)))).toEqual([])
  })
})
