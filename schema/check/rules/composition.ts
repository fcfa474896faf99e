import type { Violation } from '../../violation.ts'
import type { Check } from '../check-context.ts'
import { shownFile } from '../contracts.ts'
import type { Side } from '../side.ts'
import type { Told } from '../tell.ts'

/**
 * What does not compose can be served by nobody; a base that does not compose can be compared with nothing. Of the base
 * only errors are told: its warnings are no change.
 */
export const composition: Check = ({ base, head }) => {
  const before = new Set(base.violations.map(keyOf))
  const fresh = head.violations.filter((one) => one.severity === 'error' || !before.has(keyOf(one)))
  const faults = fresh.map((one) => toldOf(one, head, 'head'))
  if (base === head || base.violations === head.violations) return faults
  const earlier = base.violations.filter(({ severity }) => severity === 'error')
  return [...faults, ...earlier.map((one) => toldOf(one, base, 'base'))]
}

const keyOf = ({ code, coordinate, subgraph }: Violation): string =>
  JSON.stringify([code, coordinate, subgraph])

const toldOf = (violation: Violation, side: Side, of: 'base' | 'head'): Told => {
  const { code, severity, subgraph, coordinate, message, remedy } = violation
  const place = placeOf(violation, side)
  return {
    code,
    as: 'NOT_COMPOSED',
    level: severity,
    coordinate: coordinate ?? (subgraph === null ? '' : `subgraph ${subgraph}`),
    ...(place === undefined ? {} : { source: place }),
    message: of === 'base' ? `The base does not compose: ${message}` : message,
    remedy: of === 'base' ? `Compare with a base that composes, or mend it first. ${remedy}` : remedy,
  }
}

/** The line is the violation’s where it knows one; else where the coordinate is written. */
const placeOf = ({ subgraph, coordinate, line, column }: Violation, side: Side): Told['source'] => {
  const { subgraphs, supergraph } = side.contracts
  const source = [...subgraphs.filter(({ name }) => name === subgraph), supergraph][0] ?? null
  const here = declaredAt(side, coordinate ?? '', subgraph)
  if (source === null || (line === null && here !== undefined)) return here
  const found = here !== undefined && here.line === line ? here.column : 1
  return { file: shownFile(side.contracts, source.file), line: line ?? 1, column: column ?? found }
}

const declaredAt = ({ declared }: Side, coordinate: string, subgraph: string | null): Told['source'] => {
  const places = declared.get(coordinate) ?? []
  return [...places.filter((one) => one.subgraph === subgraph), ...places][0]?.place
}
