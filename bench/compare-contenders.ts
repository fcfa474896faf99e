import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender } from './contender.ts'
import { type Bench, measure, type Sample } from './measure.ts'
import { shopSupergraph } from './shop/shop-schemas.ts'
import { type RunningProgram, sourceProgram, startProgram } from './start-program.ts'

/** One thing that is asked, over and over. */
export interface Workload {
  readonly name: string
  readonly query: string
  /** The oracle's answer. */
  readonly expected: unknown
}

export interface CompareOptions {
  /** All others are divided by the first. */
  readonly contenders: readonly Contender[]
  readonly workloads: readonly Workload[]
  readonly rounds: number
  readonly seconds: number
  readonly warm: number
  readonly directory: string
  readonly progress: (line: string) => void
}

/** All samples of one contender with one query at one concurrency, in the order of the rounds. */
export interface Series {
  readonly contender: string
  readonly workload: string
  readonly concurrency: number
  readonly samples: Sample[]
  /** Its CPU a request over that of the first contender in the same round. */
  readonly ratios: number[]
}

export interface Comparison {
  readonly at: string
  readonly node: string
  readonly rounds: number
  readonly seconds: number
  readonly series: readonly Series[]
}

const CONCURRENCIES = [50, 1] as const

/** A process that has just started is not yet compiled by its engine: it gets so many requests before the first measurement. */
const FIRST_ANSWERS = 2000

/** Everybody in turn, round after round: whatever else the machine does, it does to all of them. */
export const compareContenders = async (options: CompareOptions): Promise<Comparison> => {
  const series = await withContenders(options, (bench, running) => runRounds(bench, running, options))
  const { rounds, seconds } = options
  return { at: new Date().toISOString(), node: process.version, rounds, seconds, series }
}

export interface Running {
  readonly contender: Contender
  readonly program: RunningProgram
}

/** Starts the stand-in, the load and the contenders, and stops them all whatever happens. */
export const withContenders = async <Result>(
  { contenders, directory, progress }: Pick<CompareOptions, 'contenders' | 'directory' | 'progress'>,
  use: (bench: Bench, running: readonly Running[]) => Promise<Result>,
): Promise<Result> => {
  const standIn = await startProgram({ args: sourceProgram('stand-in'), core: 1, ipc: true })
  const load = await startProgram({ args: sourceProgram('load'), core: 1, ipc: true, listens: false })
  const supergraphFile = join(directory, 'supergraph.graphql')
  // Once: some of them watch it.
  writeFileSync(supergraphFile, shopSupergraph(standIn.url))
  const place = { standIn: standIn.url, supergraphFile, directory }
  const running: Running[] = []
  try {
    for (const contender of contenders) {
      progress(`starting ${contender.name}`)
      running.push({ contender, program: await contender.start(place) })
    }
    return await use({ standIn, load }, running)
  } finally {
    await Promise.all([...running.map(({ program }) => program), load, standIn].map((one) => one.stop()))
  }
}

const runRounds = async (
  bench: Bench,
  running: readonly Running[],
  options: CompareOptions,
): Promise<Series[]> => {
  const series = new Map<string, Series>()
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const workload of options.workloads) {
      const samples = await runWorkload(bench, running, { ...options, workload, round })
      addRatios(series, samples)
    }
  }
  return [...series.values()]
}

interface Measured {
  readonly contender: string
  readonly workload: string
  readonly concurrency: number
  readonly sample: Sample
}

interface Turn extends CompareOptions {
  readonly workload: Workload
  readonly round: number
}

const runWorkload = async (bench: Bench, running: readonly Running[], turn: Turn): Promise<Measured[]> => {
  const { workload, seconds, warm, round, rounds, progress } = turn
  const measured: Measured[] = []
  for (const { contender, program } of running) {
    for (const concurrency of CONCURRENCIES) {
      const job = {
        url: `${program.url}${contender.path}`,
        pid: program.pid,
        body: JSON.stringify({ query: workload.query }),
        headers: {},
        concurrency,
        // The second time it is warm already; only the new connections have to be made.
        warmSeconds: concurrency === CONCURRENCIES[0] ? warm : Math.min(warm, 1),
        warmRequests: concurrency === CONCURRENCIES[0] && round === 1 ? FIRST_ANSWERS : 0,
        seconds,
      }
      const { expected = workload.expected } = contender
      const tell = (said: string): void =>
        progress(`round ${round}/${rounds}  ${workload.name}  c${concurrency}  ${contender.name}: ${said}`)
      const leftOut = (problem: unknown): undefined => {
        if (!contender.isPeer) throw problem
        tell(`left out, ${String(problem)}`)
      }
      const measuring = measure(bench, job, expected).catch(leftOut)
      const sample = await Promise.race([measuring, program.died])
      if (sample === undefined) continue
      tell(inShort(sample))
      measured.push({ contender: contender.name, workload: workload.name, concurrency, sample })
    }
  }
  return measured
}

const inShort = ({ cpuMicros, perSecond, calls }: Sample): string =>
  `${Math.round(cpuMicros)} µs CPU, ${Math.round(perSecond)}/s, ${calls.toFixed(1)} calls`

const addRatios = (series: Map<string, Series>, measured: readonly Measured[]): void => {
  for (const { contender, workload, concurrency, sample } of measured) {
    const key = `${contender} ${workload} ${concurrency}`
    const one = series.get(key) ?? { contender, workload, concurrency, samples: [], ratios: [] }
    series.set(key, one)
    one.samples.push(sample)
    const first = measured.find((other) => other.concurrency === concurrency)
    if (first !== undefined) one.ratios.push(sample.cpuMicros / first.sample.cpuMicros)
  }
}
