import type { Logger } from 'pino'
import type { SupergraphSource } from '../adapters/supergraph-source.ts'
import type { Config } from '../config.ts'
import { AssentError } from '../errors.ts'
import { digestOf } from './digest-of.ts'
import type { GraphLoader } from './graph-loader.ts'
import type { SupergraphFeed } from './supergraph-feed.ts'

export interface FollowOptions {
  readonly source: SupergraphSource
  readonly config: Pick<Config, 'supergraphWatch' | 'supergraphPollMs' | 'supergraphStartMs'>
  readonly log: Logger
}

/** Brings what a source has, and what it has whenever that changes; for the first it waits `supergraphSource.startMs`. */
export const followSource = (options: FollowOptions): SupergraphFeed => new Following(options)

const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 5000

/** What is wrong with the supergraph itself stays wrong until it changes; everything else may pass. */
const LASTING: ReadonlySet<string> = new Set([
  'SUPERGRAPH_INVALID',
  'SUPERGRAPH_UNFENCED',
  'SUPERGRAPH_UNSUPPORTED',
  'CONFIG_INVALID',
  'CONTRACTS_INVALID',
])

/** What is wrong with reading it is over when it can be read again. */
const PASSING: ReadonlySet<string> = new Set(['SUPERGRAPH_UNAVAILABLE', 'SUPERGRAPH_UNSIGNED'])

class Following implements SupergraphFeed {
  readonly #options: FollowOptions
  #loader: GraphLoader | undefined
  #problem: AssentError | null = null
  /** In service, by digest. */
  #served: string | null = null
  /** Read, and not yet in service though it may come to be. */
  #pending: string | null = null
  #timer: NodeJS.Timeout | undefined
  #stopWatching: () => void = () => undefined
  #looking: Promise<void> | null = null
  #isChanged = false
  #isClosed = false

  constructor(options: FollowOptions) {
    this.#options = options
  }

  get problem(): AssentError | null {
    return this.#problem
  }

  async start(loader: GraphLoader, onWaiting: () => Promise<void>): Promise<void> {
    const { source, config } = this.#options
    this.#loader = loader
    const first = await this.#firstText(onWaiting)
    await (await loader.load(first)).serve()
    this.#served = digestOf(first)
    this.#problem = null
    if (!config.supergraphWatch) return
    this.#stopWatching = source.onChange(() => this.#look())
    this.#waitForNext()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#stopWatching()
    await this.#looking
  }

  async #firstText(onWaiting: () => Promise<void>): Promise<string> {
    const { source, config } = this.#options
    const deadline = performance.now() + config.supergraphStartMs
    for (let attempt = 0; ; attempt += 1) {
      const reading = source.read()
      const text = await (source.mayBeAway
        ? reading.catch((cause: unknown) => this.#trouble(cause))
        : reading)
      if (typeof text === 'string') return text
      const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt)
      const problem = this.#problem ?? new AssentError('SUPERGRAPH_UNAVAILABLE', source.name)
      if (performance.now() + pause > deadline) throw problem
      if (attempt === 0) await onWaiting()
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  #waitForNext(): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), this.#options.config.supergraphPollMs).unref()
  }

  /** One look at a time; a change told meanwhile is looked at afterwards. */
  #look(): void {
    this.#isChanged = true
    this.#looking ??= this.#lookWhileChanged().finally(() => {
      this.#looking = null
      if (this.#isChanged) this.#look()
      else this.#waitForNext()
    })
  }

  async #lookWhileChanged(): Promise<void> {
    while (this.#isChanged && !this.#isClosed) {
      this.#isChanged = false
      await this.#lookOnce()
    }
  }

  async #lookOnce(): Promise<void> {
    let text: string | null
    try {
      text = (await this.#options.source.read()) ?? this.#pending
      if (PASSING.has(this.#problem?.code ?? '')) this.#problem = null
    } catch (problem) {
      this.#trouble(problem)
      return
    }
    if (text === null || this.#isClosed) return
    this.#pending = text
    if (digestOf(text) === this.#served) this.#settle(null)
    else await this.#offer(text)
  }

  async #offer(text: string): Promise<void> {
    try {
      const loaded = await this.#loader?.load(text)
      await loaded?.serve()
      this.#served = digestOf(text)
      this.#settle(null)
    } catch (problem) {
      const refusal = refused(problem)
      const isLasting = problem instanceof AssentError && LASTING.has(problem.code)
      this.#options.log.error(
        { supergraph: digestOf(text), reasons: refusal.message, ...(!isLasting && { err: problem }) },
        'supergraph refused, the one before it stays in service',
      )
      if (isLasting) this.#settle(refusal)
      else this.#problem = refusal
    }
  }

  #settle(problem: AssentError | null): void {
    this.#pending = null
    this.#problem = problem
  }

  /** Said once for each run of failures. */
  #trouble(problem: unknown): null {
    const known =
      problem instanceof AssentError
        ? problem
        : new AssentError('SUPERGRAPH_UNAVAILABLE', this.#options.source.name, { cause: problem })
    if (this.#problem?.code !== known.code)
      this.#options.log.error({ code: known.code, source: this.#options.source.name }, known.message)
    this.#problem = known
    return null
  }
}

const refused = (problem: unknown): AssentError => {
  if (!(problem instanceof AssentError)) return new AssentError('SUPERGRAPH_REFUSED', 'an unexpected error')
  const { code, message, extensions } = problem
  const fault = { name: code, place: 'supergraph', problem: message, remedy: String(extensions['remedy']) }
  return new AssentError('SUPERGRAPH_REFUSED', 'supergraph', { faults: [fault], cause: problem })
}
