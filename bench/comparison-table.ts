import type { Comparison, Series } from './compare-contenders.ts'
import type { Sample } from './measure.ts'

/** The comparison as Markdown, one table a query. */
export const comparisonTable = ({ at, node, rounds, seconds, series }: Comparison): string => {
  const queries = [...new Set(series.map(({ query }) => query))]
  const made = `${rounds} interleaved rounds of ${seconds} s, Node ${node}, ${at.slice(0, 10)}.`
  const tables = queries.map((query) => {
    const rows = series.filter((one) => one.query === query).map(rowOf)
    return `### ${query}\n\n${HEAD}${rows.join('\n')}\n`
  })
  return `${made}\n\n${tables.join('\n')}`
}

const COLUMNS = [
  'gateway',
  'at once',
  '× limit, median (range)',
  'CPU µs/request, best / median',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'RSS MiB',
  'calls/request',
  'kB sent',
]

const HEAD = `| ${COLUMNS.join(' | ')} |\n|${COLUMNS.map((_, at) => (at === 0 ? '---|' : '---:|')).join('')}\n`

const rowOf = ({ contender, concurrency, samples, ratios }: Series): string => {
  const cpu = samples.map(({ cpuMicros }) => cpuMicros)
  const middle = (read: (sample: Sample) => number): number => median(samples.map(read))
  const cells = [
    contender,
    concurrency,
    ratios.length === 0
      ? ''
      : `**${times(median(ratios))}** (${times(Math.min(...ratios))}–${times(Math.max(...ratios))})`,
    `${Math.round(Math.min(...cpu))} / ${Math.round(median(cpu))}`,
    Math.round(middle(({ perSecond }) => perSecond)),
    middle(({ p50Ms }) => p50Ms).toFixed(2),
    middle(({ p99Ms }) => p99Ms).toFixed(1),
    Math.round(middle(({ rssMiB }) => rssMiB)),
    Number(middle(({ calls }) => calls).toFixed(1)),
    middle(({ kBSent }) => kBSent).toFixed(1),
  ]
  return `| ${cells.join(' | ')} |`
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2
}

const times = (ratio: number): string => ratio.toFixed(2)
