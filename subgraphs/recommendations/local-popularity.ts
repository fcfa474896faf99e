import { readFileSync } from 'node:fs'
import { codedError } from '../coded-error.ts'
import type { PrivacyOfModel } from './train/model.ts'

/** What is popular where, as it was released once with noise. Names nobody, and says what it gave away. */
export interface LocalPopularity {
  readonly format: 'assent-popularity/1'
  readonly privacy: Omit<PrivacyOfModel, 'choice'>
  /** By locale, as `localeChain` has it: all items, best first. */
  readonly orders: Readonly<Record<string, readonly string[]>>
}

/** The order of the first of these locales that is known. */
export function readLocalPopularity(file: string): (locales: readonly string[]) => readonly string[] {
  const { format, orders } = JSON.parse(readFileSync(file, 'utf8')) as LocalPopularity
  if (format !== 'assent-popularity/1') throw codedError('MODEL_UNREADABLE', file)
  const known = new Map(Object.entries(orders))
  return (locales) => known.get(locales.find((locale) => known.has(locale)) ?? '') ?? []
}
