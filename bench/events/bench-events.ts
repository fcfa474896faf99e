// Events over HTTP into the embedded house: how many a second, at what cost, and how much memory they take.
import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EventLoadJob, EventLoadResult, Giver } from '../programs/event-load.ts'
import { type RunningProgram, sourceProgram, startProgram } from '../start-program.ts'
import { eventsTable, type Measured } from './events-table.ts'

export interface EventsBenchOptions {
  readonly people: number
  readonly seconds: number
  readonly directory: string
  readonly progress: (line: string) => void
}

/** What is offered, and in batches of how many events. */
interface Load {
  readonly name: string
  readonly perSecond: number | null
  readonly perBatch: number
  readonly concurrency: number
}

const LOADS: readonly Load[] = [
  { name: '5,000 a second, 250 a batch', perSecond: 5_000, perBatch: 250, concurrency: 8 },
  { name: 'as many as are taken, 1,000 a batch', perSecond: null, perBatch: 1_000, concurrency: 4 },
  { name: 'more than there is room for, 2,000 a batch', perSecond: null, perBatch: 2_000, concurrency: 24 },
]

export const benchEvents = async (options: EventsBenchOptions): Promise<string> => {
  const { directory, people, progress } = options
  const dataDir = join(directory, 'house')
  progress(`making up ${people} people`)
  const givers = await fillHouse(dataDir, people)
  progress(`${givers.length} consent to analytics; starting the house`)
  const house = await startProgram({
    args: [ASSENT, 'start', '--port', '0', '--data', dataDir],
    core: null,
    cwd: directory,
    env: { ASSENT_LOG_LEVEL: 'error' },
  })
  const load = await startProgram({
    args: sourceProgram('event-load'),
    core: null,
    ipc: true,
    listens: false,
  })
  try {
    const place = {
      url: new URL('/events/v1/batch', await eventsUrl(dataDir)).href,
      token: readFileSync(join(dataDir, 'operator.token'), 'utf8'),
      givers,
      pid: house.pid,
    }
    // The first passes are slow: plans are made, and code is compiled.
    await measured({ ...WARM_UP, prefix: 'warm' }, load, place, 6)
    const rows: Measured[] = []
    for (const [at, one] of LOADS.entries()) {
      progress(one.name)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const result = await measured({ ...one, prefix: `run-${at}` }, load, place, options.seconds)
      rows.push({ name: one.name, ...result })
      progress(JSON.stringify(result))
    }
    return eventsTable(rows)
  } finally {
    await Promise.all([load.stop(), house.stop()])
  }
}

const WARM_UP = { name: 'warm-up', perSecond: null, perBatch: 500, concurrency: 4 }

const ASSENT = fileURLToPath(new URL('../../bin/assent.js', import.meta.url))

const fillHouse = async (dataDir: string, people: number): Promise<readonly Giver[]> => {
  const program = await startProgram({
    args: sourceProgram('fill-house'),
    core: null,
    ipc: true,
    listens: false,
  })
  program.child.send({ dataDir, people })
  const [givers] = (await Promise.race([once(program.child, 'message'), program.died])) as [readonly Giver[]]
  await program.stop()
  return givers
}

/** The gateway's address is there first. */
const eventsUrl = async (dataDir: string): Promise<string> => {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      return readFileSync(join(dataDir, 'events-service.url'), 'utf8')
    } catch {
      // oxlint-disable-next-line no-await-in-loop -- it is not there yet
      await new Promise((done) => setTimeout(done, 100))
    }
  }
  throw new Error('the house does not say where events are sent to')
}

const measured = async (
  { perSecond, perBatch, concurrency, prefix }: Load & { readonly prefix: string },
  { child, died }: RunningProgram,
  place: Pick<EventLoadJob, 'url' | 'token' | 'givers' | 'pid'>,
  seconds: number,
): Promise<EventLoadResult> => {
  const job: EventLoadJob = {
    ...place,
    perSecond,
    perBatch,
    concurrency,
    prefix,
    seconds,
    oneInRepeated: 50,
    oneByAddress: 20,
  }
  child.send(job)
  const [result] = (await Promise.race([once(child, 'message'), died])) as [EventLoadResult]
  return result
}
