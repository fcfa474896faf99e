import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryKeyBook, type KeyBook } from '../../subgraphs/identity/pseudonyms/key-book.ts'
import { type KeyRing, openKeyRing } from '../../subgraphs/identity/pseudonyms/key-ring.ts'
import { createLocalKms } from '../../subgraphs/identity/pseudonyms/local-kms.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { tokenOf } from '../support/token-of.ts'

let directory: string
let book: KeyBook
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'assent-keys-'))
  book = createMemoryKeyBook()
})
afterEach(() => rmSync(directory, { recursive: true }))

const ring = (secret: string | null = null): Promise<KeyRing> =>
  openKeyRing({ kms: createLocalKms({ directory, secret }), book, clock: () => 0 })
const ada = async (keys: KeyRing): Promise<string> =>
  tokenOf(createPseudonymizer({ ring: keys }), 'email', 'ada@example.org')
const file = (name = 'keyring.json'): string => join(directory, name)
const SECRET = 'correct horse battery staple'

describe('a key ring in a file', () => {
  test('is made at the first time, for its owner alone, and makes the same tokens ever after', async () => {
    const first = await ada(await ring())
    expect(first).toMatch(/^e1_[\w-]{43}$/)
    expect(await ada(await ring())).toBe(first)
    expect(readdirSync(directory).toSorted()).toEqual(['keyring.json', 'keyring.secret'])
  })

  test('is sealed: neither a key nor what it is sealed under stands in it', async () => {
    await ring(SECRET)
    const text = readFileSync(file(), 'utf8')
    expect(text).not.toContain(SECRET)
    expect(Object.keys(JSON.parse(text)).toSorted()).toEqual(['format', 'kdf', 'sealed'])
    expect(readdirSync(directory)).toEqual(['keyring.json'])
  })

  test('does not open with another secret, and stays as it is', async () => {
    await ring(SECRET)
    const before = readFileSync(file())
    await expect(ring('another secret of the same length')).rejects.toMatchObject({
      code: 'KEYRING_UNREADABLE',
      place: file(),
    })
    expect(readFileSync(file())).toEqual(before)
  })

  test.each(['sealed', 'salt', 'text'])('does not open with a changed %s', async (part) => {
    await ring(SECRET)
    const { kdf, sealed, ...rest } = JSON.parse(readFileSync(file(), 'utf8'))
    const changed = (text: string): string => (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
    const forged = {
      sealed: JSON.stringify({ ...rest, kdf, sealed: changed(sealed) }),
      salt: JSON.stringify({ ...rest, kdf: { ...kdf, salt: changed(kdf.salt) }, sealed }),
      text: 'no key ring',
    }
    writeFileSync(file(), forged[part as keyof typeof forged])
    await expect(ring(SECRET)).rejects.toMatchObject({ code: 'KEYRING_UNREADABLE' })
  })

  test('is not made anew where it is missing: its people would be strangers', async () => {
    await ring()
    rmSync(file())
    await expect(ring()).rejects.toMatchObject({ code: 'KEYRING_MISSING', place: file() })
    expect(existsSync(file())).toBe(false)
  })

  test('says that its secret is missing, and makes no other', async () => {
    await ring()
    rmSync(file('keyring.secret'))
    await expect(ring()).rejects.toMatchObject({ code: 'KEYRING_SECRET_MISSING' })
    expect(existsSync(file('keyring.secret'))).toBe(false)
  })

  test('of another graph is refused although it opens', async () => {
    await ring(SECRET)
    const other = mkdtempSync(join(tmpdir(), 'assent-keys-'))
    const theirs = createLocalKms({ directory: other, secret: SECRET })
    await openKeyRing({ kms: theirs, book: createMemoryKeyBook(), clock: () => 0 })
    await expect(openKeyRing({ kms: theirs, book, clock: () => 0 })).rejects.toMatchObject({
      code: 'KEY_REFUSED',
    })
    rmSync(other, { recursive: true })
  })

  test.each(['keyring.json', 'keyring.secret'])('is not used while others can read %s', async (name) => {
    await ring()
    chmodSync(file(name), 0o640)
    await expect(ring()).rejects.toMatchObject({ code: 'KEYRING_EXPOSED', place: file(name) })
  })

  test('has at its first start, by two processes at once, one first key', async () => {
    const rings = await Promise.all([ring(), ring(), ring()])
    const tokens = await Promise.all([...rings, await ring()].map(ada))
    expect(new Set(tokens).size).toBe(1)
  })

  test('asks scrypt for no more than is sensible, whatever a file says', async () => {
    await ring(SECRET)
    const { kdf, ...rest } = JSON.parse(readFileSync(file(), 'utf8'))
    writeFileSync(file(), JSON.stringify({ ...rest, kdf: { ...kdf, N: 2 ** 30 } }))
    await expect(ring(SECRET)).rejects.toMatchObject({ code: 'KEYRING_UNREADABLE' })
  })
})

describe('data keys', () => {
  const dataKey = Buffer.alloc(32, 7)

  test('are wrapped for what they are bound to, and open for nothing else', async () => {
    const keys = await ring(SECRET)
    const wrapped = await keys.wrap(dataKey, 'record 1')
    expect(wrapped.bytes.includes(dataKey)).toBe(false)
    expect(keys.isCurrent(wrapped)).toBe(true)
    expect(await keys.unwrap(wrapped, 'record 1')).toEqual(dataKey)
    expect(await keys.unwrap(wrapped, 'record 2')).toBeNull()
    expect(await keys.unwrap({ ...wrapped, keyId: 'wrap-of-nobody' }, 'record 1')).toBeNull()
    const altered = Buffer.from(wrapped.bytes)
    altered[20] = (altered[20] ?? 0) ^ 1
    expect(await keys.unwrap({ ...wrapped, bytes: altered }, 'record 1')).toBeNull()
  })

  test('open after a restart', async () => {
    const wrapped = await (await ring(SECRET)).wrap(dataKey, 'record 1')
    expect(await (await ring(SECRET)).unwrap(wrapped, 'record 1')).toEqual(dataKey)
  })
})

test('a retired key makes nothing any more', async () => {
  const keys = await ring(SECRET)
  const page = await book.read()
  await book.write({ ...page, keys: page.keys.map((key) => ({ ...key, state: 'retired', to: 1 })) })
  await keys.keys()
  await expect(keys.mac(1, [Buffer.from('ada')])).rejects.toMatchObject({ code: 'KEY_REFUSED' })
})
