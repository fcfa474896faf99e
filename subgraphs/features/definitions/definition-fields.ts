import type { TellFault as Tell } from '../../yaml-faults.ts'
import type { Path } from '../../yaml-source.ts'
import { type Duration, readDuration } from './duration.ts'
import type { DefinitionFaultCode } from './definition-fault-catalogue.ts'

export type TellFault = Tell<DefinitionFaultCode>

/** Reads the settings of one mapping; every fault is told, and what has one reads as something harmless. */
export interface DefinitionFields {
  text(name: string, pattern: RegExp, shape: string): string
  choice<T extends string>(name: string, choices: readonly T[]): T
  words(name: string): readonly string[]
  duration(name: string): Duration
  /** The setting as it stands; undefined when it is not there. */
  raw(name: string): unknown
}

const A_DAY: Duration = Object.freeze({ iso: 'P1D', ms: 86_400_000 })

export function definitionFields(
  value: unknown,
  path: Path,
  { known, tell }: { readonly known: readonly string[]; readonly tell: TellFault },
): DefinitionFields {
  const entries =
    value instanceof Map ? (value as ReadonlyMap<unknown, unknown>) : new Map<unknown, unknown>()
  if (!(value instanceof Map)) tell('FEATURE_VALUE_INVALID', path, 'Write a mapping.')
  for (const key of entries.keys())
    if (!known.includes(String(key)))
      tell('FEATURE_SETTING_UNKNOWN', [...path, String(key)], `Take it out; known are ${known.join(', ')}.`)
  return fieldsOf({
    entries,
    wanted(name, shape) {
      const given = entries.get(name)
      if (value instanceof Map && (given === undefined || given === null))
        tell('FEATURE_SETTING_MISSING', [...path, name], `Write \`${name}:\` with ${shape}.`)
      return given ?? undefined
    },
    misfit: (name, shape) => tell('FEATURE_VALUE_INVALID', [...path, name], `Write ${shape}.`),
  })
}

interface Entries {
  readonly entries: ReadonlyMap<unknown, unknown>
  /** What is missing is told. */
  readonly wanted: (name: string, shape: string) => unknown
  readonly misfit: (name: string, shape: string) => void
}

function fieldsOf({ entries, wanted, misfit }: Entries): DefinitionFields {
  return {
    text(name, pattern, shape) {
      const given = wanted(name, shape)
      if (typeof given === 'string' && pattern.test(given)) return given
      if (given !== undefined) misfit(name, shape)
      return ''
    },
    choice<T extends string>(name: string, choices: readonly T[]): T {
      const shape = `one of ${choices.join(', ')}`
      const given = wanted(name, shape)
      const chosen = choices.find((choice) => choice === given)
      if (given !== undefined && chosen === undefined) misfit(name, shape)
      return chosen ?? (choices[0] as T)
    },
    words(name) {
      const shape = 'a list of plain words, each once'
      const given = wanted(name, shape)
      if (isWords(given)) return given
      if (given !== undefined) misfit(name, shape)
      return []
    },
    duration(name) {
      const shape = 'a duration of weeks, days, hours, minutes and seconds, for example P30D or PT15M'
      const given = wanted(name, shape)
      const read = readDuration(given)
      if (given !== undefined && read === null) misfit(name, shape)
      return read ?? A_DAY
    },
    raw: (name) => entries.get(name) ?? undefined,
  }
}

const isWords = (given: unknown): given is readonly string[] =>
  Array.isArray(given) &&
  given.length > 0 &&
  new Set(given).size === given.length &&
  given.every((word) => typeof word === 'string' && /^[\w.-]{1,64}$/.test(word))
