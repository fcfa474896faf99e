import type { Shape } from './contract-place.ts'
import { readDuration } from './iso-duration.ts'

const shape = <T>(sentence: string, read: (value: unknown) => T | undefined): Shape<T> => ({ sentence, read })

const textOf = (pattern: RegExp) => (value: unknown) =>
  typeof value === 'string' && pattern.test(value) ? value : undefined

export const TYPE_NAME = shape(
  'lower case letters, digits and _, at most 64, beginning with a letter',
  textOf(/^[a-z][a-z0-9_]{0,63}$/),
)

/** Of a team, a consumer, an alert. */
export const PLAIN_NAME = shape(
  'lower case letters, digits and -, at most 64, beginning with a letter',
  textOf(/^[a-z][a-z0-9-]{0,63}$/),
)

export const SENTENCE = shape('a sentence of at most 1,000 characters', (value) =>
  typeof value === 'string' && value.length <= 1000 && /\p{L}.*\s.*\p{L}/su.test(value.trim().slice(0, 1000))
    ? value.trim().replaceAll(/\s+/g, ' ')
    : undefined,
)

export const DURATION = shape('an ISO 8601 duration such as P13M or PT1H', (value) =>
  readDuration(value) === null ? undefined : String(value),
)

export const DAY = shape('a day such as 2026-11-22', (value) => {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return undefined
  const at = Date.parse(`${value}T00:00:00Z`)
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== value ? undefined : value
})

export const VERSION = shape('a whole number from 1', (value) =>
  Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 9999 ? Number(value) : undefined,
)

export const SHARE = shape('a number from 0 to 1', (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined,
)

export const oneOf = <T extends string>(words: readonly T[]): Shape<T> =>
  shape(`one of ${words.join(', ')}`, (value) => words.find((word) => word === value))

/** At least one, each once. */
export const listOf = (item: Shape<string>, most: number): Shape<readonly string[]> =>
  shape(`a list of at least one and at most ${most}, each once: ${item.sentence}`, (value) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > most) return undefined
    const read = value.map((entry) => item.read(entry))
    const isWhole = read.every((entry) => entry !== undefined) && new Set(read).size === read.length
    return isWhole ? Object.freeze(read) : undefined
  })
