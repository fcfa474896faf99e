import { parse as pathParts, join } from 'node:path'
import process from 'node:process'
import type { Config } from '../config.ts'
import { type RunningGateway, startGateway, type TellReadiness } from '../server.ts'
import { converse } from './conversation.ts'
import { createLog } from './create-log.ts'
import { feedOfPrimary } from './feed-of-primary.ts'
import type { ToPrimary, ToWorker } from './worker-talk.ts'

/** A worker: a whole gateway on the port that all share. The primary brings its settings and each supergraph. */
const feed = feedOfPrimary()
let running: Promise<RunningGateway> | undefined
let own: TellReadiness | undefined

const primary = converse<ToPrimary>(process as never, (question) => answer(question as ToWorker))

async function answer(question: ToWorker): Promise<unknown> {
  switch (question.kind) {
    case 'start':
      return start(question.config, question.worker)
    case 'wait':
      return unlessFailed(feed.wait())
    case 'load':
      return unlessFailed(feed.load(question.supergraph))
    case 'serve':
      return unlessFailed(feed.serve())
    case 'discard':
      return feed.discard()
    case 'listen':
      return (await running)?.url
    case 'health':
      return own?.()
  }
}

const HEALTH_MS = 2000
const HELLO_MS = 10_000

function start(config: Config, worker: number): void {
  running = startGateway(
    {
      ...config,
      decisionLogFile: ownFile(config.decisionLogFile, worker),
      metricsPort: ownPort(config, worker),
    },
    {
      feed,
      log: createLog(config, { worker }),
      readiness: (ownReadiness) => {
        own = ownReadiness
        return async () => (await primary.ask({ kind: 'health' }, HEALTH_MS)) as ReturnType<TellReadiness>
      },
    },
  )
  running.catch(() => undefined)
}

/** Appended lines of several processes could be torn by a full disk; each process can repair its own. */
function ownFile(file: string, worker: number): string {
  const { dir, name, ext } = pathParts(file)
  return join(dir, `${name}.${worker}${ext}`)
}

/** Counters of several processes cannot be told from one place. */
function ownPort({ metricsPort }: Config, worker: number): number | null {
  return metricsPort === null || metricsPort === 0 ? metricsPort : metricsPort + worker - 1
}

/** A gateway that cannot start asks for no supergraph any more. */
async function unlessFailed<T>(work: Promise<T>): Promise<T> {
  const failed = new Promise<never>((_, reject) => void running?.catch(reject))
  return Promise.race([work, failed])
}

let isStopping = false
async function stop(): Promise<void> {
  if (isStopping) return
  isStopping = true
  if (feed.hasServed()) await (await running)?.close()
  process.exit(0)
}
process.on('SIGTERM', () => void stop())
// Control-C goes to the whole group; the primary tells when to stop.
process.on('SIGINT', () => undefined)

await primary.ask({ kind: 'hello' }, HELLO_MS)
