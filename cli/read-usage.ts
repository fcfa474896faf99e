import { readFileSync } from 'node:fs'
import { CheckFailure } from '../schema/check/check-failure.ts'
import type { RecordedDecision, RecordedOperation, Usage } from '../schema/check/impact.ts'
import { addDuration, readDuration } from '../subgraphs/events/contracts/iso-duration.ts'
import { readRecordedDecision } from './read-recorded-decision.ts'

export interface UsageFiles {
  readonly operations: readonly string[]
  readonly decisions: readonly string[]
  /** ISO 8601, `P30D`; empty for all. */
  readonly period: string
  /** Percent. */
  readonly threshold: number
  readonly now: number
}

/** What was recorded, or null where no file is named. Throws `CHECK_INPUT_UNREADABLE`. */
export const readUsage = ({ operations, decisions, period, threshold, now }: UsageFiles): Usage | null => {
  if (operations.length === 0 && decisions.length === 0) return null
  if (period !== '' && readDuration(period) === null)
    throw new CheckFailure('CHECK_INPUT_UNREADABLE', `--period ${period}`)
  const asked = operations.flatMap(linesOf).map(readOperation)
  const decided = decisions.flatMap(linesOf).map(readDecision)
  return {
    operations: asked.filter((one) => one !== null),
    decisions: decided.filter((one) => one !== null),
    unreadable: [...asked, ...decided].filter((one) => one === null).length,
    period,
    since: period === '' ? -Infinity : now - addDuration(0, period),
    threshold,
  }
}

const linesOf = (file: string): string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch (cause) {
    throw new CheckFailure('CHECK_INPUT_UNREADABLE', file, { cause })
  }
}

/** `{ client, document, operation?, requests?, at? }`; `query` or `body` stand for `document`, `count` for `requests`. */
const readOperation = (line: string): RecordedOperation | null => {
  const record = objectIn(line) ?? {}
  const client = record['client']
  const document = [record['document'], record['query'], record['body']].find(
    (one) => typeof one === 'string',
  )
  if (typeof client !== 'string' || document === undefined) return null
  const requests = Number(record['requests'] ?? record['count'] ?? 1)
  return {
    client,
    document,
    operation: nameOf(record, document),
    requests: Number.isFinite(requests) && requests > 0 ? requests : 1,
    at: timeOf(record['at']),
  }
}

const nameOf = (record: Readonly<Record<string, unknown>>, document: string): string => {
  const written = /\b(?:query|mutation|subscription)\s+(\w+)/.exec(document)?.[1]
  const names = [record['operation'], record['operationName'], written]
  return names.find((name) => typeof name === 'string') ?? '(unnamed)'
}

const readDecision = (line: string): RecordedDecision | null => {
  const decision = readRecordedDecision(line)
  const record = objectIn(line)
  if (decision === null || typeof record?.['purpose'] !== 'string') return null
  return { ...decision, purpose: record['purpose'], at: timeOf(record['at']) }
}

const objectIn = (line: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const timeOf = (written: unknown): number | null => {
  const at = typeof written === 'string' ? Date.parse(written) : NaN
  return Number.isNaN(at) ? null : at
}
