import { foldText } from '../text/fold-text.ts'
import { phoneticKey } from '../text/phonetic-key.ts'
import { isPlaceholder } from './placeholders.ts'

export interface StreetTerm {
  /** Address lines, folded, kinds of streets in one spelling, numbers taken out; the longest line first is not assumed. */
  readonly lines: readonly string[]
  /** The same without spaces. */
  readonly wholes: readonly string[]
  /** Each line without its kind ("street") and without spaces: what is typed wrong least often. */
  readonly names: readonly string[]
  readonly sounds: readonly string[]
  /** The number that stood in the line itself. */
  readonly house: string
}

export function streetTerm(written: string): StreetTerm {
  const found: string[] = []
  const numbers: string[] = []
  for (const part of written.split('\n')) {
    const words = foldText(part).split(' ').filter(Boolean)
    numbers.push(...words.filter((word) => /^\d+[a-z]?$/.test(word)))
    const line = words.filter((word) => !/^\d+[a-z]?$/.test(word)).map((word) => KINDS.get(word) ?? word)
    if (line.length > 0 && !isPlaceholder(line.join(' '))) found.push(line.join(' '))
  }
  const names = found.map(nameOf)
  return {
    lines: found,
    wholes: found.map((line) => line.replaceAll(' ', '')),
    names,
    sounds: names.map(phoneticKey),
    house: numbers[0] ?? '',
  }
}

const nameOf = (line: string): string => {
  const words = line.split(' ')
  const kept = words.filter((word) => !LONG_KINDS.has(word))
  return (kept.length > 0 ? kept : words).join('')
}

const KINDS = new Map(
  Object.entries({
    st: 'street',
    str: 'street',
    strasse: 'street',
    rd: 'road',
    ave: 'avenue',
    av: 'avenue',
    pl: 'place',
    cres: 'crescent',
    cr: 'crescent',
    ct: 'court',
    crt: 'court',
    cct: 'circuit',
    dr: 'drive',
    drv: 'drive',
    ln: 'lane',
    tce: 'terrace',
    ter: 'terrace',
    hwy: 'highway',
    blvd: 'boulevard',
    cl: 'close',
    sq: 'square',
    pde: 'parade',
    gr: 'grove',
  }),
)
const LONG_KINDS = new Set([
  ...KINDS.values(),
  'way',
  'loop',
  'rue',
  'calle',
  'via',
  'ulica',
  'ul',
  'weg',
  'platz',
  'gasse',
])
