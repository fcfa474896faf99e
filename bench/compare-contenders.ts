import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender } from './contender.ts'
import { type Bench, measure, type Sample } from './measure.ts'
import { answerWhole } from './shop/shop-oracle.ts'
import { SHOP_QUERIES, type ShopQuery } from './shop/shop-queries.ts'
import { shopSupergraph } from './shop/shop-schemas.ts'
import { type RunningProgram, sourceProgram, startProgram } from './start-program.ts'

export interface CompareOptions {
  readonly contenders: readonly Contender[]
  readonly queries: readonly ShopQuery[]
  readonly rounds: number
  readonly seconds: number
  readonly warm: number
  readonly directory: string
  readonly progress: (line: string) => void
}

/** All samples of one contender with one query at one concurrency, in the order of the rounds. */
export interface Series {
  readonly contender: string
  readonly query: ShopQuery
  readonly concurrency: number
  readonly samples: Sample[]
  /** Its CPU a request over the limit's of the same round. */
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
const FIRST_ANSWERS = 5000

/** Everybody in turn, round after round: whatever else the machine does, it does to all of them. */
export const compareContenders = async (options: CompareOptions): Promise<Comparison> => {
  const standIn = await startProgram({ args: sourceProgram('stand-in'), core: 1, ipc: true })
  const load = await startProgram({ args: sourceProgram('load'), core: 1, ipc: true, listens: false })
  const bench = { standIn, load }
  const running: Running[] = []
  try {
    for (const contender of options.contenders) running.push(await open(contender, standIn, options))
    const series = await runRounds(bench, running, options)
    const { rounds, seconds } = options
    return { at: new Date().toISOString(), node: process.version, rounds, seconds, series }
  } finally {
    await Promise.all([...running.map(({ program }) => program), load, standIn].map((one) => one.stop()))
  }
}

interface Running {
  readonly contender: Contender
  readonly program: RunningProgram
}

const open = async (
  contender: Contender,
  { url }: RunningProgram,
  options: CompareOptions,
): Promise<Running> => {
  const { directory, progress } = options
  progress(`starting ${contender.name}`)
  const supergraphFile = join(directory, 'supergraph.graphql')
  writeFileSync(supergraphFile, shopSupergraph(url))
  return { contender, program: await contender.start({ standIn: url, supergraphFile, directory }) }
}

const runRounds = async (
  bench: Bench,
  running: readonly Running[],
  options: CompareOptions,
): Promise<Series[]> => {
  const series = new Map<string, Series>()
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const query of options.queries) {
      const samples = await runQuery(bench, running, { ...options, query, round })
      addRatios(series, samples)
    }
  }
  return [...series.values()]
}

interface Measured {
  readonly contender: string
  readonly query: ShopQuery
  readonly concurrency: number
  readonly sample: Sample
}

interface Turn extends CompareOptions {
  readonly query: ShopQuery
  readonly round: number
}

const runQuery = async (bench: Bench, running: readonly Running[], turn: Turn): Promise<Measured[]> => {
  const { query, seconds, warm, round, rounds, progress } = turn
  const expected = JSON.parse(JSON.stringify(await answerWhole(SHOP_QUERIES[query]))) as unknown
  const measured: Measured[] = []
  for (const { contender, program } of running) {
    for (const concurrency of CONCURRENCIES) {
      const job = {
        url: `${program.url}${contender.path}`,
        pid: program.pid,
        body: JSON.stringify({ query: SHOP_QUERIES[query] }),
        headers: {},
        concurrency,
        // The second time it is warm already; only the new connections have to be made.
        warmSeconds: concurrency === CONCURRENCIES[0] ? warm : Math.min(warm, 1),
        warmRequests: concurrency === CONCURRENCIES[0] && round === 1 ? FIRST_ANSWERS : 0,
        seconds,
      }
      const sample = await Promise.race([measure(bench, job, expected), program.died])
      progress(`round ${round}/${rounds}  ${query}  c${concurrency}  ${contender.name}: ${inShort(sample)}`)
      measured.push({ contender: contender.name, query, concurrency, sample })
    }
  }
  return measured
}

const inShort = ({ cpuMicros, perSecond, calls }: Sample): string =>
  `${Math.round(cpuMicros)} µs CPU, ${Math.round(perSecond)}/s, ${calls.toFixed(1)} calls`

const addRatios = (series: Map<string, Series>, measured: readonly Measured[]): void => {
  for (const { contender, query, concurrency, sample } of measured) {
    const key = `${contender} ${query} ${concurrency}`
    const one = series.get(key) ?? { contender, query, concurrency, samples: [], ratios: [] }
    series.set(key, one)
    one.samples.push(sample)
    const limit = measured.find(
      (other) => other.contender === 'limit-json' && other.concurrency === concurrency,
    )
    if (limit !== undefined) one.ratios.push(sample.cpuMicros / limit.sample.cpuMicros)
  }
}
