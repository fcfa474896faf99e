import { createHmac, randomBytes } from 'node:crypto'
import { CodedFailure } from '../../subgraphs/coded-failure.ts'
import type { Kms } from '../../subgraphs/identity/pseudonyms/kms.ts'
import { open, seal } from '../../subgraphs/seal.ts'

/** Keys in a map. */
export function memoryKms(): Kms & { readonly keys: ReadonlyMap<string, Buffer> } {
  const keys = new Map<string, Buffer>()
  const wrapping = randomBytes(32)
  return {
    keys,
    async mac(keyId, messages) {
      const key = keys.get(keyId)
      if (key === undefined) throw new CodedFailure('KEY_REFUSED', keyId)
      return messages.map((message) => createHmac('sha256', key).update(message).digest())
    },
    encrypt: async (plain, bound) => seal(plain, wrapping, Buffer.from(bound)),
    decrypt: async (sealed, bound) => open(sealed, wrapping, Buffer.from(bound)),
    async makeMacKey(version) {
      const keyId = `mac-${version}`
      if (!keys.has(keyId)) keys.set(keyId, randomBytes(32))
      return keyId
    },
    async destroyMacKey(keyId) {
      keys.delete(keyId)
    },
    close: async () => {},
  }
}
