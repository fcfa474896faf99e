import { type CompareOptions, withContenders } from './compare-contenders.ts'
import { measure } from './measure.ts'
import { median } from './median.ts'

export interface MemoryOptions extends CompareOptions {
  readonly requests: number
  /** It ends then, however many requests were answered. */
  readonly minutes: number
}

/** Seconds of load between two looks at the memory. */
const SLICE = 10

/** The first tenth is warm-up: code is compiled and the heap finds its size. */
const WARM_UP = 0.1

/** RSS of the first contender over many requests, as a Markdown table; after warm-up it stays within ±10 %. */
export const measureMemory = async (options: MemoryOptions): Promise<string> => {
  const [workload] = options.workloads
  if (workload === undefined) throw new Error('nothing is asked')
  const looks: Look[] = []
  await withContenders(options, async (bench, [running]) => {
    if (running === undefined) throw new Error('nothing runs')
    const { contender, program } = running
    const endsAt = performance.now() + options.minutes * 60_000
    for (let answered = 0; answered < options.requests && performance.now() < endsAt;) {
      const job = {
        url: `${program.url}${contender.path}`,
        pid: program.pid,
        body: JSON.stringify({ query: workload.query }),
        headers: {},
        concurrency: 50,
        warmSeconds: 0,
        warmRequests: 0,
        seconds: SLICE,
      }
      const { perSecond, rssMiB } = await measure(bench, job, workload.expected)
      answered += Math.round(perSecond * SLICE)
      looks.push({ answered, rssMiB })
      options.progress(`${answered} answered, RSS ${Math.round(rssMiB)} MiB`)
    }
  })
  return memoryTable(looks)
}

interface Look {
  readonly answered: number
  readonly rssMiB: number
}

/** A look falls anywhere between two collections of garbage, so it is the middle one of a few that tells the size. */
const LOOKS = 5

const memoryTable = (looks: readonly Look[]): string => {
  const all = looks.at(-1)?.answered ?? 0
  const rows = Array.from({ length: 10 }, (_, tenth) => {
    const part = looks.filter(
      ({ answered }) => answered > (all * tenth) / 10 && answered <= (all * (tenth + 1)) / 10,
    )
    const last = part.at(-1)
    return last === undefined ? [] : [`| ${last.answered} | ${Math.round(median(sizesOf(part)))} |`]
  }).flat()
  const warm = sizesOf(looks.filter(({ answered }) => answered > all * WARM_UP))
  const middles = Array.from({ length: Math.floor(warm.length / LOOKS) }, (_, at) =>
    median(warm.slice(at * LOOKS, (at + 1) * LOOKS)),
  )
  return `| requests | RSS MiB, median |\n|---:|---:|\n${rows.join('\n')}

After warm-up ${spreadOf(middles)} by the median of ${LOOKS} looks; single looks, which fall anywhere between two collections, ${spreadOf(warm)}.
`
}

const sizesOf = (looks: readonly Look[]): number[] => looks.map(({ rssMiB }) => rssMiB)

const spreadOf = (sizes: readonly number[]): string => {
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
  const middle = (least + most) / 2
  return `${Math.round(least)} to ${Math.round(most)} MiB (±${((100 * (most - middle)) / middle).toFixed(1)} %)`
}
