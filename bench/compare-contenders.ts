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
  /** Each in turn, so often in a round: what the machine does besides changes within seconds, and a ratio is of neighbours. */
  readonly turns: number
  /** Measured of each contender in a round, over all its turns. */
  readonly seconds: number
  readonly warm: number
  readonly directory: string
  readonly progress: (line: string) => void
}

/** All samples of one contender with one query at one concurrency, in the order of the turns. */
export interface Series {
  readonly contender: string
  readonly workload: string
  readonly concurrency: number
  readonly samples: Sample[]
  /** Its CPU a request over that of the first contender in the same turn. */
  readonly ratios: number[]
}

export interface Comparison {
  readonly at: string
  readonly node: string
  readonly rounds: number
  readonly turns: number
  readonly seconds: number
  readonly series: readonly Series[]
}

const CONCURRENCIES = [50, 1] as const

/** A process that has just started is not yet compiled by its engine: it gets so many requests before the first measurement. */
const FIRST_ANSWERS = 6000

/** Everybody in turn, round after round: whatever else the machine does, it does to all of them. */
export const compareContenders = async (options: CompareOptions): Promise<Comparison> => {
  const series = await withContenders(options, (bench, running) => runRounds(bench, running, options))
  const { rounds, turns, seconds } = options
  return { at: new Date().toISOString(), node: process.version, rounds, turns, seconds, series }
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
      addRatios(series, samples, options.contenders[0]?.name ?? '')
    }
  }
  return [...series.values()]
}

interface Measured {
  readonly contender: string
  readonly workload: string
  readonly concurrency: number
  readonly turn: number
  readonly sample: Sample
}

interface Round extends CompareOptions {
  readonly workload: Workload
  readonly round: number
}

const runWorkload = async (bench: Bench, running: readonly Running[], round: Round): Promise<Measured[]> => {
  const measured: Measured[] = []
  for (const { one, ...at } of turnsOf(running, round)) {
    const sample = await runTurn(bench, one, at)
    const { concurrency, turn } = at
    const [contender, workload] = [one.contender.name, round.workload.name]
    if (sample !== undefined) measured.push({ contender, workload, concurrency, turn, sample })
  }
  return measured
}

function* turnsOf(running: readonly Running[], round: Round): Generator<Turn & { readonly one: Running }> {
  for (const concurrency of CONCURRENCIES)
    for (let turn = 0; turn < round.turns; turn += 1)
      // Nobody always comes after the same one.
      for (const one of turn % 2 === 0 ? running : running.toReversed())
        yield { ...round, concurrency, turn, one }
}

interface Turn extends Round {
  readonly concurrency: number
  readonly turn: number
}

/** Undefined of a peer that does not answer as it should. */
const runTurn = async (bench: Bench, running: Running, at: Turn): Promise<Sample | undefined> => {
  const { contender, program } = running
  const { workload, concurrency, round, rounds, turn, turns, seconds, progress } = at
  const tell = (said: string): void => {
    const when = `round ${round}/${rounds}${turns === 1 ? '' : ` turn ${turn + 1}/${turns}`}`
    progress(`${when}  ${workload.name}  c${concurrency}  ${contender.name}: ${said}`)
  }
  const job = {
    url: `${program.url}${contender.path}`,
    pid: program.pid,
    body: JSON.stringify({ query: workload.query }),
    headers: {},
    concurrency,
    ...warmingOf(at),
    seconds: seconds / turns,
  }
  const measuring = measure(bench, job, contender.expected ?? workload.expected).catch((problem: unknown) => {
    if (!contender.isPeer) throw problem
    tell(`left out, ${String(problem)}`)
  })
  const sample = await Promise.race([measuring, program.died])
  if (sample === undefined) return undefined
  tell(inShort(sample))
  return sample
}

/** The second time it is warm already; only the new connections have to be made, and its memory found again. */
const warmingOf = ({
  concurrency,
  round,
  turn,
  warm,
}: Turn): { readonly warmSeconds: number; readonly warmRequests: number } => {
  const isFirst = concurrency === CONCURRENCIES[0] && turn === 0
  const warmSeconds = isFirst ? warm : Math.min(warm, turn === 0 ? 1 : SHORTLY)
  return { warmSeconds, warmRequests: isFirst && round === 1 ? FIRST_ANSWERS : 0 }
}

const SHORTLY = 0.3

const inShort = ({ cpuMicros, perSecond, calls }: Sample): string =>
  `${Math.round(cpuMicros)} µs CPU, ${Math.round(perSecond)}/s, ${calls.toFixed(1)} calls`

const addRatios = (series: Map<string, Series>, measured: readonly Measured[], base: string): void => {
  for (const { contender, workload, concurrency, turn, sample } of measured) {
    const key = `${contender} ${workload} ${concurrency}`
    const one = series.get(key) ?? { contender, workload, concurrency, samples: [], ratios: [] }
    series.set(key, one)
    one.samples.push(sample)
    const first = measured.find(
      (other) => other.contender === base && other.concurrency === concurrency && other.turn === turn,
    )
    if (first !== undefined) one.ratios.push(sample.cpuMicros / first.sample.cpuMicros)
  }
}
