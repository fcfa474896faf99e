import { parentPort, workerData } from 'node:worker_threads'
import { compose } from '../schema/compose.ts'
import type { ToCompose } from './compose-in-threads.ts'

/** The thread of `compose-in-threads.ts`. */
if (parentPort !== null) {
  const { sources, options } = workerData as ToCompose
  // eslint-disable-next-line require-post-message-target-origin -- a thread, not a window
  parentPort.postMessage(compose(sources, options))
}
