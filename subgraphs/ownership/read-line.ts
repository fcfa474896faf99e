import { ANONYMOUS } from '../../directives/grant.ts'
import type { SubgraphErrorCode } from '../error-catalogue.ts'
import { type Attribute, type Registry, writersOf } from './registry.ts'
import { type ReadValue, readValue } from './read-value.ts'

/** One line of what a system sends, so far as it can be judged by itself. */
export interface ReadLine {
  readonly pid: string
  readonly attribute: Attribute
  readonly version: number
  readonly at: number
  readonly confirmed: boolean
  /** Null: the system has none any more. */
  readonly value: ReadValue
  /** Whose national phone number this is. */
  readonly region: string
}

export interface Refusal {
  readonly code: SubgraphErrorCode
  /** What it is about, never a value. */
  readonly place: string
  /** Who may write the attribute. */
  readonly owner?: string
}

export type LineRead = { readonly read: ReadLine } | { readonly refusal: Refusal }

export interface LineTerms {
  readonly system: string
  readonly registry: Registry
  readonly now: number
}

const LONGEST_LINE = 65_536

/** Of a clock that is a little fast. Further ahead a word would hold against all that is said until then. */
const SKEW_MS = 300_000

export function readLine(line: string, terms: LineTerms): LineRead {
  const given = membersOf(line)
  if (given === null) return refused('PROFILE_WRITE_UNREADABLE', 'line')
  const misfit = misfitOf(given)
  if (misfit !== null) return refused('PROFILE_WRITE_UNREADABLE', misfit)
  const attribute = terms.registry.attributes.get(given['attribute'] as string)
  if (attribute === undefined) return refused('UNKNOWN_ATTRIBUTE', 'attribute')
  const writers = writersOf(attribute)
  if (!writers.includes(terms.system)) {
    const owner = writers.join(', ')
    return { refusal: { code: 'NOT_THE_OWNER', place: `${attribute.name}, owned by ${owner}`, owner } }
  }
  const at = Date.parse(given['at'] as string)
  if (at > terms.now + SKEW_MS) return refused('PROFILE_WRITE_FROM_THE_FUTURE', 'at')
  if (at <= terms.now - attribute.retentionMs) return refused('PROFILE_WRITE_TOO_OLD', 'at')
  const value = given['value'] === null ? null : readValue(given['value'], attribute)
  if (given['value'] !== null && value === null) return refused('PROFILE_VALUE_INVALID', attribute.name)
  return {
    read: {
      pid: given['pid'] as string,
      attribute,
      version: given['version'] as number,
      at,
      confirmed: given['confirmed'] === true,
      value,
      region: typeof given['region'] === 'string' ? given['region'] : '',
    },
  }
}

const refused = (code: SubgraphErrorCode, place: string): LineRead => ({ refusal: { code, place } })

function membersOf(line: string): Readonly<Record<string, unknown>> | null {
  // What was no UTF-8 came as U+FFFD.
  if (line.length > LONGEST_LINE || line.includes('\uFFFD')) return null
  try {
    const given: unknown = JSON.parse(line)
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return null
    return Object.assign(Object.create(null) as object, given) as Readonly<Record<string, unknown>>
  } catch {
    return null
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

const isLike = (pattern: RegExp, value: unknown): value is string =>
  typeof value === 'string' && pattern.test(value)

/** What each member has to be; one that is not there is `undefined`. */
const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  pid: (value) => isLike(/^[\w.~:-]{1,128}$/, value) && value !== ANONYMOUS,
  attribute: (value) => typeof value === 'string',
  value: (value) => value !== undefined,
  version: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  at: (value) => isLike(INSTANT, value) && !Number.isNaN(Date.parse(value)),
  confirmed: (value) => value === undefined || typeof value === 'boolean',
  region: (value) => value === undefined || isLike(/^[A-Z]{2}$/, value),
}

/** The first member that does not fit. What nobody asked for could be anything, and is not passed over. */
function misfitOf(given: Readonly<Record<string, unknown>>): string | null {
  if (!Object.keys(given).every((name) => Object.hasOwn(FITS, name))) return 'unknown member'
  return Object.keys(FITS).find((name) => FITS[name]?.(given[name]) !== true) ?? null
}
