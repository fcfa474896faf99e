import type { Dice } from './dice.ts'

/** What happens to a word on its way through a keyboard, a scanner or a telephone. Never gives the word itself back. */
export const mistaken = (word: string, dice: Dice): string => {
  for (let turn = 0; turn < 5; turn += 1) {
    const changed = dice.weighted(MISTAKES)(word, dice)
    if (changed !== word) return changed
  }
  return word.slice(1)
}

type Mistake = (word: string, dice: Dice) => string

/** A slip of the finger: a letter more, less, wrong, or two changed about. */
export const mistyped: Mistake = (word, dice) => {
  const letters = Array.from(word)
  const at = dice.below(letters.length || 1)
  const [here = '', next = ''] = [letters[at], letters[at + 1]]
  const [put, take] = dice.weighted<readonly [string, number]>([
    [2, ['', 1]],
    [2, [here + neighbourOf(here, dice), 1]],
    [1, [here + here, 1]],
    [3, [neighbourOf(here, dice), 1]],
    [2, [next + here, 2]],
  ])
  letters.splice(at, take, put)
  return letters.join('')
}

const misread: Mistake = (word, dice) => replacedOnce(word, LOOK_ALIKE, dice)

const misheard: Mistake = (word, dice) => replacedOnce(word, SOUND_ALIKE, dice)

/** A space too many, or one too few. */
const misspaced: Mistake = (word, dice) => {
  if (word.includes(' ') && dice.chance(0.6)) return word.replace(' ', '')
  const at = dice.between(1, Math.max(1, word.length - 1))
  return `${word.slice(0, at)} ${word.slice(at)}`
}

const MISTAKES: readonly (readonly [number, Mistake])[] = [
  [6, mistyped],
  [1.5, misread],
  [2, misheard],
  [0.5, misspaced],
]

const KEYS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm', '1234567890']

const neighbourOf = (letter: string, dice: Dice): string => {
  const row = KEYS.find((keys) => keys.includes(letter.toLowerCase()))
  if (row === undefined) return dice.of(Array.from('aeiorstln'))
  const at = row.indexOf(letter.toLowerCase())
  return row[dice.chance(0.5) && at > 0 ? at - 1 : Math.min(at + 1, row.length - 1)] ?? letter
}

const LOOK_ALIKE = [
  ['m', 'rn'],
  ['rn', 'm'],
  ['l', '1'],
  ['o', '0'],
  ['cl', 'd'],
  ['s', '5'],
  ['b', '6'],
  ['g', 'q'],
  ['u', 'v'],
  ['i', 'l'],
  ['0', 'o'],
  ['1', 'l'],
] as const

const SOUND_ALIKE = [
  ['ph', 'f'],
  ['f', 'ph'],
  ['ck', 'k'],
  ['c', 'k'],
  ['k', 'c'],
  ['ie', 'y'],
  ['y', 'i'],
  ['z', 's'],
  ['ee', 'ea'],
  ['ou', 'u'],
  ['tt', 't'],
  ['ll', 'l'],
  ['gh', ''],
  ['wh', 'w'],
  ['e', 'a'],
] as const

const replacedOnce = (word: string, pairs: readonly (readonly [string, string])[], dice: Dice): string => {
  const fitting = pairs.filter(([from]) => word.includes(from))
  if (fitting.length === 0) return word
  const [from, to] = dice.of(fitting)
  return word.replace(from, to)
}
