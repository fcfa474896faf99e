import type { Violation } from '../../violation.ts'
import type { Check } from '../check.ts'
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
  const { code, severity, subgraph, coordinate, line, message, remedy } = violation
  const source = side.contracts.subgraphs.find(({ name }) => name === subgraph)
  const written = source?.file ?? side.contracts.supergraph?.file
  const file = written === undefined ? undefined : shownFile(side.contracts, written)
  const declared = side.declared.get(coordinate ?? '')
  const here = declared?.find((one) => one.subgraph === subgraph) ?? declared?.[0]
  const column = here?.place.line === line ? here.place.column : 1
  const place = file !== undefined && line !== null ? { file, line, column } : (here?.place ?? placeIn(file))
  return {
    code,
    kind: 'composition',
    level: severity,
    coordinate: coordinate ?? (subgraph === null ? '' : `subgraph ${subgraph}`),
    ...(place === undefined ? {} : { source: place }),
    message: of === 'base' ? `The base does not compose: ${message}` : message,
    remedy: of === 'base' ? `Compare with a base that composes, or mend it first. ${remedy}` : remedy,
  }
}

const placeIn = (file: string | undefined): Told['source'] =>
  file === undefined ? undefined : { file, line: 1, column: 1 }
