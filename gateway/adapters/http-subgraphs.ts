import { AssentError } from '../errors.ts'
import type { HeaderRules } from '../header-rules.ts'
import type { LeaseTerm, SubgraphClient, SubgraphEvent, SubgraphRequest, SubgraphResponse } from '../ports.ts'
import type { GrantSigner } from './grant-signer.ts'
import { Circuit } from './http-subgraphs/circuit.ts'
import type { CircuitOptions } from './http-subgraphs/circuit.ts'
import { openConnections } from './http-subgraphs/connections.ts'
import { createDeadlines } from './http-subgraphs/deadlines.ts'
import type { Lane } from './http-subgraphs/lane.ts'
import { RetryBudget } from './http-subgraphs/retry-budget.ts'
import { SharedCall } from './http-subgraphs/shared-call.ts'
import { Slots } from './http-subgraphs/slots.ts'
import { createRequestWriter } from './http-subgraphs/write-request.ts'
import type { WriteRequest } from './http-subgraphs/write-request.ts'

export interface HttpSubgraphsOptions {
  /** GraphQL endpoint by subgraph name. */
  readonly urls: ReadonlyMap<string, string>
  /** Null for a graph without personal data: its requests carry no grant and need no signature. */
  readonly sign: GrantSigner | null
  /** The rest of the lease that decisions rest on; absent where there is none. */
  readonly term?: () => LeaseTerm | null
  /** For the whole answer, waiting and trying again included, in milliseconds. */
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  /** Connections kept to one origin. */
  readonly connections: number
  /** Calls under way to one subgraph, and calls that wait for that. */
  readonly concurrency: number
  readonly queue: number
  /** Whether equal queries under way at the same moment are sent once. */
  readonly dedupe: boolean
  readonly headers: HeaderRules
  /** The header that says how many milliseconds are left; null: none does. */
  readonly deadlineHeader: string | null
  readonly retries: number
  readonly retryPercent: number
  readonly circuit: CircuitOptions
  readonly onEvent?: (event: SubgraphEvent, subgraph: string) => void
  /** How long each answer is, as text. */
  readonly onAnswer?: (characters: number, subgraph: string) => void
}

export interface HttpSubgraphs extends SubgraphClient {
  close(): Promise<void>
}

/** Subgraphs over HTTP. What one of them does wrong stays between it and who asked it. */
export const createHttpSubgraphs = (options: HttpSubgraphsOptions): HttpSubgraphs => {
  const connections = openConnections({ ...options, connectTimeoutMs: options.timeoutMs })
  const deadlines = createDeadlines(stepOf(options.timeoutMs))
  const desks = new Map<string, Desk>()
  const forgetAll = (): void => {
    for (const desk of desks.values()) desk.forget()
  }
  for (const [subgraph, address] of options.urls) {
    const url = new URL(address)
    const lane = openLane({ subgraph, wire: connections.wireTo(url), deadlines }, options)
    const write = createRequestWriter({ ...options, subgraph, url })
    desks.set(subgraph, createDesk({ lane, write, dedupe: options.dedupe, forgetAll }))
  }
  return {
    send(request) {
      const desk = desks.get(request.subgraph)
      if (desk === undefined) return Promise.reject(new AssentError('SUBGRAPH_UNREACHABLE', request.subgraph))
      return desk.send(request)
    },
    close: () => connections.close(),
  }
}

/** A deadline is kept to a hundredth, and nobody is woken more often than that needs. */
const stepOf = (timeoutMs: number): number => Math.min(50, Math.max(5, Math.floor(timeoutMs / 100)))

const openLane = (
  own: Pick<Lane, 'subgraph' | 'wire' | 'deadlines'>,
  options: HttpSubgraphsOptions,
): Lane => {
  const tell = (event: SubgraphEvent): void => options.onEvent?.(event, own.subgraph)
  return {
    ...own,
    timeoutMs: options.timeoutMs,
    retries: options.retries,
    circuit: new Circuit(options.circuit, tell),
    slots: new Slots(options.concurrency, options.queue),
    budget: new RetryBudget(options.retryPercent),
    tell,
    received: (characters) => options.onAnswer?.(characters, own.subgraph),
  }
}

interface DeskParts {
  readonly lane: Lane
  readonly write: WriteRequest
  readonly dedupe: boolean
  readonly forgetAll: () => void
}

interface Desk {
  send(request: SubgraphRequest): Promise<SubgraphResponse>
  /** Whatever is under way ends for who waits for it, and nobody joins it any more. */
  forget(): void
}

/**
 * A call that may be joined; nothing once it is over. What was ever in a map that lives this long may be kept far beyond its
 * time (`deadlines.ts`), and a call holds all the data of who waits for it.
 */
interface UnderWay {
  call: SharedCall | null
}

/** Where requests to one subgraph come in: equal queries under way at the same moment are sent once. */
const createDesk = ({ lane, write, dedupe, forgetAll }: DeskParts): Desk => {
  const underWay = new Map<string, UnderWay>()

  const begin = (request: SubgraphRequest): Promise<SubgraphResponse> => {
    const written = write(request)
    const isShared = dedupe && written.isRepeatable
    const same = isShared ? underWay.get(written.key) : undefined
    if (same?.call) {
      lane.tell('dedupe')
      return same.call.join(request)
    }
    const entry: UnderWay = { call: null }
    const call = new SharedCall(lane, written, () => {
      entry.call = null
      // The key is as long as the request: where nobody joins, it is never looked at.
      if (isShared && underWay.get(written.key) === entry) underWay.delete(written.key)
      // Who has changed something and asks again must not be given an answer from before.
      if (!written.isRepeatable) forgetAll()
    })
    entry.call = call
    if (isShared) underWay.set(written.key, entry)
    const answer = call.join(request)
    call.start()
    return answer
  }

  return {
    send(request) {
      const { over, deadline } = request.lifetime
      if (over !== null) return Promise.reject(over)
      if (deadline > performance.now()) return begin(request)
      return Promise.reject(new AssentError('SUBGRAPH_TIMEOUT', lane.subgraph))
    },
    forget: () => underWay.clear(),
  }
}
