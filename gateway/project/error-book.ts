import { AssentError, type ErrorCode } from '../errors.ts'
import type { FieldError } from '../execute/field-errors.ts'
import type { ResponsePath } from '../execute/targets.ts'
import type { Denial } from '../fence/denial.ts'
import type { ClientContract } from '../ports.ts'
import { askedPath, type AskedShape } from './asked-path.ts'
import { createFailures } from './failures.ts'

/** Errors of one answer: one an actual path, each said once. */
export interface ErrorBook {
  add(code: ErrorCode, path: ResponsePath): void
  /** A non-null field without a value and without a known reason. */
  nonNull(path: ResponsePath): void
  /** Something was withheld here; it is an error only for clients that want it so, or where null is not allowed. */
  withheld(path: ResponsePath, coordinate: string, denial: Denial, mayBeNull: boolean): void
  /** Whether a subgraph's failure explains the missing value here; says it. */
  said(path: ResponsePath): boolean
  /** The rest: failures of values nobody asked for by name, told where the answer still has a place for them. */
  finish(answer: () => unknown): AssentError[]
}

/** What a client's contract says of withheld values. */
type Telling = Pick<ClientContract, 'report' | 'disclose'>

export const createErrorBook = (
  reported: readonly FieldError[],
  shape: AskedShape,
  { report, disclose }: Telling,
): ErrorBook => {
  const failures = createFailures(reported)
  const errors: AssentError[] = []
  // A value that may not be null is looked at right after it was withheld: the last one is all there is to remember.
  let last: { readonly path: ResponsePath; readonly coordinate: string; readonly denial: Denial } | null =
    null
  const withheldError = (path: ResponsePath, coordinate: string, { reason, scopes }: Denial) =>
    new AssentError('WITHHELD', coordinate, {
      path,
      extensions: disclose === 'full' ? { reason, scopes } : {},
    })
  return {
    add: (code, path) =>
      void errors.push(
        new AssentError(code, path.filter((one) => typeof one === 'string').join('.'), { path }),
      ),
    nonNull: (path) => {
      if (last === null || keyOf(last.path) !== keyOf(path))
        errors.push(
          new AssentError('NON_NULL', path.filter((one) => typeof one === 'string').join('.'), { path }),
        )
      else if (report !== 'errors') errors.push(withheldError(path, last.coordinate, last.denial))
    },
    withheld: (path, coordinate, denial, mayBeNull) => {
      if (mayBeNull && report !== 'errors') return
      last = { path: [...path], coordinate, denial }
      if (report === 'errors') errors.push(withheldError(last.path, coordinate, denial))
    },
    said: (path) => {
      const found = failures.take(path)
      if (found.length === 0) return false
      const told = new Set<string>()
      for (const failure of found) {
        const asked = askedPath(failure.path, shape)
        if (!told.has(keyOf(asked))) errors.push(toError({ ...failure, path: asked }))
        told.add(keyOf(asked))
      }
      return true
    },
    finish: (answer) => {
      const rest = failures.rest()
      return rest.length === 0 ? errors : [...errors, ...placed(rest, answer())]
    },
  }
}

/** Failures of values nobody asked for by name, where the answer still has a place for them, each once. */
const placed = (failures: readonly FieldError[], data: unknown): AssentError[] => {
  const told = new Map<string, FieldError>()
  for (const failure of failures) {
    const path = shownPart(failure.path, data)
    told.set(`${failure.code} ${failure.place} ${keyOf(path)}`, { ...failure, path })
  }
  return [...told.values()].map(toError)
}

/** The longest part of a path that the answer really has. */
const shownPart = (path: ResponsePath, data: unknown): ResponsePath => {
  let value = data
  for (const [index, segment] of path.entries()) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment))
      return path.slice(0, index)
    value = (value as Record<string | number, unknown>)[segment]
  }
  return path
}

const keyOf = (path: ResponsePath): string => JSON.stringify(path)

const toError = ({ code, place, path, subgraphCode }: FieldError): AssentError =>
  new AssentError(code, place, {
    path,
    ...(subgraphCode === undefined ? {} : { extensions: { subgraphCode } }),
  })
