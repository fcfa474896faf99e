import type { Comparison, Series } from './compare-contenders.ts'
import type { Sample } from './measure.ts'
import { median, middleHalf } from './median.ts'

/** The comparison as Markdown, one table a query. */
export const comparisonTable = ({ at, node, rounds, turns, seconds, series }: Comparison): string => {
  const workloads = [...new Set(series.map(({ workload }) => workload))]
  const first = series[0]?.contender ?? ''
  const inTurns = turns === 1 ? '' : ` in ${turns} turns`
  const made = `${rounds} interleaved rounds of ${seconds} s${inTurns}, Node ${node}, ${at.slice(0, 10)}.`
  const tables = workloads.map((workload) => {
    const rows = series.filter((one) => one.workload === workload).map(rowOf)
    return `### ${workload}\n\n${headOf(first)}${rows.join('\n')}\n`
  })
  return `${made}\n\n${tables.join('\n')}`
}

const columnsOf = (first: string): string[] => [
  'gateway',
  'at once',
  `× ${first}, median (middle half)`,
  'CPU µs/request, best / median',
  'requests/s',
  'p50 ms',
  'p99 ms',
  'RSS MiB',
  'calls/request',
  'kB sent',
]

const headOf = (first: string): string => {
  const columns = columnsOf(first)
  return `| ${columns.join(' | ')} |\n|${columns.map((_, at) => (at === 0 ? '---|' : '---:|')).join('')}\n`
}

const rowOf = ({ contender, concurrency, samples, ratios }: Series): string => {
  const cpu = samples.map(({ cpuMicros }) => cpuMicros)
  const middle = (read: (sample: Sample) => number): number => median(samples.map(read))
  const [low, high] = middleHalf(ratios)
  const cells = [
    contender,
    concurrency,
    ratios.length === 0 ? '' : `**${times(median(ratios))}** (${times(low)}–${times(high)})`,
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

const times = (ratio: number): string => ratio.toFixed(2)
