import { foldText } from '../text/fold-text.ts'
import { phoneticKey } from '../text/phonetic-key.ts'
import { isPlaceholder } from './placeholders.ts'

export interface NameTerm {
  /** Folded, words a space apart. */
  readonly text: string
  readonly words: readonly string[]
  /** The words as one: "anna maria" and "annamaria" are written for one another. */
  readonly joined: string
  readonly sound: string
  /** "A.", and in scripts that write a name in one or two signs never. */
  readonly isInitial: boolean
}

export const nameTerm = (folded: string): NameTerm => {
  const words = folded === '' ? [] : folded.split(' ')
  const joined = words.join('')
  return {
    text: folded,
    words,
    joined,
    sound: phoneticKey(words.join('')),
    isInitial: /^\p{Script=Latin}$/u.test(folded),
  }
}

export interface WrittenName {
  readonly given: string
  readonly family: string
  /** Junior, senior, the third: what tells a father from his son of the same name. Empty: not said. */
  readonly generation: string
}

/** Given and family name of a row, folded, without titles; out of a full name where the columns are empty. */
export function writtenName(given: string, family: string, full: string): WrittenName {
  const [fromFull, fromFamily] = given === '' || family === '' ? splitFullName(full) : ['', '']
  const givenWords = wordsOf(given === '' ? fromFull : given)
  const familyWords = wordsOf(family === '' ? fromFamily : family)
  return {
    given: real(givenWords),
    family: real(familyWords),
    generation: [...givenWords, ...familyWords].map((word) => GENERATIONS.get(word) ?? '').join(''),
  }
}

/** "Family, Given", or the last word with the particles before it. */
function splitFullName(full: string): readonly [given: string, family: string] {
  const comma = full.indexOf(',')
  if (comma > 0) return [full.slice(comma + 1), full.slice(0, comma)]
  const words = full.trim().split(/\s+/)
  let last = words.length - 1
  while (last > 0 && GENERATIONS.has(foldText(words[last] ?? ''))) last -= 1
  let first = last
  while (first > 1 && PARTICLES.has((words[first - 1] ?? '').toLowerCase())) first -= 1
  return [words.slice(0, first).join(' '), words.slice(first).join(' ')]
}

const wordsOf = (text: string): string[] =>
  foldText(text)
    .split(' ')
    .filter((word) => word !== '' && !TITLES.has(word))

const real = (words: readonly string[]): string => {
  const text = words.filter((word) => !GENERATIONS.has(word)).join(' ')
  return isPlaceholder(text) ? '' : text
}

const TITLES = new Set(['mr', 'mrs', 'ms', 'miss', 'mx', 'dr', 'prof', 'sir', 'herr', 'frau', 'mme'])
const PARTICLES = new Set(
  'van von de der den del della di da dos du la le el al bin ibn ter ten zu zum zur st'.split(' '),
)
const GENERATIONS = new Map([
  ['jr', 'jr'],
  ['jnr', 'jr'],
  ['junior', 'jr'],
  ['sr', 'sr'],
  ['snr', 'sr'],
  ['senior', 'sr'],
  ['ii', 'ii'],
  ['iii', 'iii'],
  ['iv', 'iv'],
])
