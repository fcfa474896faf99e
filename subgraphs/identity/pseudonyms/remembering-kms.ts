import { createHmac, randomBytes } from 'node:crypto'
import type { Kms } from './kms.ts'

/**
 * A remote KMS that is not asked twice for the same message: what it answered is kept in memory, so many answers, those
 * used last. What was asked is not kept but hashed under a key of this process.
 */
export function rememberingKms(kms: Kms, most: number): Kms {
  const answers = new Map<string, Buffer>()
  const own = randomBytes(32)
  const placeOf = (keyId: string, message: Buffer): string =>
    createHmac('sha256', own).update(`${keyId}\0`).update(message).digest('base64')
  const remember = (place: string, answer: Buffer): void => {
    answers.delete(place)
    answers.set(place, answer)
    const [oldest] = answers.keys()
    if (answers.size > most && oldest !== undefined) answers.delete(oldest)
  }

  return {
    ...kms,
    async mac(keyId, messages) {
      const places = messages.map((message) => placeOf(keyId, message))
      const known = new Map<string, Buffer>()
      const missing = new Map<string, Buffer>()
      for (const [index, place] of places.entries()) {
        const answer = answers.get(place)
        if (answer !== undefined) known.set(place, answer)
        else if (messages[index] !== undefined) missing.set(place, messages[index])
      }
      const made = missing.size === 0 ? [] : await kms.mac(keyId, [...missing.values()])
      for (const [index, place] of [...missing.keys()].entries()) {
        const answer = made[index]
        if (answer !== undefined) known.set(place, answer)
      }
      return places.map((place) => {
        const answer = known.get(place)
        if (answer === undefined) throw new RangeError('The KMS answered fewer than it was asked')
        remember(place, answer)
        return answer
      })
    },
    async destroyMacKey(keyId) {
      answers.clear()
      await kms.destroyMacKey(keyId)
    },
    async close() {
      answers.clear()
      await kms.close()
    },
  }
}
