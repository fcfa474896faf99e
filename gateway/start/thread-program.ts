import { parentPort, workerData } from 'node:worker_threads'
import type { Config } from '../config.ts'
import { type RunningGateway, startGateway } from '../server.ts'
import { converse } from './conversation.ts'
import type { ToThread } from './in-thread.ts'

/** The gateway of `in-thread.ts`. */
let running: RunningGateway | undefined

const answer = async (question: unknown): Promise<unknown> => {
  if ((question as ToThread) === 'close') return running?.close()
  running = await startGateway(workerData as Config)
  return running.url
}

if (parentPort !== null) {
  const port = parentPort
  converse<never>(
    {
      // eslint-disable-next-line require-post-message-target-origin -- a thread, not a window
      send: (message) => port.postMessage(message),
      on: (event, hear) => port.on(event, hear),
    },
    answer,
  )
}
