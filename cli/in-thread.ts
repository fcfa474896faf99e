import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'

/**
 * What a thread answers to what it is given. Work on a large graph leaves so much behind that half of it would go into collecting
 * that, were the young generation as small as it is by default. Unbuilt sources, which run in tests, cannot be loaded by a thread.
 */
export const inThread = <Answer>(file: URL, workerData: unknown): Promise<Answer> => {
  setFlagsFromString(`--min-semi-space-size=${YOUNG_MB / 6}`)
  const worker = new Worker(file, { workerData, resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: Answer) => resolve(answer))
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread ended before it had answered')))
  })
}

const YOUNG_MB = 384
