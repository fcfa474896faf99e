import { parentPort, workerData } from 'node:worker_threads'
import { check } from '../schema/check/check.ts'
import type { ToCheck } from './check-in-thread.ts'
import { composeInThreads } from './compose-in-threads.ts'

/** The thread of `check-in-thread.ts`. */
if (parentPort !== null) {
  const { base, head, options } = workerData as ToCheck
  const report = await check(base, head, { ...options, compose: composeInThreads })
  // eslint-disable-next-line require-post-message-target-origin -- a thread, not a window
  parentPort.postMessage(report)
}
