import { latinOf } from './transliterate.ts'

/**
 * One spelling for comparing: compatibility forms unified (NFKD), marks of Latin, Greek, Cyrillic, Hebrew and Arabic
 * taken off, Greek and Cyrillic written in Latin letters, lower case, words a single space apart. Vowel signs of other
 * scripts (Devanagari, Thai, …) are marks, too, and stay: without them other words would become equal.
 */
export function foldText(text: string): string {
  if (PLAIN.test(text)) return text
  const letters = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(MARKS, '')
    .replace(APOSTROPHES, '')
    .replace(NOT_LATIN, latinOf)
  return letters.normalize('NFC').replace(SEPARATORS, ' ').trim()
}

/** Most values of most files: nothing to fold. */
const PLAIN = /^[a-z0-9]+(?: [a-z0-9]+)*$/
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g
/** O'Brien and OBrien, d’Arc and dArc. */
const APOSTROPHES = /['’‘ʼ`´]/g
const NOT_LATIN = /[ßæœøđðþłıŋħ\u0370-\u03ff\u0400-\u04ff]/g
const SEPARATORS = /[^\p{L}\p{M}\p{N}]+/gu
