import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import type { LoadJob, LoadReport, LoadResult } from './programs/load.ts'
import type { StandInCounts } from './programs/stand-in.ts'
import type { RunningProgram } from './start-program.ts'

/** One contender with one query at one concurrency in one round. */
export interface Sample {
  readonly cpuMicros: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly rssMiB: number
  readonly calls: number
  readonly kBSent: number
}

export interface Bench {
  readonly load: RunningProgram
  readonly standIn: RunningProgram
}

/** Runs one job and checks what was answered: every answer the same, and that one the oracle's. */
export const measure = async ({ load, standIn }: Bench, job: LoadJob, expected: unknown): Promise<Sample> => {
  load.child.send(job)
  await reportOf(load)
  await countsOf(standIn)
  const report = await reportOf(load)
  const counts = await countsOf(standIn)
  if (report.at !== 'ended') throw new Error('the load generator lost its place')
  check(report.result, counts, expected)
  const { requests, seconds, cpuMs, p50Ms, p99Ms, rssMiB } = report.result
  return {
    cpuMicros: (cpuMs * 1000) / requests,
    perSecond: requests / seconds,
    p50Ms,
    p99Ms,
    rssMiB,
    calls: counts.calls / requests,
    kBSent: counts.bytes / requests / 1000,
  }
}

const reportOf = async ({ child }: RunningProgram): Promise<LoadReport> => {
  const [message] = (await once(child, 'message')) as [LoadReport]
  return message
}

const countsOf = async ({ child }: RunningProgram): Promise<StandInCounts> => {
  const answered = once(child, 'message') as Promise<[StandInCounts]>
  child.send('counts')
  return (await answered)[0]
}

const check = (
  { requests, answer, different, closed }: LoadResult,
  counts: StandInCounts,
  expected: unknown,
): void => {
  if (requests === 0) throw new Error('not one answer came in time')
  if (!isDeepStrictEqual(parsed(answer), expected))
    throw new Error(`not the oracle's answer: ${answer.slice(0, 300)}`)
  if (different > 0) throw new Error(`${different} of ${requests} answers were other ones`)
  if (closed > 0) throw new Error(`${closed} connections were closed in the middle`)
  if (counts.unknown > counts.calls / 100)
    throw new Error(`${counts.unknown} of ${counts.calls} subgraph requests were never seen before`)
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
