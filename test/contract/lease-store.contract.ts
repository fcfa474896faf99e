import { describe, expect, test } from 'vitest'
import type { LeaseStore } from '../../subgraphs/consent/leases/lease-store.ts'

/** What every store of leases does, whatever keeps them. */
export const leaseStoreContract = (name: string, empty: () => Promise<LeaseStore>): void => {
  describe(`leases in ${name}`, () => {
    test('what was acknowledged is not taken back by a renewal that comes late', async () => {
      const leases = await empty()
      await leases.hold('a-gateway', '7')
      await leases.hold('a-gateway', '5')
      expect(await leases.leases()).toMatchObject([{ holder: 'a-gateway', acknowledged: '7' }])
      expect(await leases.acknowledgements('6')).toMatchObject([{ holder: 'a-gateway' }])
      expect(await leases.acknowledgements('8')).toEqual([])
    })

    test('a renewal is told from every other, also of a lease that was taken away between them', async () => {
      const leases = await empty()
      const seen: number[] = []
      for (const isTakenAway of [false, true, false]) {
        await leases.hold('a-gateway', '0')
        const [lease] = await leases.leases()
        if (lease === undefined) throw new Error('no lease')
        seen.push(lease.renewals)
        if (isTakenAway) await leases.remove(lease)
      }
      expect(new Set(seen).size).toBe(3)
    })

    test('a lease is as long as the longest it was granted for', async () => {
      const leases = await empty()
      for (const ms of [500, 2_000, 1_000]) await leases.hold('a-gateway', '0', ms)
      expect(await leases.leases()).toMatchObject([{ holder: 'a-gateway', ms: 2_000 }])
      await leases.release('a-gateway')
      await leases.hold('a-gateway', '0', 500)
      expect(await leases.leases()).toMatchObject([{ holder: 'a-gateway', ms: 500 }])
    })

    test('a lease that was renewed since it was seen is not taken away', async () => {
      const leases = await empty()
      await leases.hold('a-gateway', '0')
      const [seen] = await leases.leases()
      await leases.hold('a-gateway', '0')
      if (seen !== undefined) await leases.remove(seen)
      expect(await leases.leases()).toHaveLength(1)
      await leases.release('a-gateway')
      expect(await leases.leases()).toEqual([])
    })
  })
}
