import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ToMain } from '../../cli/in-recommend-thread.ts'
import type { RecommendJob } from '../../cli/recommend-job.ts'
import { type TrainJob, trainJob } from '../../cli/train-job.ts'
import { plant } from '../support/planted-interactions.ts'

const place = mkdtempSync(join(tmpdir(), 'recommend-thread-'))
const at = (name: string): string => join(place, name)
beforeAll(() => writeFileSync(at('taken.csv'), plant({ people: 300, items: 60, seed: 3, tastes: 3 }).csv))
afterAll(() => rmSync(place, { recursive: true }))

const jobOf = (given: Partial<TrainJob>): TrainJob => ({
  interactions: at('taken.csv'),
  output: at('model'),
  epsilon: 1.5,
  delta: 1e-5,
  trainer: 'gradient',
  items: null,
  trainingSet: null,
  ledger: null,
  testSeed: 5,
  ...given,
})

/** The program of the thread in a thread, from its sources; how often the one that waits was free meanwhile. */
const inThread = (job: RecommendJob): Promise<{ readonly said: readonly ToMain[]; readonly turns: number }> =>
  new Promise((resolve, reject) => {
    const said: ToMain[] = []
    let turns = 0
    const waiting = setInterval(() => (turns += 1), 1)
    // Only a build has files that a thread can load by itself.
    const program = new URL('../../cli/recommend-thread.ts', import.meta.url).href
    const worker = new Worker(
      `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(program)}) })`,
      { workerData: job, eval: true },
    )
    worker.on('message', (message: ToMain) => said.push(message))
    worker.once('error', reject)
    worker.once('exit', () => {
      clearInterval(waiting)
      resolve({ said, turns })
    })
  })

describe('The thread of a training', () => {
  test('tells how far it is, step by step, and in the end the card: the model is the one of no thread', async () => {
    const { said, turns } = await inThread({ kind: 'train', train: jobOf({}) })
    const steps = said.flatMap((one) => (one.kind === 'progress' ? [one] : []))
    const learned = steps.filter(({ said: what }) => what.startsWith('step '))
    expect(learned.length).toBeGreaterThan(20)
    expect(learned.map(({ done }) => done)).toEqual(learned.map((_, step) => step + 1))
    expect(new Set(learned.map(({ total }) => total))).toEqual(new Set([learned.length]))
    const card = trainJob(jobOf({ output: at('here') }), () => {})
    expect(said.at(-1)).toEqual({ kind: 'done', result: card })
    expect(readFileSync(at('model/items.f32'))).toEqual(readFileSync(at('here/items.f32')))
    expect(turns, 'who waits goes on answering').toBeGreaterThan(0)
  })

  test('tells with its code what went wrong, and ends', async () => {
    const { said } = await inThread({ kind: 'train', train: jobOf({ interactions: at('nothing.csv') }) })
    expect(said).toEqual([
      {
        kind: 'failed',
        code: 'INTERACTIONS_INVALID',
        message: expect.stringContaining('nothing.csv: ENOENT'),
      },
    ])
  })
})
