import { readConsentStates } from '../../gateway/adapters/consent-states.ts'
import { onOurClock } from '../../gateway/adapters/on-our-clock.ts'
import type { ConsentProtocol, Renewed } from '../../gateway/lease/consent-protocol.ts'
import type { Instant } from '../../gateway/lease/lease.ts'
import { createLeasedConsent, type LeasedConsent } from '../../gateway/lease/leased-consent.ts'
import type { Faults } from './faults.ts'
import type { Random } from './random.ts'
import type { Replica } from './simulated-service.ts'
import type { Wire } from './simulated-wire.ts'

const TIMEOUT_MS = 200
const WAIT_MS = 300

interface Over {
  readonly random: Random
  readonly replicas: readonly Replica[]
  readonly faults: Faults
  readonly clock: () => number
}

/** What a gateway knows of consent, from whichever replica answers. */
export const leaseOver = (wire: Wire, { random, replicas, faults, clock }: Over): LeasedConsent => {
  const earlier = new Map<string, Record<string, unknown>>()
  const instant = (): Instant => ({ monotonic: performance.now(), wall: clock() })
  const call = async (name: string, input: object, waitMs = 0): Promise<Record<string, unknown>> => {
    const answered = (async () => {
      await wire.out()
      const question = JSON.stringify([name, input])
      const old = name === 'decide' && random.chance(0.05) ? earlier.get(question) : undefined
      // A replica that lags answers as it would have then.
      const answer = old ? { ...old, now: Date.now() } : await random.of(replicas).call(name, input)
      if (!earlier.has(question) || random.chance(0.1)) earlier.set(question, answer)
      await wire.back()
      return answer
    })()
    answered.catch(() => undefined)
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('too late')), TIMEOUT_MS + waitMs)
    })
    return Promise.race([answered, late])
  }
  return createLeasedConsent({
    protocol: faults.protocol(protocolOver(call, instant)),
    timeoutMs: TIMEOUT_MS,
    most: 50,
    waitMs: WAIT_MS,
    instant: faults.instant(instant),
    onTrouble: () => undefined,
    pause: async (ms) => {
      await new Promise((resolve) => {
        setTimeout(resolve, ms)
      })
      while (wire.isStopped()) await wire.back()
    },
  })
}

type Call = (name: string, input: object, waitMs?: number) => Promise<Record<string, unknown>>

const protocolOver = (call: Call, instant: () => Instant): ConsentProtocol => ({
  async decide(subjects, context) {
    const askedAt = instant()
    const { revision, now, states } = await call('decide', { subjects, context })
    const told = readConsentStates(states as unknown[], { asked: new Set(subjects), now: Number(now) })
    return {
      revision: String(revision),
      states: told.map((state) => onOurClock(state, Number(now), askedAt)),
    }
  },
  async renew(renewal) {
    const { revision, leaseMs, changes } = await call('lease', renewal, renewal.waitMs)
    const told =
      (changes as [string, string][] | null)?.map(([at, subject]) => ({ revision: at, subject })) ?? null
    return { revision: String(revision), leaseMs: Number(leaseMs), changes: told } satisfies Renewed
  },
  release: async (holder) => void (await call('lease/release', { holder })),
})
