import { randomBytes } from 'node:crypto'
import type { DataKeyRing } from '../../subgraphs/identity/vault/data-key-ring.ts'
import { open, seal } from '../../subgraphs/seal.ts'

/** A key ring in memory, whose wrapping key can be changed. */
export function createTestRing(): DataKeyRing & { turn(): void; lose(): void } {
  const keys = new Map([['w1', randomBytes(32)]])
  const current = () => `w${keys.size}`
  return {
    async wrap(dataKey, bound) {
      const keyId = current()
      return { keyId, bytes: seal(dataKey, keys.get(keyId) ?? Buffer.alloc(0), Buffer.from(bound)) }
    },
    async unwrap({ keyId, bytes }, bound) {
      const key = keys.get(keyId)
      return key === undefined ? null : open(bytes, key, Buffer.from(bound))
    },
    isCurrent: ({ keyId }) => keyId === current(),
    turn: () => void keys.set(`w${keys.size + 1}`, randomBytes(32)),
    lose: () => {
      for (const id of keys.keys()) keys.set(id, randomBytes(32))
    },
  }
}
