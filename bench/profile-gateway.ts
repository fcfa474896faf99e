import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CompareOptions, withContenders, type Workload } from './compare-contenders.ts'
import type { Contender } from './contender.ts'
import { measure } from './measure.ts'
import { selfTimes } from './self-times.ts'

export interface ProfileOptions extends Omit<CompareOptions, 'contenders' | 'workloads'> {
  /** Runs with the profiler loaded, and writes to `<results>/<workload>.cpuprofile`. */
  readonly gateway: Contender
  readonly workload: Workload
  readonly results: string
  /** Requests under way. */
  readonly atOnce: number
}

/** Writes a `.cpuprofile` of the warm gateway under load, and returns in short what it says. */
export const profileGateway = async (options: ProfileOptions): Promise<string> => {
  const { gateway, workload, results, atOnce, warm, seconds, progress } = options
  const file = join(results, `${workload.name}.cpuprofile`)
  rmSync(file, { force: true })
  await withContenders({ ...options, contenders: [gateway] }, async (bench, [running]) => {
    if (running === undefined) throw new Error('nothing runs')
    const { url, pid } = running.program
    const body = JSON.stringify({ query: workload.query })
    const job = { url: `${url}${gateway.path}`, pid, body, headers: {}, concurrency: atOnce, seconds }
    progress('warming')
    await measure(bench, { ...job, warmSeconds: warm, warmRequests: 5000, seconds: 1 }, workload.expected)
    process.kill(pid, 'SIGUSR2')
    progress('profiling')
    await measure(bench, { ...job, warmSeconds: 0, warmRequests: 0 }, workload.expected)
    process.kill(pid, 'SIGUSR2')
    await written(file)
  })
  const text = selfTimes(JSON.parse(readFileSync(file, 'utf8')) as Profiler.Profile)
  writeFileSync(join(results, `${workload.name}.profile.md`), text)
  return `${text}\n${file}`
}

/** It is there when it is whole. */
const written = async (file: string): Promise<void> => {
  for (let attempts = 0; attempts < 300; attempts += 1) {
    if (existsSync(file) && readFileSync(file, 'utf8').endsWith('}')) return
    await sleep(100)
  }
  throw new Error('the profile was not written')
}
