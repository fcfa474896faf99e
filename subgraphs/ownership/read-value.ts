import { type Attribute, isTokenKind, type Kind, type TokenKind } from './registry.ts'
import type { ProfileValue } from './settle.ts'

/** A value as it may be kept, or what has to become a token first; null where it cannot be of its kind. */
export type ReadValue =
  { readonly kept: ProfileValue } | { readonly raw: string; readonly kind: TokenKind } | null

/**
 * Nothing but plain words, numbers and times is kept as it came: free text could say who somebody is, and raw identifiers are
 * in the vault alone.
 */
export function readValue(value: unknown, { kind, values }: Pick<Attribute, 'kind' | 'values'>): ReadValue {
  if (isTokenKind(kind))
    return typeof value === 'string' && value.trim() !== '' && value.length <= 512
      ? { raw: value, kind }
      : null
  if (kind === 'one of') return values.includes(value as string) ? { kept: value as string } : null
  if (!PLAIN[kind](value)) return null
  // JSON knows a zero below zero, which no store keeps.
  return { kept: value === 0 ? 0 : (value as ProfileValue) }
}

const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value)

/** A letter first: digits alone could be somebody's number. */
const isWord = matches(/^[A-Za-z][\w.:/-]{0,63}$/)

const PLAIN: Readonly<Record<Exclude<Kind, TokenKind | 'one of'>, (value: unknown) => boolean>> = {
  record: matches(/^r_[\w-]{16,128}$/),
  word: isWord,
  words: (value) =>
    Array.isArray(value) &&
    value.length <= 100 &&
    value.every(isWord) &&
    new Set(value).size === value.length,
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  count: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  instant: (value) =>
    matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/)(value) && isTime(value),
  date: (value) => matches(/^\d{4}-\d\d-\d\d$/)(value) && isTime(value),
  country: matches(/^[A-Z]{2}$/),
  language: matches(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/),
}

const isTime = (value: unknown): boolean => !Number.isNaN(Date.parse(String(value)))
