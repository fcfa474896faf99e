import { createCipheriv, createHash } from 'node:crypto'
import type { RandomWords } from '../../../privacy/noise/random-words.ts'

/** Random words that can be drawn again from where they were left. */
export interface KeyedWords extends RandomWords {
  /** How many were drawn. */
  position(): number
}

/**
 * The key stream of AES-256 in counter mode, from a secret key. A run that is killed and resumed draws the same noise again, so
 * what it releases twice is one release; a fresh draw would be a second one that nobody counted. Whoever has the key can take the
 * noise away: it is kept beside the checkpoint alone, and ends with it.
 */
export const keyedWords = (key: Buffer, position = 0): KeyedWords => {
  const block = Math.floor(position / WORDS_OF_BLOCK)
  const counter = Buffer.alloc(16)
  counter.writeBigUInt64BE(BigInt(block), 8)
  const cipher = createCipheriv('aes-256-ctr', key, counter)
  const drawn = block * WORDS_OF_BLOCK
  let words = new Uint32Array(0)
  let [at, before] = [0, drawn]
  const keyed: KeyedWords = {
    next() {
      if (at === words.length) {
        before += at
        const bytes = cipher.update(NOTHING)
        words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))
        at = 0
      }
      const word = words[at] as number
      at += 1
      return word
    },
    position: () => before + at,
  }
  while (keyed.position() < position) keyed.next()
  return keyed
}

const WORDS_OF_BLOCK = 4
const NOTHING = Buffer.alloc(2 ** 16)

/** For test mode alone: everybody can make this key. */
export const keyOfSeed = (seed: number): Buffer => createHash('sha256').update(`test seed ${seed}`).digest()
