import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface RunningProgram {
  readonly pid: number
  /** The first URL it printed. */
  readonly url: string
  readonly child: ChildProcess
  /** Rejects when the program ends. */
  readonly died: Promise<never>
  stop(): Promise<void>
}

export interface ProgramOptions {
  /** Arguments of `node`. */
  readonly args: readonly string[]
  /** Null: on both. */
  readonly core: 0 | 1 | null
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly ipc?: boolean
  /** False for a program that prints no URL. */
  readonly listens?: boolean
}

/** A program of this folder, run from its sources. */
export const sourceProgram = (name: string): string[] => [
  '--import',
  import.meta.resolve('tsx'),
  fileURLToPath(new URL(`programs/${name}.ts`, import.meta.url)),
]

/** Starts a program on one core and waits until it says where it listens. What it says is shown only when it dies. */
export const startProgram = async (options: ProgramOptions): Promise<RunningProgram> => {
  const { args, core, env = {}, cwd, ipc = false, listens = true } = options
  const isPinned = CAN_PIN && core !== null
  const pinned = isPinned ? ['taskset', '-c', String(core), process.execPath] : [process.execPath]
  const [command = '', ...before] = pinned
  const child = spawn(command, [...before, ...args], {
    env: { ...cleanEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    ...(cwd !== undefined && { cwd }),
  })
  running.add(child)
  const died = deathOf(child)
  died.catch(() => undefined)
  const url = listens ? await Promise.race([urlFrom(child), died]) : ''
  return {
    pid: child.pid ?? 0,
    url,
    child,
    died,
    async stop() {
      running.delete(child)
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 5000)
      await exited
      clearTimeout(late)
    },
  }
}

/** A bench that is stopped leaves nothing running. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const CAN_PIN = spawnSync('taskset', ['-c', '1', 'true']).status === 0

/** Settings of whoever runs the bench are not the bench's. */
const cleanEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  NODE_ENV: 'production',
})

const URL_SAID = /http:\/\/(?:127\.0\.0\.1|localhost|0\.0\.0\.0):\d+/

const urlFrom = ({ stdout, stderr }: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    let said = ''
    const listen = (chunk: Buffer): void => {
      if (said.length < MOST_HEARD) said += chunk.toString()
      const [url] = URL_SAID.exec(said) ?? []
      if (url !== undefined) resolve(url)
    }
    stdout?.on('data', listen)
    stderr?.on('data', listen)
  })

const deathOf = async (child: ChildProcess): Promise<never> => {
  let said = ''
  const listen = (chunk: Buffer): void => {
    said = (said + chunk.toString()).slice(-MOST_HEARD)
  }
  child.stdout?.on('data', listen)
  child.stderr?.on('data', listen)
  const [code] = (await once(child, 'exit')) as [number | null]
  throw new Error(`${child.spawnargs.at(-1)} ended with ${code}:\n${said}`)
}

/** Of what a program says, in characters. */
const MOST_HEARD = 10_000
