import { createLeasedConsent, type LeasedConsent } from '../../gateway/lease/leased-consent.ts'
import type { ConsentProtocol, Renewed } from '../../gateway/lease/consent-protocol.ts'
import type { Instant } from '../../gateway/lease/lease.ts'
import { readConsentStates } from '../../gateway/adapters/consent-states.ts'
import { type Barrier, createBarrier } from '../../subgraphs/consent/leases/barrier.ts'
import type { LeaseStore } from '../../subgraphs/consent/leases/lease-store.ts'
import { createMemoryLeaseStore } from '../../subgraphs/consent/leases/memory-lease-store.ts'
import { createMemoryConsentStore } from '../../subgraphs/consent/memory-store.ts'
import { consentProtocol } from '../../subgraphs/consent/protocol.ts'
import type { ConsentStore } from '../../subgraphs/consent/store.ts'
import { writeReceipts } from '../../subgraphs/consent/receipts/write-receipts.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'

export const LEASE_MS = 1_000

/** A consent service and the gateways that hold leases of it, without a port between them; the tests own the time. */
export interface ConsentNetwork {
  readonly store: ConsentStore
  readonly leases: LeaseStore
  readonly barrier: Barrier
  /** Milliseconds since the epoch. */
  readonly clock: () => number
  /** Moves the clocks of everybody. */
  pass(ms: number): void
  give(pid: string, ...scopes: string[]): Promise<string>
  withdraw(pid: string, ...scopes: string[]): Promise<string>
  /** These are one person's from now on; answers the revision of it. */
  link(decisionId: string, ...pids: string[]): Promise<string>
  unlink(decisionId: string): Promise<string>
  /** `between` stands between one gateway and the service. */
  gateway(between?: Partial<ConsentProtocol>): LeasedConsent
  /** The service, as a gateway speaks to it. */
  protocol(): ConsentProtocol
  close(): Promise<void>
}

const [anyScope] = standardVocabulary.scopes.values()
/** The scopes of the people graph besides the standard ones. */
const vocabulary = {
  ...standardVocabulary,
  scopes: new Map([
    ...standardVocabulary.scopes,
    ...['contact', 'profiling', 'identity_strong'].map((scope) => [scope, anyScope!] as const),
  ]),
}

const NOON = Date.UTC(2026, 0, 15, 12)

export const createConsentNetwork = (): ConsentNetwork => {
  let passed = 0
  const clock = (): number => NOON + passed
  const instant = (): Instant => ({ monotonic: passed, wall: clock() })
  const store = createMemoryConsentStore()
  const leases = createMemoryLeaseStore(clock)
  const barrier = createBarrier({ leases, leaseMs: LEASE_MS, monotonic: () => passed })
  const calls = consentProtocol({ store, leases, leaseMs: LEASE_MS, clock, lookEveryMs: null })
  const call = async (name: string, input: object, signal: AbortSignal): Promise<Record<string, unknown>> => {
    const answer = calls.get(`/consent/v1/${name}`)
    if (answer === undefined) throw new Error(`no call ${name}`)
    // Through JSON, as over a connection.
    return JSON.parse(JSON.stringify(await answer(JSON.parse(JSON.stringify(input)), signal))) as Record<
      string,
      unknown
    >
  }
  const closing: (() => Promise<void>)[] = []
  const says =
    (status: 'given' | 'withdrawn') =>
    async (pid: string, ...scopes: string[]) => {
      await writeReceipts(store, { pid, scopes, source: 'test', status }, { vocabulary, now: clock() })
      return store.revision()
    }
  return {
    store,
    leases,
    barrier,
    clock,
    pass: (ms) => void (passed += ms),
    give: says('given'),
    withdraw: says('withdrawn'),
    async link(decisionId, ...pids) {
      await store.link([{ decisionId, pids, kind: 'merged', at: clock(), by: 'test' }], clock())
      return store.revision()
    },
    async unlink(decisionId) {
      await store.unlink([{ decisionId, at: clock(), by: 'test' }], clock())
      return store.revision()
    },
    gateway(between = {}) {
      const left = new AbortController()
      const leased = createLeasedConsent({
        protocol: { ...protocolOver((name, input) => call(name, input, left.signal)), ...between },
        timeoutMs: 200,
        most: 1_000,
        waitMs: 60_000,
        instant,
        onTrouble: () => undefined,
        pause: () => new Promise((resolve) => setImmediate(resolve)),
      })
      closing.push(async () => {
        await leased.close()
        left.abort()
      })
      return leased
    },
    protocol: () => protocolOver((name, input) => call(name, input, new AbortController().signal)),
    close: async () => void (await Promise.all(closing.map((close) => close()))),
  }
}

/** The protocol without HTTP. */
const protocolOver = (
  call: (name: string, input: object) => Promise<Record<string, unknown>>,
): ConsentProtocol => ({
  async decide(subjects, context) {
    const { revision, now, states } = await call('decide', { subjects, context })
    const reading = { asked: new Set(subjects), now: Number(now) }
    return { revision: String(revision), states: readConsentStates(states as unknown[], reading) }
  },
  async renew(renewal) {
    const { revision, leaseMs, changes } = await call('lease', renewal)
    const told =
      (changes as [string, string][] | null)?.map(([at, subject]) => ({ revision: at, subject })) ?? null
    return { revision: String(revision), leaseMs: Number(leaseMs), changes: told } satisfies Renewed
  },
  release: async (holder) => void (await call('lease/release', { holder })),
})
