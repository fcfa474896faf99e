import type { NoiseSampler } from '../noise/discrete-laplace.ts'
import type { NoiseLaw } from './noise-law.ts'

/** A mistake that has been made, and whose noise looks right at a glance. */
export interface WrongMechanism {
  readonly name: string
  readonly mistake: string
  readonly of: (right: NoiseSampler, law: NoiseLaw) => NoiseSampler
}

/** What the audit has to find, or it is too blunt to be believed when it finds nothing. */
export const WRONG_MECHANISMS: readonly WrongMechanism[] = [
  {
    name: 'floating-point',
    mistake: 'a logarithm of a floating-point number: which numbers can come out gives the answer away',
    of: (_, law) => (words) =>
      Math.sqrt(law.variance / 2) * Math.log((words.next() + 1) / WORD) * (words.next() >= WORD / 2 ? 1 : -1),
  },
  {
    name: 'narrow',
    mistake: 'one draw in ten is halved',
    of: (right) => (words) => (words.next() % 10 === 0 ? Math.trunc(right(words) / 2) : right(words)),
  },
  {
    name: 'zero-twice',
    mistake: 'what is close to zero is one time in ten made zero, as when minus zero is not drawn again',
    of: (right, law) => (words) => {
      const x = right(words)
      return words.next() % 10 === 0 && Math.abs(x) <= Math.max(1, Math.sqrt(law.variance)) ? 0 : x
    },
  },
  {
    name: 'one-sided',
    mistake: 'one draw in ten loses its sign',
    of: (right) => (words) => (words.next() % 10 === 0 ? Math.abs(right(words)) : right(words)),
  },
  {
    name: 'cut-off',
    mistake: 'what is beyond three standard deviations is drawn again',
    of: (right, law) => (words) => {
      for (;;) {
        const x = right(words)
        if (Math.abs(x) <= 3 * Math.sqrt(law.variance)) return x
      }
    },
  },
  {
    name: 'shifted',
    mistake: 'one draw in ten is rounded up, the others down',
    of: (right, law) => (words) =>
      right(words) + (words.next() % 10 === 0 ? Math.ceil(Math.sqrt(law.variance) / 2) : 0),
  },
  {
    name: 'kept',
    mistake: 'one draw in ten is the one before again',
    of: (right) => {
      let last = 0
      return (words) => {
        if (words.next() % 10 !== 0) last = right(words)
        return last
      }
    },
  },
]

const WORD = 4_294_967_296
