import { type ChildProcess, fork } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { QueryPlan as PlannerPlan } from '@graphql-hive/router-query-planner'
import { AssentError } from '../errors.ts'
import type { FromPlanner, ToPlanner } from './planner-child.ts'
import type { Planner, PlannerFlags, PlannerGraph } from './planner.ts'

export interface PlannerProcessOptions {
  /** For one plan. Native code cannot be interrupted: the process that is late is killed. */
  readonly timeoutMs: number
  readonly log: { error(details: object, message: string): void }
  readonly onRestart?: () => void
  /** Documents that wait while another is planned; more are turned away. */
  readonly mostWaiting?: number
  /** For a turn, and for the process to load the supergraph. */
  readonly waitMs?: number
  /** Another program in place of the planner's, for tests. */
  readonly program?: { readonly file: string; readonly execArgv: readonly string[] }
}

export interface PlannerProcess extends Planner {
  /** Of the process that plans at the moment. */
  readonly pid: number | undefined
  /** Whether a process that has the supergraph waits for documents. */
  readonly isLoaded: boolean
  /** Resolves when the supergraph is loaded for the first time; rejects when several processes ended before that. */
  readonly loaded: Promise<void>
}

/**
 * Plans in a process of its own, started at once and again whenever it ends. It is given one document at a time, so that a
 * death has exactly one cause: that document is refused for a while (fail closed), and nobody else's request is lost.
 */
export const startPlannerProcess = (supergraphSdl: string, options: PlannerProcessOptions): PlannerProcess =>
  new RestartedProcess(supergraphSdl, { ...DEFAULTS, ...options })

const DEFAULTS = {
  onRestart: () => undefined,
  mostWaiting: 200,
  waitMs: 10_000,
  program: { file: fileURLToPath(new URL('planner-child.js', import.meta.url)), execArgv: [] },
}

const MOST_FATAL = 1000
/** Not for ever: the process may have died of something else, and the document be a good one. */
const FATAL_MS = 10 * 60_000
const LONGEST_BACKOFF_MS = 2000
/** Processes that may end before one has loaded the supergraph. */
const MOST_FAILED_LOADS = 3

interface Asked {
  readonly text: string
  readonly flags: PlannerFlags | undefined
  readonly graph: PlannerGraph | undefined
  readonly resolve: (plan: PlannerPlan) => void
  readonly reject: (problem: Error) => void
  timer: NodeJS.Timeout
}

class RestartedProcess implements PlannerProcess {
  readonly #supergraphSdl: string
  readonly #options: Required<PlannerProcessOptions>
  readonly #waiting = new Set<Asked>()
  /** Digests of documents that ended a process, the oldest first. */
  readonly #fatal = new Set<string>()
  #child: ChildProcess | undefined
  #isLoaded = false
  #isClosed = false
  /** The one document the process has. */
  #asked: Asked | undefined
  #ended = 0
  #timer: NodeJS.Timeout | undefined
  readonly loaded: Promise<void>
  #onLoaded!: () => void
  #onNeverLoaded!: (problem: AssentError) => void

  constructor(supergraphSdl: string, options: Required<PlannerProcessOptions>) {
    this.#supergraphSdl = supergraphSdl
    this.#options = options
    this.loaded = new Promise((resolve, reject) => {
      this.#onLoaded = resolve
      this.#onNeverLoaded = reject
    })
    this.loaded.catch(() => undefined)
    this.#start()
  }

