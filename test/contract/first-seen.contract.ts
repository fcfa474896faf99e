import { beforeEach, describe, expect, test } from 'vitest'
import type { FirstSeen } from '../../subgraphs/consent/door/first-seen.ts'

const NOON = Date.UTC(2026, 4, 1, 12)

/** What every engine that remembers who was first must do. */
export const firstSeenContract = (name: string, make: () => Promise<FirstSeen>): void => {
  describe(`First seen in ${name}`, () => {
    let firstSeen: FirstSeen
    beforeEach(async () => {
      firstSeen = await make()
    })
    const remember = (key: string, value: string, now = NOON, until = NOON + 1000) =>
      firstSeen.remember(key, value, { now, until })

    test('is what came first, whatever comes later', async () => {
      expect(await remember('proof', 'ada')).toEqual({ value: 'ada', isNew: true })
      expect(await remember('proof', 'bo')).toEqual({ value: 'ada', isNew: false })
      expect(await remember('other', 'bo')).toEqual({ value: 'bo', isNew: true })
    })

    test('is remembered until it runs out, and not a millisecond longer', async () => {
      await remember('proof', 'ada')
      expect(await remember('proof', 'bo', NOON + 999, NOON + 2000)).toEqual({ value: 'ada', isNew: false })
      expect(await remember('proof', 'bo', NOON + 1000, NOON + 2000)).toEqual({ value: 'bo', isNew: true })
    })

    test('is one of many that come at once', async () => {
      const seen = await Promise.all(Array.from({ length: 20 }, (_, each) => remember('proof', `${each}`)))
      expect(seen.filter(({ isNew }) => isNew)).toHaveLength(1)
      expect(new Set(seen.map(({ value }) => value)).size).toBe(1)
    })

    test('goes on, however much was remembered and has run out', async () => {
      for (let each = 0; each < 1_100; each++)
        await remember(`proof ${each}`, '', NOON + each, NOON + each + 1)
      expect(await remember('proof 1', 'again', NOON + 2_000, NOON + 3_000)).toMatchObject({ isNew: true })
    })
  })
}
