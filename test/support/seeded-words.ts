import type { RandomWords } from '../../privacy/noise/random-words.ts'

/** The same words for the same seed (SplitMix32): tests of chance must not fail by chance. */
export const seededWords = (seed: number): RandomWords => {
  let state = seed >>> 0
  return {
    next() {
      state = (state + 0x9e3779b9) >>> 0
      let mixed = state ^ (state >>> 16)
      mixed = Math.imul(mixed, 0x21f0aaad)
      mixed ^= mixed >>> 15
      mixed = Math.imul(mixed, 0x735a2d97)
      return (mixed ^ (mixed >>> 15)) >>> 0
    },
  }
}

/** These words, and then no more. */
export const theseWords = (...words: readonly number[]): RandomWords => {
  const left = [...words]
  return {
    next() {
      const word = left.shift()
      if (word === undefined) throw new Error('more words were drawn than were given')
      return word
    },
  }
}
