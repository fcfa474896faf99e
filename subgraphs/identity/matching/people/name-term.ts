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
  /** After folding: names of two scripts are neither like nor unlike one another. */
  readonly script: Script
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
    script: scriptOf(folded),
  }
}

export type Script = 'latin' | 'signs' | 'syllables' | 'sounds' | 'arabic' | 'hebrew' | 'other'

/** Scripts that are not written in Latin letters here. Of a mixed text the first of these. */
const SCRIPTS: readonly (readonly [RegExp, Script])[] = [
  [/\p{Script=Han}/u, 'signs'],
  [/\p{Script=Hangul}/u, 'syllables'],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'sounds'],
  [/\p{Script=Arabic}/u, 'arabic'],
  [/\p{Script=Hebrew}/u, 'hebrew'],
  [/[^\p{Script=Latin}\p{M}\p{N} ]/u, 'other'],
]

const scriptOf = (folded: string): Script =>
  /^[a-z0-9 ]*$/.test(folded) ? 'latin' : (SCRIPTS.find(([of]) => of.test(folded))?.[1] ?? 'latin')

/** Where a sign is a word or a syllable, another sign is another name and not a slip. */
export const isInSigns = ({ script }: NameTerm): boolean => script === 'signs' || script === 'syllables'

const SIGNS = /[\p{Script=Han}\p{Script=Hangul}]/u

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

/** "Family, Given", or the last word with the particles before it; in signs the family comes first. */
function splitFullName(full: string): readonly [given: string, family: string] {
  if (SIGNS.test(full)) return splitSigns(full.normalize('NFC').trim())
  const comma = full.indexOf(',')
  if (comma > 0) return [full.slice(comma + 1), full.slice(0, comma)]
  const words = full.trim().split(/\s+/)
  let last = words.length - 1
  while (last > 0 && GENERATIONS.has(foldText(words[last] ?? ''))) last -= 1
  let first = last
  while (first > 1 && PARTICLES.has((words[first - 1] ?? '').toLowerCase())) first -= 1
  return [words.slice(0, first).join(' '), words.slice(first).join(' ')]
}

/** One sign of family name and one or two of given name; of four signs two and two. Blanks say it themselves. */
function splitSigns(full: string): readonly [given: string, family: string] {
  const [before = '', ...after] = full.split(/[\s,\u3000\u30FB]+/u)
  if (after.length > 0) return [after.join(''), before]
  const signs = Array.from(before)
  const isLong = signs.length >= 4 || TWO_SIGNS.has(before.slice(0, 2))
  const family = signs.length < 2 ? signs.length : isLong ? 2 : 1
  return [signs.slice(family).join(''), signs.slice(0, family).join('')]
}

/** Family names of two signs that three-sign names begin with. */
const TWO_SIGNS = new Set(
  '欧阳 歐陽 司马 司馬 上官 诸葛 諸葛 东方 東方 皇甫 尉迟 公孙 公孫 慕容 令狐 司徒 남궁 황보 제갈 선우 독고'.split(
    ' ',
  ),
)

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