  get isLoaded(): boolean {
    return this.#isLoaded
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  plan(text: string, flags?: PlannerFlags, graph?: PlannerGraph): Promise<PlannerPlan> {
    if (this.#isClosed) return Promise.reject(new AssentError('GATEWAY_STOPPING', 'planner'))
    if (this.#fatal.has(digest(text))) return Promise.reject(new AssentError('PLAN_FAILED', 'operation'))
    if (this.#waiting.size >= this.#options.mostWaiting)
      return Promise.reject(new AssentError('PLANNER_BUSY', 'planner'))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(asked)
        reject(new AssentError('PLANNER_BUSY', 'planner'))
      }, this.#options.waitMs)
      const asked: Asked = { text, flags, graph, resolve, reject, timer }
      this.#waiting.add(asked)
      this.#next()
    })
  }

  close(): void {
    this.#isClosed = true
    this.#onNeverLoaded(new AssentError('GATEWAY_STOPPING', 'planner'))
    clearTimeout(this.#timer)
    this.#child?.kill('SIGKILL')
    for (const asked of [...this.#waiting, ...(this.#asked ? [this.#asked] : [])]) {
      clearTimeout(asked.timer)
      asked.reject(new AssentError('GATEWAY_STOPPING', 'planner'))
    }
    this.#waiting.clear()
    this.#asked = undefined
  }

  #start(): void {
    try {
      this.#fork()
    } catch (cause) {
      // Short of memory or file handles, which may pass.
      this.#child?.kill('SIGKILL')
      this.#restart({ code: (cause as NodeJS.ErrnoException).code })
    }
  }

  /** Its words are dropped, because a panic may quote the document; of our environment it needs nothing. */
  #fork(): void {
    const { file, execArgv } = this.#options.program
    const child = fork(file, [], {
      execArgv: [...execArgv],
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    this.#child = child
    child.on('message', (message: FromPlanner) => this.#hear(child, message))
    child.once('exit', (code, signal) => this.#onEnd(child, { code, signal }))
    child.on('error', ({ code }: NodeJS.ErrnoException) => {
      child.kill('SIGKILL')
      this.#onEnd(child, { code })
    })
    child.unref()
    child.channel?.unref()
    this.#timer = setTimeout(() => child.kill('SIGKILL'), this.#options.waitMs).unref()
    send(child, { type: 'load', supergraphSdl: this.#supergraphSdl })
  }

  #next(): void {
    const [asked] = this.#waiting
    const child = this.#child
    if (asked === undefined || child === undefined || !this.#isLoaded || this.#asked !== undefined) return
    this.#waiting.delete(asked)
    clearTimeout(asked.timer)
    // The same document may have been waiting behind itself.
    if (this.#fatal.has(digest(asked.text))) {
      asked.reject(new AssentError('PLAN_FAILED', 'operation'))
      return this.#next()
    }
    this.#asked = asked
    asked.timer = setTimeout(() => {
      // Should its answer come after all, nothing more is sent to a process that is about to end.
      this.#isLoaded = false
      child.kill('SIGKILL')
    }, this.#options.timeoutMs)
    const { text, flags, graph } = asked
    send(child, { type: 'plan', text, flags, graph })
  }

  #hear(child: ChildProcess, message: FromPlanner): void {
    if (child !== this.#child) return
    if (message.type === 'loaded') {
      clearTimeout(this.#timer)
      this.#isLoaded = true
      this.#onLoaded()
    } else if (this.#asked !== undefined) {
      clearTimeout(this.#asked.timer)
      this.#ended = 0
      if (message.type === 'planned') this.#asked.resolve(message.plan)
      else this.#asked.reject(new Error(message.problem))
      this.#asked = undefined
    }
    this.#next()
  }

  #onEnd(child: ChildProcess, how: object): void {
    if (child !== this.#child || this.#isClosed) return
    if (this.#asked !== undefined) this.#refuse(this.#asked)
    this.#asked = undefined
    this.#restart(how)
  }

  #restart(how: object): void {
    this.#child = undefined
    this.#isLoaded = false
    clearTimeout(this.#timer)
    const restartMs = Math.min(LONGEST_BACKOFF_MS, 50 * 2 ** Math.min(this.#ended, 10))
    this.#ended += 1
    if (this.#ended >= MOST_FAILED_LOADS)
      this.#onNeverLoaded(new AssentError('PLANNER_UNAVAILABLE', 'planner'))
    this.#options.onRestart()
    this.#options.log.error({ ...how, restartMs }, 'the planner process ended')
    this.#timer = setTimeout(() => this.#start(), restartMs).unref()
  }

  #refuse({ text, timer, reject }: Asked): void {
    clearTimeout(timer)
    const [oldest] = this.#fatal
    if (oldest !== undefined && this.#fatal.size >= MOST_FATAL) this.#fatal.delete(oldest)
    const fatal = digest(text)
    this.#fatal.add(fatal)
    setTimeout(() => this.#fatal.delete(fatal), FATAL_MS).unref()
    reject(new AssentError('PLAN_FAILED', 'operation'))
  }
}

/** What cannot be said to a process that has ended is answered by its end. */
const send = (child: ChildProcess, message: ToPlanner): void => void child.send(message, () => undefined)

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')
