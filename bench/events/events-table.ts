import type { EventLoadResult } from '../programs/event-load.ts'

export interface Measured extends EventLoadResult {
  readonly name: string
}

export const eventsTable = (rows: readonly Measured[]): string =>
  [HEAD.join(' | '), HEAD.map((_, at) => (at === 0 ? '---' : '---:')).join(' | '), ...rows.map(rowOf)]
    .map((row) => `| ${row} |`)
    .join('\n')

const HEAD = [
  'load',
  'events a second',
  'stored',
  'duplicate',
  'quarantined',
  'turned away (429)',
  'CPU µs an event',
  'p50 ms',
  'p99 ms',
  'RSS MiB, least to most',
]

const rowOf = (row: Measured): string => {
  const { name, sent, stored, duplicate, quarantined, turnedAway, seconds, cpuMs, p50Ms, p99Ms, rssMiB } = row
  const cells = [
    name,
    Math.round(sent / seconds),
    stored,
    duplicate,
    quarantined,
    turnedAway,
    Math.round((cpuMs * 1_000) / sent),
    Math.round(p50Ms),
    Math.round(p99Ms),
    `${Math.round(Math.min(...rssMiB))} to ${Math.round(Math.max(...rssMiB))}`,
  ]
  return cells.join(' | ')
}
