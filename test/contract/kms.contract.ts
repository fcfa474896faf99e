import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryKeyBook } from '../../subgraphs/identity/pseudonyms/key-book.ts'
import { openKeyRing } from '../../subgraphs/identity/pseudonyms/key-ring.ts'
import type { Kms } from '../../subgraphs/identity/pseudonyms/kms.ts'
import { createPseudonymizer } from '../../subgraphs/identity/pseudonyms/pseudonym.ts'
import { tokenOf } from '../support/token-of.ts'

/**
 * What every KMS does, in the words of the port. `open` gives one without keys, and the same one when asked again. Where
 * a stand-in goes on using a key that was destroyed, `isDestroyed` asks it what became of the key.
 */
export function kmsContract(
  name: string,
  open: () => Promise<Kms>,
  isDestroyed?: (keyId: string) => Promise<boolean>,
): void {
  describe(`keys in ${name}`, () => {
    let kms: Kms
    let keyId: string
    beforeEach(async () => {
      kms = await open()
      keyId = await kms.makeMacKey(1)
    })
    afterEach(() => kms.close())
    const messages = (...texts: string[]): Buffer[] => texts.map((text) => Buffer.from(text))

    test('make MACs of 32 bytes, in the order asked, the same every time', async () => {
      const [ada, bo, again] = await kms.mac(keyId, messages('ada', 'bo', 'ada'))
      expect(ada).toHaveLength(32)
      expect(again).toEqual(ada)
      expect(bo).not.toEqual(ada)
      expect(await kms.mac(keyId, messages('ada'))).toEqual([ada])
      expect(await kms.mac(keyId, [])).toEqual([])
    })

    test('take many messages at once, and long ones', async () => {
      const many = Array.from({ length: 700 }, (_, index) => `${index}`)
      const macs = await kms.mac(keyId, messages(...many, 'x'.repeat(4096)))
      expect(new Set(macs.map((mac) => mac.toString('hex'))).size).toBe(701)
    })

    test('are made once a version, and differ between versions', async () => {
      expect(await kms.makeMacKey(1)).toBe(keyId)
      const other = await kms.makeMacKey(2)
      expect(other).not.toBe(keyId)
      expect(await kms.mac(other, messages('ada'))).not.toEqual(await kms.mac(keyId, messages('ada')))
    })

    test('open what they sealed for the same purpose, whole, and nothing else', async () => {
      const sealed = await kms.encrypt(Buffer.from('a data key'), 'record 1')
      expect(sealed.includes('a data key')).toBe(false)
      expect(await kms.decrypt(sealed, 'record 1')).toEqual(Buffer.from('a data key'))
      expect(await kms.decrypt(sealed, 'record 2')).toBeNull()
      const altered = Buffer.from(sealed)
      const last = altered.length - 4
      altered[last] = altered[last] === 65 ? 66 : 65
      expect(await kms.decrypt(altered, 'record 1')).toBeNull()
    })

    test('that were destroyed make nothing any more, and are destroyed again without harm', async () => {
      const other = await kms.makeMacKey(2)
      await kms.destroyMacKey(other)
      await kms.destroyMacKey(other)
      if (isDestroyed === undefined)
        await expect(kms.mac(other, messages('ada'))).rejects.toMatchObject({ code: 'KEY_REFUSED' })
      else expect(await isDestroyed(other)).toBe(true)
      expect(await kms.mac(keyId, messages('ada'))).toHaveLength(1)
    })

    test('that never were are refused', async () => {
      await expect(kms.mac('00000000-0000-4000-8000-000000000000', messages('ada'))).rejects.toMatchObject({
        code: 'KEY_REFUSED',
      })
    })

    test('hold a ring: the same tokens and data keys after a restart', async () => {
      const book = createMemoryKeyBook()
      const first = await openKeyRing({ kms, book, clock: () => 0 })
      const token = await tokenOf(createPseudonymizer({ ring: first }), 'email', 'ada@example.org')
      const wrapped = await first.wrap(Buffer.from('a data key'), 'record 1')
      const second = await openKeyRing({ kms: await open(), book, clock: () => 0 })
      expect(await tokenOf(createPseudonymizer({ ring: second }), 'email', 'ada@example.org')).toBe(token)
      expect(await second.unwrap(wrapped, 'record 1')).toEqual(Buffer.from('a data key'))
      await second.close()
    })
  })
}
