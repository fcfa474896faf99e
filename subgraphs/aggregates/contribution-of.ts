import type { Contribution } from './bound-contributions.ts'
import type { Cells } from './cells.ts'
import type { CohortEvent } from './cohort-events.ts'
import type { Metric, ValueTerms } from './metric.ts'
import type { ReadCondition } from './question.ts'

/**
 * What one event adds; null: it is not of the cohort, or its value is no number. Each event is looked at alone, so that what one
 * person did never changes what counts of another.
 */
export const contributionOf = (
  { source, eventId, data }: CohortEvent,
  { metric, cohort, cells }: ContributionTerms,
): Contribution | null => {
  if (!cohort.every(({ field, values }) => isAmong(data[field], values))) return null
  const steps = metric.value === null ? 0 : stepsOf(data[metric.value.field], metric.value)
  if (steps === null) return null
  return { event: `${source}\u001f${eventId}`, steps, cell: cells.cellOf(steps, data) }
}

export interface ContributionTerms {
  readonly metric: Metric
  readonly cohort: readonly ReadCondition[]
  readonly cells: Pick<Cells, 'cellOf'>
}

const isAmong = (value: unknown, values: ReadonlySet<string>): boolean =>
  typeof value === 'string' && values.has(value)

/** Rounded first and cut off then: a whole number within the bounds, whatever floating point made of it. */
const stepsOf = (value: unknown, { grid, lower, upper }: ValueTerms): number | null => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  return Math.min(upper, Math.max(lower, Math.round(value / grid)))
}
