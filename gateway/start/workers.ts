import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { type Readiness, type Reason, reasonOf } from '../door/health.ts'
import { listen } from '../door/listen.ts'
import { AssentError } from '../errors.ts'
import type { RunningGateway } from '../server.ts'
import { converse, type Conversation } from './conversation.ts'
import { createLog } from './create-log.ts'
import { digestOf } from './digest-of.ts'
import { followSource } from './follow-source.ts'
import type { GraphLoader, LoadedGraph } from './graph-loader.ts'
import { openSupergraphSource } from './open-supergraph-source.ts'
import type { SupergraphFeed } from './supergraph-feed.ts'
import type { ToPrimary, ToWorker } from './worker-talk.ts'
import { YOUNG_GENERATION_FLAGS } from './young-generation.ts'

export interface WorkersOptions {
  readonly log?: Logger
  /** Another program in place of the worker's, for tests. */
  readonly program?: { readonly file: string; readonly execArgv: readonly string[] }
}

/** How many processes the settings ask for. */
export const workerCount = ({ workers }: Pick<Config, 'workers'>): number =>
  workers === 'auto' ? availableParallelism() : workers

/**
 * Several whole gateways behind one port. This process serves nothing: it reads the supergraph once and hands it to all,
 * starts again what ends, and stops all together.
 */
export const startWorkers = async (config: Config, options: WorkersOptions = {}): Promise<RunningGateway> => {
  const { log = createLog(config, { worker: 'primary' }) } = options
  const port = config.port === 0 ? await freePort(config.host) : config.port
  const feed = followSource({ source: openSupergraphSource(config), config, log })
  const workers = new Workers({ config: { ...config, port }, log, feed, program: PROGRAM, ...options })
  const close = async (): Promise<void> => {
    await feed.close()
    await workers.close()
  }
  try {
    await workers.start()
    await feed.start(workers, () => workers.wait())
    const url = await workers.listening()
    log.info({ url, workers: workerCount(config) }, 'all workers listen')
    return { url, close }
  } catch (problem) {
    await close()
    throw problem
  }
}

/** Run as this process is, built or not. */
const PROGRAM = {
  file: fileURLToPath(new URL(`worker-program${extname(import.meta.url)}`, import.meta.url)),
  execArgv: [...process.execArgv, ...YOUNG_GENERATION_FLAGS],
}

