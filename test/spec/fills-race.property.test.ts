import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ConsentProtocol } from '../../gateway/lease/consent-protocol.ts'
import { createLeasedConsent } from '../../gateway/lease/leased-consent.ts'
import type { ConsentState } from '../../gateway/ports.ts'

/** Everything that can be said, asked and answered about one person, in any order that a scheduler can think of. */
type Act = 'says yes' | 'says no' | 'is asked about'

const act = fc.constantFrom<Act[]>('says yes', 'says no', 'is asked about')

/** A service whose store is a list of what Ada said: the n-th is revision n. */
const serviceOf = (said: readonly Act[], acknowledged: (revision: number) => void): ConsentProtocol => ({
  async decide() {
    return { revision: String(said.length), states: [stateAt(said)] }
  },
  async renew({ after, acknowledged: revision }) {
    acknowledged(Number(revision))
    const changes = said.map((_, index) => ({ revision: String(index + 1), subject: 'ada' }))
    const told = after === null ? null : changes.slice(Number(after))
    return { revision: String(said.length), leaseMs: 1_000, changes: told }
  },
  release: () => Promise.resolve(),
})

const stateAt = (said: readonly Act[]): ConsentState => {
  const status = said.at(-1) === 'says yes' ? ('given' as const) : ('withdrawn' as const)
  const scopes = new Map([['contact', { status, receipt: 'receipt-1', expiresAt: null }]])
  return { subject: 'ada', revision: String(said.length), scopes }
}

describe('Answers about a person and news of that person, in whichever order they come,', () => {
  test('never leave a yes that is older than the no that was heard of', async () => {
    let loads = 0
    const property = fc.asyncProperty(
      fc.scheduler(),
      fc.array(act, { minLength: 3, maxLength: 10 }),
      async (scheduler, acts) => {
        const said: Act[] = []
        let heard = 0
        const service = serviceOf(said, (revision) => void (heard = Math.max(heard, revision)))
        const consent = createLeasedConsent({
          protocol: {
            decide: scheduler.scheduleFunction(service.decide),
            renew: scheduler.scheduleFunction(service.renew),
            release: service.release,
          },
          timeoutMs: 60_000,
          most: 10,
          instant: () => ({ monotonic: 0, wall: 0 }),
          onTrouble: () => undefined,
          pause: scheduler.scheduleFunction(() => Promise.resolve()),
        })
        /** What is acted upon is as new as what has been acknowledged. */
        const check = (state: ConsentState | undefined): void => {
          if (state !== undefined) expect(Number(state.revision)).toBeGreaterThanOrEqual(heard)
        }
        const look = async (): Promise<void> => {
          const known = consent.known('ada', {})
          if (known !== undefined) return check(known)
          check((await consent.load(['ada'], {}).catch(() => undefined))?.get('ada'))
          loads += 1
        }
        void scheduler.scheduleSequence(
          acts.map((one) => async () => {
            if (one === 'is asked about') void look().catch(fail)
            else said.push(one)
          }),
        )
        let failure: unknown
        const fail = (problem: unknown): void => void (failure ??= problem)
        for (let step = 0; step < 40 && scheduler.count() > 0; step += 1) {
          await scheduler.waitOne()
          // Whoever waited for this acts before the next thing happens.
          await new Promise((resolve) => setImmediate(resolve))
          check(consent.known('ada', {}))
          if (failure !== undefined) throw failure as Error
        }
        await consent.close()
      },
    )
    await fc.assert(property, { numRuns: 1_000 })
    expect(loads).toBeGreaterThan(500)
  })
})
