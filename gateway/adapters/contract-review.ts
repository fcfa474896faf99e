import { nearestName } from '../../directives/nearest-name.ts'
import type { Fault } from '../errors.ts'
import { SettingProblem, text } from '../parse-setting.ts'

/**
 * A new use of personal data is reviewed by three questions (GDPR Art. 5(2), 24 and 25): what data, what purpose, and how
 * can the person control it. A contract without the answers, or without somebody who answers for them, is no contract.
 */
export const REVIEW_KEYS = ['data', 'purpose', 'control'] as const
export type ReviewKey = (typeof REVIEW_KEYS)[number]

export const isQuestion = (name: string): name is ReviewKey => REVIEW_KEYS.some((known) => known === name)

const SHORTEST_ANSWER = 12

/** A sentence: a word alone has told nobody anything. */
export const answer = (written: unknown): string => {
  const told = text(written).trim()
  if (told.length < SHORTEST_ANSWER || !told.includes(' '))
    throw new SettingProblem('is no answer; a sentence is.')
  return told
}

/** ISO 3166, or a group of it that policy bundles know (`EU`). */
export const regions = (written: unknown): readonly string[] => {
  if (!Array.isArray(written)) throw new SettingProblem('is not a list of regions.')
  return written.map((one) => {
    if (!/^[A-Z]{2,4}(-[A-Z0-9]{1,3})?$/.test(text(one)))
      throw new SettingProblem('is not a list of regions.')
    return text(one)
  })
}

interface Reviewed {
  readonly owner?: string
  readonly regions?: readonly string[]
  readonly region: string | undefined
}

/** What is not answered, at the line of the part it is missing from. */
export const reviewFaults = (
  draft: Reviewed,
  places: ReadonlyMap<string, string>,
  file: string,
): readonly Fault[] => {
  const faults: Fault[] = []
  if (!places.has('owner')) faults.push(missing('owner', file, 'Name the team that answers for this client.'))
  for (const key of REVIEW_KEYS)
    if (!places.has(`review.${key}`))
      faults.push(missing(`review.${key}`, nearest(places, file), ANSWERS[key]))
  const { region, regions: listed } = draft
  if (region !== undefined && listed !== undefined && !listed.includes(region))
    faults.push(notAmong('context.region', places.get('context.region') ?? file, 'regions'))
  return faults
}

export const notAmong = (name: string, place: string, list: string): Fault => ({
  name,
  place,
  problem: `is not among \`${list}\`.`,
  remedy: 'Name one of them, or add it there.',
})

export const unknownTerms = (
  key: string,
  names: readonly string[] | undefined,
  terms: ReadonlyMap<string, unknown>,
  place: string,
): Fault[] =>
  (names ?? [])
    .filter((name) => !terms.has(name))
    .map((name) => {
      const meant = nearestName(name, terms.keys())
      const remedy = meant === undefined ? 'See docs/vocabulary.md.' : `Did you mean \`${meant}\`?`
      return { name: `${key}: ${name}`, place, problem: 'is not in the vocabulary.', remedy }
    })

const ANSWERS: Readonly<Record<ReviewKey, string>> = {
  data: 'Say what data about people this client reads.',
  purpose: 'Say what it is read for.',
  control: 'Say how the person can see, refuse and end it.',
}

const nearest = (places: ReadonlyMap<string, string>, file: string): string =>
  REVIEW_KEYS.map((key) => places.get(`review.${key}`)).find((place) => place !== undefined) ??
  places.get('client') ??
  file

const missing = (name: string, place: string, remedy: string): Fault => ({
  name,
  place,
  problem: 'is missing.',
  remedy,
})
