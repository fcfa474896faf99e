import { Worker } from 'node:worker_threads'
import { SUBGRAPH_ERRORS } from '../subgraphs/error-catalogue.ts'
import type { JobProgress, RecommendJob } from './recommend-job.ts'

/** What the thread says. */
export type ToMain =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number; readonly said: string }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | null }

/**
 * Arithmetic takes a thread of its own, so that this one goes on answering signals and drawing its bar. Unbuilt sources, which
 * run in tests, cannot be loaded by a thread and stay in this one.
 */
export const inRecommendThread = async (job: RecommendJob, progress: JobProgress): Promise<unknown> => {
  try {
    return await done(job, progress)
  } catch (problem) {
    throw withRemedy(problem)
  }
}

const done = async (job: RecommendJob, progress: JobProgress): Promise<unknown> => {
  if (import.meta.url.endsWith('.ts'))
    return (await import('./recommend-job.ts')).doRecommendJob(job, progress)
  const worker = new Worker(new URL('recommend-thread.js', import.meta.url), { workerData: job })
  return new Promise((resolve, reject) => {
    worker.on('message', (message: ToMain) => {
      if (message.kind === 'progress') progress(message.done, message.total, message.said)
      else if (message.kind === 'done') resolve(message.result)
      else
        reject(Object.assign(new Error(message.message), message.code === null ? {} : { code: message.code }))
    })
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('the thread ended before it was done')))
  })
}

/** What is known is told with what to do about it; the place, which names the file, is in the sentence. */
const withRemedy = (problem: unknown): unknown => {
  const { message, code: own, extensions } = problem as Error & Coded & { readonly extensions?: Coded }
  const code = own ?? extensions?.code ?? ''
  const known = new Map<string, { readonly remedy: string }>(Object.entries(SUBGRAPH_ERRORS)).get(code)
  return known === undefined ? problem : Object.assign(new Error(`${message}\n${known.remedy}`), { code })
}

interface Coded {
  readonly code?: string
}
