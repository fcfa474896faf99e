import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ERRORS } from '../gateway/error-catalogue.ts'
import { AssentError } from '../gateway/errors.ts'
import type { ErrorCode } from '../gateway/errors.ts'
import { DECIDING_FLAGS } from '../subgraphs/deciding-flags.ts'
import type { StartOptions, SubgraphsMessage } from '../subgraphs/start-message.ts'

export interface RunningSubgraphs {
  readonly subgraphs: readonly { readonly name: string; readonly url: string }[]
  readonly preferences: string | null
  readonly events: string | null
  readonly rssMb: number
  /** Resolves when the process ends, asked to or not. */
  readonly ended: Promise<unknown>
  stop(): Promise<void>
}

/** The subgraphs live in a process of their own: an embedded database blocks the one it runs in. */
export const startSubgraphs = async (
  options: StartOptions,
  progress: (sentence: string) => void,
): Promise<RunningSubgraphs> => {
  const file = fileURLToPath(new URL(`../subgraphs/start${import.meta.url.slice(-3)}`, import.meta.url))
  // In a process group of its own, so that Ctrl-C reaches the gateway first and running requests can end.
  const child = fork(file, {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // The vocabulary is made of maps.
    serialization: 'advanced',
    // The optimising compiler takes up to 500 MB for PGlite's code and gains a short start nothing.
    execArgv: [...process.execArgv, '--liftoff-only', ...DECIDING_FLAGS],
  })
  const ended = once(child, 'exit')
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    if (child.connected) child.disconnect()
    await ended
    clearTimeout(timer)
  }
  const ready = new Promise<Extract<SubgraphsMessage, { type: 'ready' }>>((resolve, reject) => {
    child.on('message', (message: SubgraphsMessage) => {
      if (message.type === 'progress') progress(message.sentence)
      else if (message.type === 'ready') resolve(message)
      else reject(failureOf(message))
    })
    void ended.then(() => reject(new AssentError('SUBGRAPH_UNREACHABLE', 'subgraphs, ended while starting')))
  })
  const interrupted = (): void => void stop()
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  child.send({ type: 'start', options })
  try {
    const { subgraphs, preferences, events, rssMb } = await ready
    return { subgraphs, preferences, events, rssMb, ended, stop }
  } finally {
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
  }
}

/** A code of the subgraphs' own, or of the system, stays: the exit code depends on it. */
const failureOf = ({ code, place, message }: Extract<SubgraphsMessage, { type: 'failed' }>): Error =>
  Object.hasOwn(ERRORS, code)
    ? new AssentError(code as ErrorCode, place ?? message)
    : Object.assign(new Error(message), { code })
