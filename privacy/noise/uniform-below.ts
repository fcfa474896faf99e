import type { RandomWords } from './random-words.ts'

const WORD = 4_294_967_296

/** A uniform whole number from 0 to `bound` − 1, by rejection: a remainder would favour the small ones. `bound` ≤ 2⁵³. */
export const uniformBelow = (words: RandomWords, bound: number): number => {
  if (bound <= WORD) {
    const most = WORD - (WORD % bound)
    for (;;) {
      const word = words.next()
      if (word < most) return word % bound
    }
  }
  const high = Math.ceil(bound / WORD)
  for (;;) {
    const value = uniformBelow(words, high) * WORD + words.next()
    if (value < bound) return value
  }
}

/** The same without a limit. */
export const uniformBelowBig = (words: RandomWords, bound: bigint): bigint => {
  const bits = (bound - 1n).toString(2).length
  for (;;) {
    let value = 0n
    for (let left = bits; left > 0; left -= 32) {
      const taken = Math.min(left, 32)
      value = (value << BigInt(taken)) | BigInt(words.next() >>> (32 - taken))
    }
    if (value < bound) return value
  }
}
