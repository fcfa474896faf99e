import type { Path } from '../yaml-source.ts'

/** One mapping of a file, read key by key; what is wrong is told with its place, and something harmless stands in for it. */
export interface Fields {
  text(key: string): string
  /** One word of these. */
  word<Word extends string>(key: string, words: readonly Word[], otherwise?: Word): Word
  /** Absent and without `otherwise`: a fault. */
  number(key: string, range: Range, otherwise?: number): number
  whole(key: string, range: Range, otherwise?: number): number
  /** Names, one or more, each once. */
  names(key: string): readonly string[]
  numbers(key: string): readonly number[]
  has(key: string): boolean
  /** The mapping below a key; null where there is none. */
  below(key: string): Fields | null
  /** The mappings of a list below a key. */
  listed(key: string): readonly Fields[]
  keys(): readonly string[]
  fault(key: string, what: string): void
  /** What was never asked for is a fault: a misspelt key would say nothing. */
  end(): void
}

export interface Range {
  readonly least: number
  readonly most: number
}

export type TellFault = (path: Path, what: string) => void

export function fieldsOf(value: unknown, path: Path, tell: TellFault): Fields {
  if (!(value instanceof Map)) tell(path, 'a mapping is expected')
  const map: ReadonlyMap<unknown, unknown> = value instanceof Map ? value : new Map()
  const asked = new Set<string>()
  const at = (key: string): unknown => {
    asked.add(key)
    return map.get(key)
  }
  const fault = (key: string, what: string): void => tell([...path, key], what)
  const list = (key: string): readonly unknown[] => {
    const found = at(key)
    return Array.isArray(found) ? found : []
  }
  return {
    ...wordsOf(at, fault),
    ...numbersOf(at, fault),
    names(key) {
      const found = list(key)
      const names = found.filter((name) => typeof name === 'string' && name !== '') as string[]
      if (names.length > 0 && names.length === found.length && new Set(names).size === names.length)
        return names
      fault(key, 'a list of different names is expected')
      return names
    },
    has: (key) => map.has(key),
    below: (key) => (map.has(key) ? fieldsOf(at(key), [...path, key], tell) : null),
    listed: (key) => list(key).map((one, index) => fieldsOf(one, [...path, key, String(index)], tell)),
    keys: () => [...map.keys()].map(String),
    fault,
    end() {
      for (const key of map.keys())
        if (typeof key !== 'string' || !asked.has(key)) fault(String(key), 'nothing of this name is known')
    },
  }
}

const wordsOf = (
  at: (key: string) => unknown,
  fault: (key: string, what: string) => void,
): Pick<Fields, 'text' | 'word'> => ({
  text(key) {
    const found = at(key)
    if (typeof found === 'string' && found.trim() !== '') return found.trim()
    fault(key, 'a text is expected')
    return ''
  },
  word(key, words, otherwise) {
    const found = at(key) ?? otherwise
    const word = words.find((one) => one === found)
    if (word !== undefined) return word
    fault(key, `one of ${words.join(', ')} is expected`)
    return (otherwise ?? words[0]) as (typeof words)[number]
  },
})

const numbersOf = (
  at: (key: string) => unknown,
  fault: (key: string, what: string) => void,
): Pick<Fields, 'number' | 'whole' | 'numbers'> => {
  const number =
    (isRight: (x: unknown) => boolean): Fields['number'] =>
    (key, { least, most }, otherwise) => {
      const found = at(key) ?? otherwise
      if (typeof found === 'number' && isRight(found) && found >= least && found <= most) return found
      fault(key, `a number from ${least} to ${most} is expected`)
      return least
    }
  return {
    number: number(Number.isFinite),
    whole: number(Number.isSafeInteger),
    numbers(key) {
      const found = at(key)
      if (Array.isArray(found) && found.length > 0 && found.every((x) => Number.isFinite(x)))
        return found as number[]
      fault(key, 'a list of numbers is expected')
      return []
    },
  }
}
