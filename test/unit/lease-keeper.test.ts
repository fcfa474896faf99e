import { describe, expect, test } from 'vitest'
import type { Renewed } from '../../gateway/lease/consent-protocol.ts'
import { LeaseKeeper } from '../../gateway/lease/lease-keeper.ts'

const SERVICE_TIME = Date.UTC(2026, 0, 15, 12)

/** Renews until it is told to stop, against a service that answers at once, in a time that only its pauses move. */
const kept = async (answers: (renewal: number) => Omit<Renewed, 'leaseMs'>) => {
  let [now, renewals] = [0, 0]
  const pauses: number[] = []
  const instant = () => ({ monotonic: now, wall: 0 })
  const until = { is: 50, reached: (): void => undefined }
  const isEnough = new Promise<void>((resolve) => {
    until.reached = resolve
  })
  const keeper = new LeaseKeeper({
    waitMs: 300,
    instant,
    apply: () => undefined,
    onTrouble: () => undefined,
    protocol: {
      renew: async () => {
        renewals += 1
        if (renewals === until.is) until.reached()
        if (renewals > until.is) return new Promise(() => undefined)
        return { leaseMs: 1_000, ...answers(renewals) }
      },
      release: async () => undefined,
    },
    pause: async (ms) => {
      pauses.push(ms)
      now += ms
    },
  })
  keeper.start()
  await isEnough
  await new Promise((resolve) => setImmediate(resolve))
  return { pauses, keeper }
}

describe('A service that answers every renewal at once', () => {
  test.each<[string, Pick<Renewed, 'changes'>]>([
    ['with nothing', { changes: [] }],
    ['that everything is to be forgotten', { changes: null }],
    ['with what it has told already', { changes: [{ revision: '7', subject: 'ada' }] }],
  ])('%s is not asked as fast as it answers', async (_what, told) => {
    const { pauses } = await kept(() => ({ revision: '7', ...told }))
    // The first answer is news, which is acknowledged at once.
    expect(pauses).toEqual(Array.from({ length: 49 }, () => 20))
  })

  test('with news each time is told at once that they are applied', async () => {
    const { pauses } = await kept((renewal) => ({ revision: String(renewal), changes: [] }))
    expect(pauses).toEqual([])
  })
})

describe('The end of a lease', () => {
  test('is told by the clock of the service, counted from before it was asked for', async () => {
    const { keeper } = await kept(() => ({ revision: '7', changes: [], now: SERVICE_TIME }))
    expect(keeper.lease.term()).toEqual({ until: SERVICE_TIME + 1_000, leftMs: 980 })
  })

  test('is told by ours where the service does not say', async () => {
    const { keeper } = await kept(() => ({ revision: '7', changes: [] }))
    expect(keeper.lease.term()).toEqual({ until: 1_000, leftMs: 980 })
  })

  test('is not told where there is none', async () => {
    const { keeper } = await kept(() => ({ revision: '7', changes: [] }))
    await keeper.stop()
    expect(keeper.lease.term()).toBeNull()
  })
})
