import { type Asked, askCohort, type AskPorts } from '../../../subgraphs/aggregates/ask-cohort.ts'
import { NO_CELLS } from '../../../subgraphs/aggregates/cells.ts'
import type { Metric } from '../../../subgraphs/aggregates/metric.ts'
import { readQuestion, type ReadQuestion } from '../../../subgraphs/aggregates/question.ts'
import type { Part } from '../../../subgraphs/aggregates/release/part.ts'
import type { Kind, Noisy } from '../../../subgraphs/aggregates/release/release.ts'
import { aggregatesOf, NOON } from './cohort-desk.ts'

/** The metric of these tests, as it is declared. */
export const sessions = (text?: string): Metric => {
  const metric = aggregatesOf(text).metrics.get('sessions')
  if (metric === undefined) throw new Error('there is no such metric')
  return metric
}

export const questionOf = (epsilon: number, text?: string): ReadQuestion =>
  readQuestion(
    { metric: 'sessions', cohort: [], from: '2026-05-01T00:00:00Z', to: '2026-06-01T00:00:00Z', epsilon },
    aggregatesOf(text),
    { purpose: 'analytics', now: NOON },
  )

/** What is kept of a release: every noisy number, before anything is made of it. */
export const releasedNumbers = async (
  question: ReadQuestion,
  kind: Kind<unknown>,
  ports: AskPorts,
  cells: Asked<unknown>['cells'] = NO_CELLS,
): Promise<readonly number[]> => {
  const whole: Kind<readonly number[]> = {
    parts: kind.parts,
    shown: (noisy: readonly Noisy[]) => noisy.flatMap(({ values }) => [...values]),
  }
  return (await askCohort(question, { name: 'whole', cells, kind: whole }, ports)).shown
}

/** A mistake in what one person changes. */
export const withParts = (kind: Kind<unknown>, change: (part: Part) => Partial<Part>): Kind<unknown> => ({
  ...kind,
  parts: kind.parts.map((part) => ({ ...part, ...change(part) })),
})
