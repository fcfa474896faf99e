import { AssentError, type ErrorCode } from '../errors.ts'
import type { FieldError } from '../execute/field-errors.ts'
import type { ResponsePath } from '../execute/targets.ts'
import { clientKey } from '../plan/response-keys.ts'

/** Errors of one answer: one an actual path, each said once. */
export interface ErrorBook {
  add(code: ErrorCode, path: ResponsePath): void
  /** A non-null field without a value and without a known reason. */
  nonNull(path: ResponsePath): void
  /** Something was withheld here; it is an error only for clients that want it so, or where null is not allowed. */
  withheld(path: ResponsePath, coordinate: string): void
  /** Whether a subgraph's failure explains the missing value here; says it. */
  said(path: ResponsePath): boolean
  /** The rest: failures of values nobody asked for by name, told where the answer still has a place for them. */
  finish(data: unknown): AssentError[]
}

export const createErrorBook = (failures: readonly FieldError[], reportWithheld: boolean): ErrorBook => {
  // One error a path: a subgraph may report thousands of them.
  const waiting = new Map<string, FieldError>()
  for (const failure of failures) {
    const key = keyOf(failure.path.map(toClient))
    if (!waiting.has(key)) waiting.set(key, failure)
  }
  const errors: AssentError[] = []
  const withheld = new Map<string, string>()
  return {
    add: (code, path) =>
      void errors.push(
        new AssentError(code, path.filter((one) => typeof one === 'string').join('.'), { path }),
      ),
    nonNull: (path) => {
      const coordinate = withheld.get(keyOf(path))
      if (coordinate === undefined)
        errors.push(
          new AssentError('NON_NULL', path.filter((one) => typeof one === 'string').join('.'), { path }),
        )
      else if (!reportWithheld) errors.push(new AssentError('WITHHELD', coordinate, { path }))
    },
    withheld: (path, coordinate) => {
      withheld.set(keyOf(path), coordinate)
      if (reportWithheld) errors.push(new AssentError('WITHHELD', coordinate, { path }))
    },
    said: (path) => {
      if (waiting.size === 0) return false
      const found = waiting.get(keyOf(path))
      if (found === undefined) return false
      errors.push(toError(found))
      waiting.delete(keyOf(path))
      return true
    },
    finish: (data) => {
      const rest = [...waiting.values()]
      const placed = rest.map((failure) => ({
        ...failure,
        path: shownPart(failure.path.map(toClient), data),
      }))
      const told = new Map(
        placed.map((failure) => [`${failure.code} ${failure.place} ${keyOf(failure.path)}`, failure]),
      )
      return [...errors, ...[...told.values()].map(toError)]
    },
  }
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

const toClient = (segment: string | number): string | number =>
  typeof segment === 'string' ? clientKey(segment) : segment

const keyOf = (path: ResponsePath): string => JSON.stringify(path)

const toError = ({ code, place, path, subgraphCode }: FieldError): AssentError =>
  new AssentError(code, place, {
    path: path.map(toClient),
    ...(subgraphCode === undefined ? {} : { extensions: { subgraphCode } }),
  })
