import { standardVocabulary } from '../../directives/vocabulary.ts'
import { type Barrier, createBarrier, type Effect } from '../../subgraphs/consent/leases/barrier.ts'
import type { LeaseStore } from '../../subgraphs/consent/leases/lease-store.ts'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { consentProtocol } from '../../subgraphs/consent/protocol.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import type { Random } from './random.ts'

const LEASE_MS = 1_000
const LONGEST_WAIT_MS = 5_000

/** What a person says to one replica. */
export interface Said {
  readonly pid: string
  readonly scope: string
  readonly status: 'given' | 'withdrawn'
  readonly expiresAt: number | null
}

export interface Replica {
  call(name: string, input: object): Promise<Record<string, unknown>>
  /** Resolves with the revision when it is written. */
  write(said: Said): Promise<string>
  waitFor(revision: string): Promise<Effect>
  /** Nothing that is under way is answered, and what it knew in memory is gone. */
  restart(): void
}

export interface SimulatedService {
  readonly replicas: readonly Replica[]
}

const [anyScope] = standardVocabulary.scopes.values()
const vocabulary = {
  ...standardVocabulary,
  scopes: new Map(['contact', 'profiling'].map((scope) => [scope, anyScope!] as const)),
}

/** Several replicas before one store, which takes its time before and after everything it does. */
export const createSimulatedService = (random: Random, replicas: number): SimulatedService => {
  const store = createMemoryConsentStore()
  const written = new Map<string, string>()
  const shared: Shared = {
    random,
    written,
    leases: createMemoryLeaseStore(),
    store: {
      ...store,
      async append(receipts) {
        const answer = await store.append(receipts)
        for (const { consentId } of receipts) written.set(consentId, answer.revision)
        return answer
      },
    },
  }
  return { replicas: Array.from({ length: replicas }, () => createReplica(shared)) }
}

/** What all replicas stand before. */
interface Shared {
  readonly random: Random
  readonly store: ConsentStore
  readonly leases: LeaseStore
  /** By receipt, the revision that it was written with. */
  readonly written: ReadonlyMap<string, string>
}

const createReplica = (shared: Shared): Replica => {
  const { written } = shared
  let running = begin(shared)
  /** What a process that is gone was about to answer, nobody hears. */
  const unlessGone = async <Answer>(ask: (from: Running) => Promise<Answer>): Promise<Answer> => {
    const from = running
    const answer = await ask(from)
    if (from !== running) throw new Error('the connection was reset')
    return answer
  }
  return {
    call: (name, input) =>
      unlessGone(async ({ calls, left }) => {
        const call = calls.get(`/consent/v1/${name}`)
        if (call === undefined) throw new Error(`no call ${name}`)
        return overJson(await call(overJson(input), left.signal))
      }),
    write: ({ pid, scope, status, expiresAt }) =>
      unlessGone(async ({ store }) => {
        const expires = expiresAt === null ? {} : { expiresAt: new Date(expiresAt).toISOString() }
        const input = { pid, scopes: [scope], source: 'test', status, ...expires }
        const [receipt] = await writeReceipts(store, input, { vocabulary, now: Date.now() })
        const revision = written.get(receipt?.consentId ?? '')
        if (revision === undefined) throw new Error('it was not written')
        return revision
      }),
    waitFor: (revision) => unlessGone(({ barrier }) => barrier.waitFor(revision, LONGEST_WAIT_MS)),
    restart() {
      running.left.abort()
      running = begin(shared)
    },
  }
}

interface Running {
  readonly store: ConsentStore
  readonly barrier: Barrier
  readonly calls: ReturnType<typeof consentProtocol>
  readonly left: AbortController
}

const begin = (shared: Shared): Running => {
  const store = slow(shared.store, shared.random)
  const leases = slow(shared.leases, shared.random)
  const listeners = new Set<() => void>()
  // A replica is told of its own writes, and sees those of others when it looks.
  const own: ConsentStore = {
    ...store,
    async append(receipts) {
      const written = await store.append(receipts)
      for (const listener of listeners) listener()
      return written
    },
    onWrite(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const options = { store: own, leases, leaseMs: LEASE_MS, clock: Date.now, lookEveryMs: 50 }
  return {
    store: own,
    barrier: createBarrier({ leases, leaseMs: LEASE_MS }),
    calls: consentProtocol(options),
    left: new AbortController(),
  }
}

const TAKES_TIME: ReadonlySet<string> = new Set([
  'records',
  'append',
  'changesAfter',
  'revision',
  'hold',
  'leases',
  'remove',
  'release',
  'acknowledgements',
])

const slow = <Store extends object>(store: Store, random: Random): Store => {
  const pause = (): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(resolve, random.chance(0.02) ? random.below(100) : random.below(3))
    })
  const methods = Object.entries(store).map(([name, method]: [string, (...args: unknown[]) => unknown]) => {
    if (!TAKES_TIME.has(name)) return [name, method] as const
    const taking = async (...args: unknown[]): Promise<unknown> => {
      await pause()
      const answer = await method(...args)
      await pause()
      return answer
    }
    return [name, taking] as const
  })
  return Object.fromEntries(methods) as Store
}

const overJson = (value: object): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value)) as Record<string, unknown>
