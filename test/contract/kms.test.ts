import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Kms } from '../../subgraphs/identity/pseudonyms/kms.ts'
import { createLocalKms } from '../../subgraphs/identity/pseudonyms/local-kms.ts'
import { rememberingKms } from '../../subgraphs/identity/pseudonyms/remembering-kms.ts'
import { createVaultTransitKms } from '../../subgraphs/identity/pseudonyms/vault-transit-kms.ts'
import { type FakeVault, startFakeVault } from '../support/fake-vault.ts'
import { kmsContract } from './kms.contract.ts'

let directory: string
let vault: FakeVault
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'assent-keys-'))
  vault = await startFakeVault()
})
afterAll(async () => {
  rmSync(directory, { recursive: true })
  await vault.close()
})

kmsContract('a file of this machine', async () =>
  createLocalKms({ directory, secret: 'correct horse battery staple' }),
)
kmsContract('the transit engine of Vault', async () =>
  createVaultTransitKms({ url: vault.url, token: vault.token, prefix: 'assent' }),
)

describe('Vault', () => {
  const kms = (token = vault.token) =>
    createVaultTransitKms({ url: vault.url, token, prefix: `assent-${process.pid}` })
  const ada = [Buffer.from('ada@example.org')]
  afterEach(() => vault.fail(null))

  test('is asked once for many', async () => {
    const keyId = await kms().makeMacKey(1)
    const before = vault.asked.length
    await kms().mac(
      keyId,
      Array.from({ length: 400 }, (_, index) => Buffer.from(`${index}`)),
    )
    expect(vault.asked.slice(before)).toEqual([`POST hmac/${keyId}/sha2-256`])
  })

  test('makes the same tokens although somebody rotated the key there', async () => {
    const keyId = await kms().makeMacKey(1)
    const before = await kms().mac(keyId, ada)
    vault.rotate(keyId)
    expect(await kms().mac(keyId, ada)).toEqual(before)
  })

  test.each([500, 503, 429])('that answers %i is away: ask again', async (status) => {
    const keyId = await kms().makeMacKey(1)
    vault.fail(status)
    await expect(kms().mac(keyId, ada)).rejects.toMatchObject({
      code: 'KEYS_UNAVAILABLE',
      place: `Vault, status ${status}`,
    })
  })

  test('that is not there is away, too', async () => {
    const nowhere = createVaultTransitKms({ url: 'http://127.0.0.1:1', token: 'a token', prefix: 'assent' })
    await expect(nowhere.mac('assent-mac-1', ada)).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' })
  })

  test('refuses another token, and no message or stack names one', async () => {
    const failure = await kms('hvs.not-the-token')
      .mac('assent-mac-1', ada)
      .catch((error: unknown) => error as Error)
    expect(failure).toMatchObject({ code: 'KEY_REFUSED' })
    const told = JSON.stringify(failure) + String((failure as Error).stack)
    expect(told).not.toContain('hvs.')
    expect(told).not.toContain('ada@example.org')
  })
})

describe('what a remote KMS answered', () => {
  const far = () => {
    const asked: string[] = []
    const kms: Kms = {
      async mac(_, messages) {
        asked.push(...messages.map(String))
        return messages.map((message) => Buffer.from(`mac of ${message.toString()}`))
      },
      encrypt: async (plain) => plain,
      decrypt: async (sealed) => sealed,
      makeMacKey: async (version) => `${version}`,
      destroyMacKey: async () => {},
      close: async () => {},
    }
    return { asked, kms }
  }
  const of = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text))
  test('is not asked again, nor twice in one batch', async () => {
    const { asked, kms } = far()
    const remembering = rememberingKms(kms, 10)
    const answers = await remembering.mac('1', of('ada', 'bo', 'ada'))
    expect(answers.map(String)).toEqual(['mac of ada', 'mac of bo', 'mac of ada'])
    await remembering.mac('1', of('bo', 'cyd'))
    expect(asked).toEqual(['ada', 'bo', 'cyd'])
  })

  test('is another one of another key', async () => {
    const { asked, kms } = far()
    const remembering = rememberingKms(kms, 10)
    await remembering.mac('1', of('ada'))
    await remembering.mac('2', of('ada'))
    expect(asked).toEqual(['ada', 'ada'])
  })

  test('is kept for so many, those used last, and forgotten with the key', async () => {
    const { asked, kms } = far()
    const remembering = rememberingKms(kms, 2)
    for (const name of ['ada', 'bo', 'ada', 'cyd', 'ada', 'bo'])
      // eslint-disable-next-line no-await-in-loop -- what is forgotten depends on the order
      await remembering.mac('1', of(name))
    expect(asked).toEqual(['ada', 'bo', 'cyd', 'bo'])
    await remembering.destroyMacKey('1')
    await remembering.mac('1', of('bo'))
    expect(asked).toHaveLength(5)
  })
})
