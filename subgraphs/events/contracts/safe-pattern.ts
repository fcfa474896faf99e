/**
 * Whether a text fits a pattern must be told in one walk over the text: a pattern that can be read in two ways makes a
 * matcher try them all (CWE-1333). So a pattern is a row of characters and classes between `^` and `$`, each with a
 * count or without, and wherever a count leaves open how often, the next character tells: what may be repeated must
 * share no character with what may stand directly behind it. No groups, no alternatives (those are `enum`), no
 * look-around, no back references.
 */
export function unsafePartOf(pattern: string): string | null {
  if (pattern.length > MAXIMUM) return `is longer than ${MAXIMUM} characters`
  if (!pattern.startsWith('^') || !pattern.endsWith('$') || pattern.endsWith('\\$'))
    return 'does not begin with ^ and end with $'
  if (!isRegExp(pattern)) return 'is no regular expression'
  const atoms = readAtoms(pattern.slice(1, -1))
  if (typeof atoms === 'string') return atoms
  return ambiguityOf(atoms)
}

const MAXIMUM = 200

/** Counts are written out by engines, so that large ones cost memory. */
const MOST = 1000

interface Atom {
  readonly characters: ReadonlySet<number>
  readonly least: number
  readonly most: number
}

/** Stands for every character beyond ASCII. */
const BEYOND = 128

function isRegExp(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp
  } catch {
    return false
  }
}

function readAtoms(body: string): readonly Atom[] | string {
  const atoms: Atom[] = []
  const steps =
    /\[(\^?)((?:\\[^A-Za-z0-9]|\\[dw]|[^\]\\])*)\]|\\([dw])|\\([-\\.^$*+?()[\]{}|/])|([^\\.^$*+?()[\]{}|])/uy
  const counts = /\{(\d{1,4})(?:(,)(\d{1,4})?)?\}|([*+?])/uy
  let at = 0
  while (at < body.length) {
    steps.lastIndex = at
    const step = steps.exec(body)
    if (step === null) return `holds at character ${at + 2} what is not a character, a class or a count`
    const characters = charactersOf(step)
    if (characters === null) return `has a class at character ${at + 2} whose ranges cannot be told`
    at = steps.lastIndex
    counts.lastIndex = at
    const count = counts.exec(body)
    if (count !== null) at = counts.lastIndex
    const { least, most } = boundsOf(count)
    if (least > most || least > MOST || (most !== Infinity && most > MOST))
      return `counts at character ${at + 1} further than to ${MOST}`
    atoms.push({ characters, least, most })
  }
  return atoms
}

function boundsOf(count: RegExpExecArray | null): { least: number; most: number } {
  if (count === null) return { least: 1, most: 1 }
  const [, least, comma, most, sign] = count
  if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
  if (comma === undefined) return { least: Number(least), most: Number(least) }
  return { least: Number(least), most: most === undefined ? Infinity : Number(most) }
}

function charactersOf([
  ,
  negated,
  members,
  shorthand,
  escaped,
  plain,
]: RegExpExecArray): ReadonlySet<number> | null {
  if (shorthand !== undefined) return SHORTHANDS[shorthand as 'd' | 'w']
  const single = escaped ?? plain
  if (single !== undefined) return new Set([codeOf(single)])
  const listed = membersOf(members ?? '')
  if (listed === null || listed.size === 0) return null
  // What is beyond ASCII may be partly listed: neither it nor its opposite is empty then.
  if (negated !== '^') return listed
  return new Set([...Array(BEYOND + 1).keys()].filter((code) => code === BEYOND || !listed.has(code)))
}

function membersOf(text: string): Set<number> | null {
  const listed = new Set<number>()
  const members = [...text.matchAll(/\\([dw])|(?:\\(.)|([^\\]))(?:-(?:\\(.)|([^\\])))?/gu)]
  for (const [, shorthand, escaped, plain, escapedEnd, plainEnd] of members) {
    if (shorthand !== undefined) for (const code of SHORTHANDS[shorthand as 'd' | 'w']) listed.add(code)
    else {
      const from = codeOf(escaped ?? plain ?? '')
      const end = escapedEnd ?? plainEnd
      const to = end === undefined ? from : codeOf(end)
      if (escapedEnd !== undefined && /[dw]/.test(escapedEnd)) return null
      if (to < from) return null
      for (let code = from; code <= to; code++) listed.add(code)
    }
  }
  return listed
}

const codeOf = (character: string): number => Math.min(character.codePointAt(0) ?? BEYOND, BEYOND)

const rangeOf = (from: string, to: string): number[] =>
  Array.from({ length: codeOf(to) - codeOf(from) + 1 }, (_, step) => codeOf(from) + step)

const DIGITS = rangeOf('0', '9')
const SHORTHANDS = {
  d: new Set(DIGITS),
  w: new Set([...DIGITS, ...rangeOf('a', 'z'), ...rangeOf('A', 'Z'), codeOf('_')]),
} as const

/** A count that is open is followed by something else: up to and with the first that has to be there. */
function ambiguityOf(atoms: readonly Atom[]): string | null {
  for (const [position, { characters, least, most }] of atoms.entries()) {
    if (least === most) continue
    for (const next of atoms.slice(position + 1)) {
      if ([...next.characters].some((code) => characters.has(code)))
        return `repeats at part ${position + 1} what may also stand behind it`
      if (next.least > 0) break
    }
  }
  return null
}
