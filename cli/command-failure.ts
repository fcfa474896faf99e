import { COMMAND_FAILURES, type CommandFailureCode } from './command-failure-catalogue.ts'

/** Why a command did not do what it was asked, with the place that was named. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
  readonly code: CommandFailureCode

  constructor(code: CommandFailureCode, place: string, options: { readonly cause?: unknown } = {}) {
    const { sentence, remedy } = COMMAND_FAILURES[code]
    super(`${sentence.slice(0, -1)} (${place}). ${remedy}`, options)
    this.code = code
  }
}
