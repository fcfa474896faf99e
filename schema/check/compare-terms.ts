import { compareDurations, readDuration } from '../../subgraphs/events/contracts/iso-duration.ts'
import type { FindingCode } from './finding-catalogue.ts'

/** On what terms something is kept, wherever that is written. */
export interface Terms {
  readonly owner: string
  readonly purpose: readonly string[]
  readonly consumers: readonly string[]
  readonly retention: string | null
  readonly disposition: string | null
  readonly freshness: string | null
  readonly classification: string | null
}

export interface TermChange {
  readonly code: FindingCode
  readonly before: string
  readonly after: string
}

/** Every change of terms with its direction. What is gone altogether is a missing element, and told as such. */
export const termChanges = (before: Terms, after: Terms): TermChange[] => [
  ...listChanges(before.purpose, after.purpose, ['PURPOSE_ADDED', 'PURPOSE_REMOVED']),
  ...listChanges(before.consumers, after.consumers, ['CONSUMER_ADDED', 'CONSUMER_REMOVED']),
  ...changeOf(before.retention, after.retention, retentionCode),
  ...changeOf(before.disposition, after.disposition, dispositionCode),
  ...changeOf(before.freshness, after.freshness, freshnessCode),
  ...changeOf(before.classification, after.classification, classificationCode),
  ...changeOf(before.owner, after.owner, (_, owner) => (owner === '' ? null : 'OWNER_CHANGED')),
]

const listChanges = (
  before: readonly string[],
  after: readonly string[],
  [added, removed]: readonly [FindingCode, FindingCode],
): TermChange[] => {
  const [come, gone] = [
    after.filter((one) => !before.includes(one)),
    before.filter((one) => !after.includes(one)),
  ]
  const told = { before: before.join(', '), after: after.join(', ') }
  if (come.length > 0) return [{ code: added, ...told }]
  return gone.length > 0 && after.length > 0 ? [{ code: removed, ...told }] : []
}

const changeOf = (
  before: string | null,
  after: string | null,
  codeOf: (before: string | null, after: string | null) => FindingCode | null,
): TermChange[] => {
  const code = before === after ? null : codeOf(before, after)
  return code === null ? [] : [{ code, before: before ?? '', after: after ?? '' }]
}

/** Elements of terms that are there and are no duration. */
export const invalidDurations = (terms: Pick<Terms, 'freshness' | 'retention'>): DurationElement[] =>
  (['freshness', 'retention'] as const).filter(
    (element) => terms[element] !== null && readDuration(terms[element]) === null,
  )

export type DurationElement = 'freshness' | 'retention'

/** Without an end it is kept for ever. One that cannot be read is told as that: nobody knows how long it is. */
const retentionCode = (before: string | null, after: string | null): FindingCode | null => {
  const [from, until] = [readDuration(before), readDuration(after)]
  if (after !== null && until === null) return null
  if (until === null) return 'RETENTION_LENGTHENED'
  if (from === null || before === null || after === null) return 'RETENTION_SHORTENED'
  const order = compareDurations(before, after)
  return order === 0 ? null : order < 0 ? 'RETENTION_LENGTHENED' : 'RETENTION_SHORTENED'
}

/** From what leaves nothing to what leaves all; a word that is not known could leave anything. */
const DISPOSITIONS: readonly (readonly string[])[] = [
  ['purge', 'delete', 'erase', 'destroy'],
  ['anonymise', 'anonymize', 'aggregate'],
  ['pseudonymise', 'pseudonymize'],
  ['archive', 'restrict'],
  ['retain', 'keep'],
]

const dispositionCode = (before: string | null, after: string | null): FindingCode | null => {
  const rank = (word: string | null): number =>
    DISPOSITIONS.findIndex((words) => words.includes(word?.toLowerCase() ?? ''))
  const [from, to] = [rank(before), rank(after)]
  if (from === to && from >= 0) return null
  if (to < 0) return 'DISPOSITION_LOOSENED'
  return from < 0 || to < from ? 'DISPOSITION_TIGHTENED' : 'DISPOSITION_LOOSENED'
}

const freshnessCode = (before: string | null, after: string | null): FindingCode | null => {
  if (before === null || readDuration(before) === null || readDuration(after) === null) return null
  return compareDurations(before, after ?? '') < 0 ? 'FRESHNESS_LOOSENED' : null
}

/** From what says least of a person to what says most. */
const CLASSIFICATIONS: readonly (readonly string[])[] = [
  ['public', 'reference', 'none', 'anonymous'],
  ['internal', 'technical'],
  ['pseudonymous', 'pseudonymised'],
  [
    'behaviour',
    'behavioural',
    'behavioral',
    'transaction',
    'preference',
    'relationship',
    'inferred',
    'derived',
  ],
  ['confidential', 'personal', 'pii', 'provided', 'declared'],
  ['contact', 'identifier', 'restricted'],
  ['special', 'sensitive', 'health'],
]

const rankOf = (classification: string): number =>
  CLASSIFICATIONS.findIndex((words) => words.includes(classification.toLowerCase()))

/** Classified as what is about nobody. */
export const saysNobody = (classification: string): boolean => [0, 1].includes(rankOf(classification))

/** Classified as what names a person or says what is told to few; a word that is not known says nothing. */
export const saysPersonal = (classification: string): boolean => rankOf(classification) >= 4

const INFERRED = /infer|deriv|predict|observed/i

const classificationCode = (before: string | null, after: string | null): FindingCode | null => {
  // What was not classified before is now; that none is given any more leaves it unsaid.
  if (before === null) return null
  if (after === null) return 'CLASSIFICATION_LOWERED'
  if (INFERRED.test(before) !== INFERRED.test(after)) return 'ORIGIN_CHANGED'
  const [from, to] = [rankOf(before), rankOf(after)]
  return from >= 0 && to >= 0 && to < from ? 'CLASSIFICATION_LOWERED' : 'CLASSIFICATION_CHANGED'
}
