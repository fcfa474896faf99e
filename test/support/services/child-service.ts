import { spawn } from 'node:child_process'
import { closeSync, openSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export const LOOPBACK = '127.0.0.1'

export interface ChildService {
  readonly pid: number
  hasExited(): boolean
  /** Asks the process to stop, insists after `patienceMs`, and removes its home. */
  readonly stop: () => Promise<void>
  /** Kills the process on the spot and leaves its home as it is. */
  readonly crash: () => Promise<void>
}

export interface ChildCommand {
  readonly command: string
  readonly args: readonly string[]
  /** Deleted when the process has stopped, unless it is kept. */
  readonly home: string
  readonly isKept?: boolean
  readonly log: string
  readonly stopSignal: 'SIGINT' | 'SIGTERM'
  readonly patienceMs: number
  readonly user?: { readonly uid: number; readonly gid: number }
}

/** A process of ours, and only ever ours: it is stopped by the pid we were given for it. */
export function startChild(run: ChildCommand): ChildService {
  const log = openSync(run.log, 'a')
  const child = spawn(run.command, run.args, {
    ...run.user,
    cwd: '/',
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  if (child.pid === undefined) throw new Error(`${run.command} could not be started`)
  const hasExited = () => child.exitCode !== null || child.signalCode !== null
  const releaseGuard = guard(child.pid, run)
  return {
    pid: child.pid,
    hasExited,
    async stop() {
      if (!hasExited()) {
        child.kill(run.stopSignal)
        const insist = setTimeout(() => child.kill('SIGKILL'), run.patienceMs)
        await ended
        clearTimeout(insist)
      }
      releaseGuard()
      if (run.isKept !== true) rmSync(run.home, { recursive: true, force: true })
    },
    async crash() {
      child.kill('SIGKILL')
      await ended
      releaseGuard()
    },
  }
}

/**
 * "Nothing is left running" must also hold when this process is killed and runs no handler: a shell that waits
 * for its input to end, which happens when we are gone however we went, then stops the service and removes its home.
 */
function guard(pid: number, { stopSignal, home, isKept = false }: ChildCommand): () => void {
  const clean = isKept ? '' : '; rm -rf "$2"'
  const script = `read -r _; kill -s ${stopSignal.slice(3)} "$1"; while kill -0 "$1"; do sleep 0.2; done${clean}`
  const shell = spawn('sh', ['-c', script, 'sh', String(pid), home], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  return () => {
    shell.kill('SIGKILL')
  }
}

/** Asks again until the answer is yes, the process has died, or time is up (a busy machine is slow, not broken). */
export async function untilReady(
  name: string,
  child: ChildService,
  isReady: () => Promise<boolean>,
  timeoutMs = 180_000,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (Date.now() < end) {
    // eslint-disable-next-line no-await-in-loop -- polling
    if (await isReady()) return
    if (child.hasExited()) throw new Error(`${name} ended before it was ready`)
    // eslint-disable-next-line no-await-in-loop
    await pause(50)
  }
  throw new Error(`${name} was not ready after ${timeoutMs / 1000} s`)
}

export const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, LOOPBACK, () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, LOOPBACK, () => {
      const address = server.address()
      server.close(() =>
        address !== null && typeof address === 'object'
          ? resolve(address.port)
          : reject(new Error('no port')),
      )
    })
  })
