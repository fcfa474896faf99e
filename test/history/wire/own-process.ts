import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of ours that serves something, and that anything may happen to. */
export interface OwnProcess {
  readonly url: string
  /** It stands still, and the kernel goes on for it. */
  stop(): void
  goOn(): void
  tell(message: object): void
  /** Resolves when it has told something of this kind. */
  told(kind: string): Promise<void>
  kill(): Promise<void>
}

export interface OwnProgram {
  readonly file: URL
  readonly args: readonly string[]
  /** Loaded before the program: what the test breaks in it. */
  readonly before?: readonly URL[]
}

/** Starts a program that tells its parent where it listens. */
export const startProcess = async ({ file, args, before = [] }: OwnProgram): Promise<OwnProcess> => {
  const child = fork(fileURLToPath(file), args, {
    execArgv: ['--import', 'tsx', ...before.flatMap(({ href }) => ['--import', href])],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const forget = guard(child)
  const gone = once(child, 'exit')
  const ended = gone.then(() => Promise.reject(new Error(`${file.pathname} ended before it was ready`)))
  const [{ url }] = (await Promise.race([once(child, 'message'), ended])) as [{ url: string }]
  ended.catch(() => undefined)
  return {
    url,
    stop: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
    tell: (message) => void (child.connected && child.send(message)),
    async told(kind) {
      for (;;) {
        const [message] = (await once(child, 'message')) as [{ told?: string }]
        if (message.told === kind) return
      }
    },
    async kill() {
      child.kill('SIGKILL')
      await gone
      forget()
    },
  }
}

/** A process that stands still does not notice that its parent is gone: a shell that does ends it by its pid. */
const guard = ({ pid }: ChildProcess): (() => void) => {
  const shell = spawn('sh', ['-c', 'read -r _; kill -s KILL "$1"', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.unref()
  return () => void shell.kill('SIGKILL')
}
