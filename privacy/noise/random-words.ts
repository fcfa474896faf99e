import { randomFillSync } from 'node:crypto'

/** Independent uniform numbers from 0 to 2³² − 1. Whoever can foretell them can take the noise away. */
export interface RandomWords {
  next(): number
}

/** From the system's generator, many at a time: one call each would cost a hundred times as much. A word that was used is wiped. */
export const secureWords = (): RandomWords => {
  const words = new Uint32Array(BATCH)
  let at = BATCH
  return {
    next() {
      if (at === BATCH) {
        randomFillSync(words)
        at = 0
      }
      const word = words[at] ?? 0
      words[at] = 0
      at += 1
      return word
    },
  }
}

const BATCH = 16_384
