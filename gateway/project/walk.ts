import type { DataObject } from '../execute/targets.ts'
import type { Denial } from '../fence/denial.ts'
import type { Ledger } from '../fence/ledger.ts'
import type { ErrorBook } from './error-book.ts'
import type { WithheldReport } from './withheld.ts'

/** What one request brings to the writing of its answer. */
export interface Projection {
  readonly ledger: Ledger
  readonly withheld: WithheldReport
  readonly errors: ErrorBook
  /** Why this caller can never get a coordinate; null when that depends on the person. */
  readonly callerDenial: (coordinate: string) => Denial | null
  /** Answers of root fields about the schema, by response key. */
  readonly meta: DataObject
}

/** Where the walk stands: one object for the whole walk, because there is a step a field. What keeps a path copies it. */
export interface Walk extends Projection {
  readonly path: (string | number)[]
  /** What was decided about the nearest enclosing object that belongs to a person. */
  decisions: ReturnType<Ledger['decisionsOn']>
}

/** Writes a value as JSON. Null: its error has been said, and it becomes null at the nearest place that may be null. */
export type ValueWriter = (value: unknown, walk: Walk) => string | null
