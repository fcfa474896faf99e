import { Worker } from 'node:worker_threads'
import type { Config } from '../config.ts'
import { AssentError } from '../errors.ts'
import type { RunningGateway } from '../server.ts'
import { converse } from './conversation.ts'
import { YOUNG_GENERATION_MB } from './young-generation.ts'

/** What is asked of the thread; both are answered when they are done. */
export type ToThread = 'start' | 'close'

/**
 * A gateway in a thread of its own, because there the engine's memory can be set: with fifty answers under way at once the
 * young generation of a default process is always full, and what is still needed is copied again and again. The thread that
 * waits here costs a few megabytes.
 */
export const startInThread = async (config: Config): Promise<RunningGateway> => {
  const worker = new Worker(new URL('thread-program.js', import.meta.url), {
    workerData: config,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  })
  const channel = {
    // eslint-disable-next-line require-post-message-target-origin -- a thread, not a window
    send: (message: object) => worker.postMessage(message),
    on: (event: 'message', hear: (message: unknown) => void) => worker.on(event, hear),
  }
  const thread = converse<ToThread>(channel, () => Promise.reject(new AssentError('INTERNAL', 'thread')))
  let isClosing = false
  worker.on('error', (problem) => {
    throw problem
  })
  worker.once('exit', (code) => {
    thread.end()
    if (!isClosing) process.exit(code === 0 ? 1 : code)
  })
  const stop = async (): Promise<void> => {
    isClosing = true
    await worker.terminate()
  }
  const url = await thread.ask('start', LONGEST_START_MS).catch(async (problem: unknown) => {
    await stop()
    throw problem
  })
  return {
    url: String(url),
    async close() {
      isClosing = true
      try {
        await thread.ask('close', config.drainMs + CLOSE_MS)
      } finally {
        await stop()
      }
    },
  }
}

/** A supergraph that is fetched may keep a gateway waiting; it gives up by its own setting, long before. */
const LONGEST_START_MS = 24 * 60 * 60_000
const CLOSE_MS = 10_000
