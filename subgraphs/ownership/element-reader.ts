import type { Path } from '../yaml-source.ts'
import type { TellFault } from './fault-list.ts'

/** Reads the elements that every contract has; one that is missing or cannot be meant is told, with its path. */
export function elementReader(entries: ReadonlyMap<string, unknown>, path: Path, tell: TellFault) {
  const given = (name: string, remedy: string): unknown => {
    if (!entries.has(name)) tell('OWNERSHIP_ELEMENT_MISSING', [...path, name], remedy)
    return entries.get(name)
  }
  const invalid = (name: string, remedy: string): void => {
    if (entries.has(name)) tell('OWNERSHIP_VALUE_INVALID', [...path, name], remedy)
  }
  const names = (name: string): readonly string[] => {
    const remedy = `Write \`${name}:\` as a list of names, none twice.`
    const list = given(name, remedy)
    if (Array.isArray(list) && list.length > 0 && list.every(isName) && new Set(list).size === list.length)
      return list as string[]
    invalid(name, remedy)
    return []
  }
  return {
    names,
    text(name: string): string {
      const remedy = `Write \`${name}:\` as a line of text.`
      const value = given(name, remedy)
      if (typeof value === 'string' && value.trim() !== '') return value
      invalid(name, remedy)
      return ''
    },
    oneOf<T extends string>(name: string, choices: readonly T[]): T {
      const remedy = `Write one of ${choices.join(', ')}.`
      const value = given(name, remedy)
      if (!choices.includes(value as T)) invalid(name, remedy)
      return value as T
    },
    known(name: string, words: ReadonlySet<string>): readonly string[] {
      const list = names(name)
      if (!list.every((word) => words.has(word)))
        tell(
          'OWNERSHIP_SCOPE_UNKNOWN',
          [...path, name],
          `Use words of the vocabulary: ${[...words].join(', ')}.`,
        )
      return list
    },
    duration(name: string): number {
      const remedy = `Write \`${name}:\` as a duration of days, weeks, months or years: P90D, P2Y.`
      const [, count = '', unit = ''] = /^P([1-9]\d{0,4})([DWMY])$/.exec(String(given(name, remedy))) ?? []
      if (unit === '') invalid(name, remedy)
      return Number(count) * (DAYS[unit] ?? 0) * 86_400_000
    },
  }
}

const DAYS: Readonly<Record<string, number>> = { D: 1, W: 7, M: 30, Y: 365 }

const isName = (value: unknown): boolean => typeof value === 'string' && /^[a-z][a-z0-9_-]{0,62}$/.test(value)
