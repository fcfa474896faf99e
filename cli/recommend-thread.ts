import { parentPort, workerData } from 'node:worker_threads'
import type { ToMain } from './in-recommend-thread.ts'
import { doRecommendJob, type RecommendJob } from './recommend-job.ts'

/** The thread of `in-recommend-thread.ts`. */
if (parentPort !== null) {
  const port = parentPort
  // eslint-disable-next-line require-post-message-target-origin -- a thread, not a window
  const tell = (message: ToMain): void => port.postMessage(message)
  try {
    const result = doRecommendJob(workerData as RecommendJob, (done, total, said) =>
      tell({ kind: 'progress', done, total, said }),
    )
    tell({ kind: 'done', result })
  } catch (problem) {
    const { message, extensions } = problem as { message: string; extensions?: { code?: string } }
    tell({ kind: 'failed', message, code: extensions?.code ?? (problem as { code?: string }).code ?? null })
  }
}
