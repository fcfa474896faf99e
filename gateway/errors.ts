import { GraphQLError } from 'graphql'
import { ERRORS } from './error-catalogue.ts'

/** Closed: a code that is not in the catalogue does not compile. */
export type ErrorCode = keyof typeof ERRORS

/** One of several faults that are reported together. Names what and where, never a secret or a person's value. */
export interface Fault {
  /** The setting, file or coordinate. */
  readonly name: string
  /** Where it was written: a file with its line, an environment variable, a flag. */
  readonly place: string
  readonly problem: string
  readonly remedy: string
}

export interface AssentErrorOptions {
  readonly path?: readonly (string | number)[]
  /** Kept for the log, never sent. */
  readonly cause?: unknown
  readonly faults?: readonly Fault[]
  /** Told behind the place, e.g. how much it was. */
  readonly detail?: string
  /** Further extensions that carry no value, e.g. the reason of a denial. */
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** The one error class. `place` names a header, setting, subgraph or coordinate; never a value. */
export class AssentError extends GraphQLError {
  readonly code: ErrorCode

  constructor(code: ErrorCode, place: string, options: AssentErrorOptions = {}) {
    const { status, sentence, remedy } = ERRORS[code]
    const where = options.detail === undefined ? place : `${place}: ${options.detail}`
    super(`${sentence.slice(0, -1)} (${where}).${faultLines(options.faults)}`, {
      path: options.path,
      extensions: { ...options.extensions, code, place, remedy, http: { status } },
    })
    this.name = 'AssentError'
    this.code = code
    if (options.cause !== undefined)
      Object.defineProperty(this, 'cause', { value: options.cause, enumerable: false })
  }
}

const faultLines = (faults: readonly Fault[] = []): string =>
  faults.map(({ name, place, problem, remedy }) => `\n  ${name} (${place}): ${problem} ${remedy}`).join('')
