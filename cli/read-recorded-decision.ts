import type { RecordedDecision } from '../subgraphs/consent/policy/replay-decisions.ts'

/** A line of a decision log; null when it is not one: cut off, or of something else. */
export const readRecordedDecision = (line: string): RecordedDecision | null => {
  try {
    const record: unknown = JSON.parse(line)
    return isRecorded(record) ? record : null
  } catch {
    return null
  }
}

const isRecorded = (record: unknown): record is RecordedDecision => {
  if (!isObject(record)) return false
  const { client, granted, denied, scopes, people } = record
  return (
    typeof client === 'string' &&
    isObject(granted) &&
    Object.values(granted).every(isTexts) &&
    isObject(denied) &&
    isTexts(Object.values(denied)) &&
    isTexts(scopes) &&
    Array.isArray(people) &&
    people.every(isPerson) &&
    [record['policy'], record['region'], record['brand']].every(
      (word) => word == null || typeof word === 'string',
    )
  )
}

const isPerson = (person: unknown): boolean =>
  Array.isArray(person) &&
  typeof person[0] === 'string' &&
  (person[1] === null || typeof person[1] === 'string') &&
  isTexts(person.slice(2))

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