/** All workers must be told the same one. */
const freePort = async (host: string): Promise<number> => {
  const probe = createServer()
  await listen(probe, { host, port: 0 })
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

interface WorkersParts extends Required<WorkersOptions> {
  readonly config: Config
  readonly feed: SupergraphFeed
}

interface Member {
  readonly number: number
  readonly worker: Worker
  readonly talk: Conversation<ToWorker>
  readonly bornAt: number
  readonly ended: Promise<unknown>
}

/** To load a supergraph, or to start; a worker that takes longer is ended. */
const LOAD_MS = 60_000
const ANSWER_MS = 10_000
const HEALTH_MS = 1000
const FIRST_BACKOFF_MS = 100
const LONGEST_BACKOFF_MS = 5000
/** A worker that lived this long did not end of its start. */
const GROWN_UP_MS = 30_000

class Workers implements GraphLoader {
  readonly #parts: WorkersParts
  readonly #members = new Map<number, Member>()
  readonly #failures = new Map<number, number>()
  readonly #timers = new Set<NodeJS.Timeout>()
  /** What every worker serves. */
  #supergraph: string | null = null
  #isWaiting = false
  #isClosing = false
  /** One change of supergraph or one start at a time: a worker never starts with a text that is being replaced. */
  #turn: Promise<void> = Promise.resolve()

  constructor(parts: WorkersParts) {
    this.#parts = parts
    const { file, execArgv } = parts.program
    cluster.setupPrimary({ exec: file, args: [], execArgv: [...execArgv], serialization: 'advanced' })
  }

  async start(): Promise<void> {
    const numbers = Array.from({ length: workerCount(this.#parts.config) }, (_, index) => index + 1)
    await Promise.all(numbers.map((number) => this.#fork(number)))
  }

  /** Opens all doors although there is no supergraph yet. */
  async wait(): Promise<void> {
    this.#isWaiting = true
    await this.#askAll({ kind: 'wait' }, ANSWER_MS)
  }

  async listening(): Promise<string> {
    const [url] = await this.#askAll({ kind: 'listen' }, ANSWER_MS)
    return String(url)
  }

  /** One worker tries it before the others do: a text that ends a process ends one. */
  async load(supergraph: string): Promise<LoadedGraph> {
    const done = await this.#takeTurn()
    try {
      const [first, ...others] = this.#members.values()
      if (first === undefined) throw new AssentError('WORKERS_MISSING', 'workers')
      const load = { kind: 'load', supergraph } as const
      await first.talk.ask(load, LOAD_MS)
      await Promise.all(others.map(({ talk }) => talk.ask(load, LOAD_MS)))
    } catch (problem) {
      await this.#discard()
      done()
      throw problem
    }
    return {
      serve: () => this.#serve(supergraph).finally(done),
      discard: () => this.#discard().finally(done),
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true
    for (const timer of this.#timers) clearTimeout(timer)
    const members = [...this.#members.values()]
    for (const { worker } of members) worker.process.kill('SIGTERM')
    const late = setTimeout(() => {
      for (const { worker } of members) worker.process.kill('SIGKILL')
    }, this.#parts.config.drainMs + ANSWER_MS)
    await Promise.all(members.map(({ ended }) => ended))
    clearTimeout(late)
  }

  /** When this resolves no worker serves what was before: one that does not say so is ended. */
  async #serve(supergraph: string): Promise<void> {
    const isFirst = this.#supergraph === null
    this.#supergraph = supergraph
    await Promise.all(
      [...this.#members.values()].map(async (member) => {
        try {
          await member.talk.ask({ kind: 'serve' }, ANSWER_MS)
        } catch {
          await this.#end(member)
        }
      }),
    )
    const done = isFirst ? 'supergraph loaded' : 'supergraph reloaded'
    this.#parts.log.info({ supergraph: digestOf(supergraph), workers: this.#members.size }, done)
  }

  async #discard(): Promise<void> {
    await Promise.all(
      [...this.#members.values()].map((member) =>
        member.talk.ask({ kind: 'discard' }, ANSWER_MS).catch(() => this.#end(member)),
      ),
    )
  }

  async #end({ worker, ended }: Member): Promise<void> {
    worker.process.kill('SIGKILL')
    await ended
  }

  async #takeTurn(): Promise<() => void> {
    const before = this.#turn
    let done!: () => void
    this.#turn = new Promise((resolve) => (done = resolve))
    await before
    return done
  }

  async #fork(number: number): Promise<Member> {
    const worker = cluster.fork()
    let greet!: (asked: boolean) => void
    const greeted = new Promise<boolean>((resolve) => (greet = resolve))
    const talk = converse<ToWorker>(worker, async (question) => {
      if ((question as ToPrimary).kind === 'health') return this.#health()
      return greet(true)
    })
    const ended = once(worker, 'exit')
    const member: Member = { number, worker, talk, ended, bornAt: performance.now() }
    this.#members.set(number, member)
    worker.on('error', () => undefined)
    worker.once('exit', (code: number | null, signal: string | null) => {
      talk.end()
      greet(false)
      this.#members.delete(number)
      if (!this.#isClosing) this.#restartLater(member, { code, signal })
    })
    if (!(await greeted)) throw new AssentError('WORKER_SILENT', `worker ${number}`)
    await talk.ask({ kind: 'start', config: this.#parts.config, worker: number }, LOAD_MS)
    return member
  }

  #restartLater({ number, bornAt }: Member, how: object): void {
    const isGrownUp = performance.now() - bornAt > GROWN_UP_MS
    const failures = isGrownUp ? 0 : (this.#failures.get(number) ?? 0)
    this.#failures.set(number, failures + 1)
    const restartMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures)
    this.#parts.log.error({ ...how, worker: number, restartMs }, 'a worker ended')
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void this.#restart(number)
    }, restartMs)
    this.#timers.add(timer)
  }

  async #restart(number: number): Promise<void> {
    const done = await this.#takeTurn()
    try {
      if (!this.#isClosing) await this.#join(await this.#fork(number))
    } catch (problem) {
      this.#parts.log.error({ worker: number, err: problem }, 'a worker could not be started')
      const member = this.#members.get(number)
      if (member !== undefined) await this.#end(member)
    } finally {
      done()
    }
  }

  async #join({ talk, number }: Member): Promise<void> {
    const supergraph = this.#supergraph
    if (supergraph === null) return void (this.#isWaiting && (await talk.ask({ kind: 'wait' }, ANSWER_MS)))
    await talk.ask({ kind: 'load', supergraph }, LOAD_MS)
    await talk.ask({ kind: 'serve' }, ANSWER_MS)
    await talk.ask({ kind: 'listen' }, ANSWER_MS)
    this.#parts.log.info({ worker: number }, 'a worker was started again')
  }

  #askAll(question: ToWorker, timeoutMs: number): Promise<unknown[]> {
    return Promise.all([...this.#members.values()].map(({ talk }) => talk.ask(question, timeoutMs)))
  }

  /** Of all together: what one cannot do, one request in so many cannot have. */
  async #health(): Promise<Readiness> {
    const { config, feed } = this.#parts
    const answers = await Promise.all(
      [...this.#members.values()].map(
        ({ talk }) =>
          talk.ask({ kind: 'health' }, HEALTH_MS).catch(() => SILENT) as Promise<Readiness | undefined>,
      ),
    )
    const told = answers.filter((answer) => answer !== undefined)
    const reasons = told.flatMap((answer) => answer.reasons)
    if (feed.problem !== null) reasons.unshift(reasonOf(feed.problem))
    const [wanted, there] = [workerCount(config), told.length]
    if (there < wanted) reasons.push(reasonOf(new AssentError('WORKERS_MISSING', `${there} of ${wanted}`)))
    return { ready: there > 0 && told.every(({ ready }) => ready), reasons: eachOnce(reasons) }
  }
}

const SILENT: Readiness = { ready: false, reasons: [reasonOf(new AssentError('WORKER_SILENT', 'worker'))] }

const eachOnce = (reasons: readonly Reason[]): Reason[] => [
  ...new Map(reasons.map((reason) => [`${reason.code} ${reason.message}`, reason])).values(),
]
