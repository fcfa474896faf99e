import { CHECK_FAILURES, type CheckFailureCode } from './check-failure-catalogue.ts'

/** Why nothing could be compared, with the place that was named. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
  readonly code: CheckFailureCode
  readonly place: string

  constructor(code: CheckFailureCode, place: string, options: { readonly cause?: unknown } = {}) {
    const { sentence, remedy } = CHECK_FAILURES[code]
    super(`${sentence.slice(0, -1)} (${place}). ${remedy}`, options)
    this.code = code
    this.place = place
  }
}
