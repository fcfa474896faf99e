import { beforeEach, describe, expect, test } from 'vitest'
import type { Charge } from '../../privacy/budget/charge.ts'
import type { Budget } from '../../subgraphs/budget/budget.ts'
import { type BudgetLedger, LOST_AFTER_MS, type Reservation } from '../../subgraphs/budget/ledger.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const DAY = 86_400_000
const budget: Budget = {
  name: 'events/analytics',
  delta: 1e-6,
  lifetime: 1,
  windows: [{ days: 7, epsilon: 0.5 }],
}
const count = (epsilon: number): Charge => ({ kind: 'pure', epsilon })

/** What every ledger promises. `open` gives an empty one. */
export function budgetLedgerContract(engine: string, open: () => Promise<BudgetLedger>): void {
  describe(`a budget ledger on ${engine}`, () => {
    let ledger: BudgetLedger
    beforeEach(async () => {
      ledger = await open()
    })
    let asked = 0
    const reserve = (
      charge: Charge,
      { query = `query ${(asked += 1)}`, snapshot = 's1', now = NOON, of = budget } = {},
    ) => ledger.reserve({ budget: of, charge, query, snapshot, now })
    const idOf = (reservation: Reservation): string =>
      reservation.kind === 'reserved' ? reservation.id : reservation.kind

    test('gives what there is, and then refuses and says how much is left of which limit', async () => {
      expect((await reserve(count(0.3))).kind).toBe('reserved')
      expect(await reserve(count(0.3))).toEqual({
        kind: 'refused',
        limit: { days: 7, epsilon: 0.5, spent: expect.closeTo(0.3, 12), left: expect.closeTo(0.2, 12) },
      })
      expect((await reserve(count(0.2))).kind).toBe('reserved')
    })

    test('a week later the week is new, and what is for ever is not', async () => {
      for (const week of [0, 1])
        expect((await reserve(count(0.5), { now: NOON + week * 7 * DAY })).kind).toBe('reserved')
      expect(await reserve(count(0.1), { now: NOON + 30 * DAY })).toMatchObject({
        kind: 'refused',
        limit: { days: null, left: 0 },
      })
      expect(await ledger.left(budget, NOON + 30 * DAY)).toEqual([
        { days: null, epsilon: 1, spent: expect.closeTo(1, 12), left: expect.closeTo(0, 12) },
        { days: 7, epsilon: 0.5, spent: 0, left: 0.5 },
      ])
    })

    test('the same of the same data is answered with the same, and costs nothing', async () => {
      const first = await reserve(count(0.5), { query: 'how many' })
      await ledger.settle(idOf(first), '41')
      await ledger.settle(idOf(first), '40')
      for (let again = 0; again < 3; again += 1)
        expect(await reserve(count(0.5), { query: 'how many' })).toEqual({ kind: 'answered', answer: '41' })
      expect((await reserve(count(0.5), { query: 'how many', snapshot: 's2' })).kind).toBe('refused')
    })

    test('while it is being answered nobody else is, and who died on the way has spent it', async () => {
      await reserve(count(0.2), { query: 'how many' })
      expect(await reserve(count(0.2), { query: 'how many' })).toEqual({ kind: 'under way' })
      const later = NOON + LOST_AFTER_MS
      expect((await reserve(count(0.2), { query: 'how many', now: later })).kind).toBe('reserved')
      expect((await ledger.left(budget, later))[0]?.spent).toBeCloseTo(0.4, 12)
    })

    test('those who reserve at once spend no more together than there is', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => reserve(count(0.05))))
      expect(answers.filter(({ kind }) => kind === 'reserved')).toHaveLength(10)
    })

    test('another data set or purpose has a budget of its own', async () => {
      await reserve(count(0.5))
      expect((await reserve(count(0.5), { of: { ...budget, name: 'events/marketing' } })).kind).toBe(
        'reserved',
      )
    })

    test('many small ones cost less together than they add up to', async () => {
      const wide: Budget = { name: 'wide', delta: 1e-6, lifetime: 3, windows: [] }
      const answers = []
      // eslint-disable-next-line no-await-in-loop -- one after the other
      for (let release = 0; release < 60; release += 1) answers.push(await reserve(count(0.1), { of: wide }))
      expect(answers.filter(({ kind }) => kind === 'reserved').length).toBeGreaterThan(40)
    })

    test('training is charged by its steps, Gaussian noise by ρ', async () => {
      const training: Budget = { name: 'training', delta: 1e-5, lifetime: 2.5, windows: [] }
      const steps: Charge = { kind: 'steps', samplingRate: 0.01, noiseMultiplier: 1, steps: 1000 }
      expect((await reserve(steps, { of: training })).kind).toBe('reserved')
      const [left] = await ledger.left(training, NOON)
      expect(left?.spent).toBeCloseTo(2.101365, 5)
      expect((await reserve({ kind: 'concentrated', rho: 0.01 }, { of: training })).kind).toBe('reserved')
      expect((await reserve(steps, { of: training })).kind).toBe('refused')
    })

    describe('of what takes long', () => {
      const training: Budget = { name: 'training', delta: 1e-5, lifetime: 4, windows: [] }
      const bound: Charge = { kind: 'approximate', epsilon: 2, delta: 4e-6 }
      const begin = (now: number, { query = 'train', isAlone = false, ms = 10_000 } = {}) =>
        ledger.reserve({
          budget: training,
          charge: bound,
          query,
          snapshot: 'run 1',
          now,
          lease: { ms, isAlone },
        })
      const spent = async (now = NOON): Promise<number> =>
        (await ledger.left(training, now))[0]?.spent ?? Number.NaN

      test('nobody else begins while its lease is renewed, however long that is', async () => {
        const id = idOf(await begin(NOON))
        for (const second of [9, 18, 27]) {
          const now = NOON + second * 1000
          // eslint-disable-next-line no-await-in-loop -- one after the other
          await ledger.renew(id, now + 10_000)
          // eslint-disable-next-line no-await-in-loop
          expect(await begin(now + 5_000)).toEqual({ kind: 'under way' })
        }
      })

      test('whoever died goes on with the same reservation when the lease has run out, and pays once', async () => {
        const first = await begin(NOON)
        expect(await begin(NOON + 9_999)).toEqual({ kind: 'under way' })
        expect(await begin(NOON + 10_000)).toEqual(first)
        // Taken up again, it has a lease again.
        expect(await begin(NOON + 10_001)).toEqual({ kind: 'under way' })
        expect(await begin(NOON + 10_002, { isAlone: true })).toEqual(first)
        expect(await spent()).toBe(2)
      })

      test('what it reserves and never settles stays spent', async () => {
        await begin(NOON)
        expect(await spent(NOON + 365 * DAY)).toBe(2)
        await begin(NOON, { query: 'another' })
        expect((await begin(NOON, { query: 'a third' })).kind).toBe('refused')
      })

      test('what it really released is what it cost, and never more than was reserved', async () => {
        const steps: Charge = { kind: 'steps', samplingRate: 0.02, noiseMultiplier: 1.5, steps: 300 }
        const id = idOf(await begin(NOON))
        await expect(ledger.settle(id, 'model', [{ ...steps, steps: 300_000 }])).rejects.toThrow(
          'more than was reserved',
        )
        expect(await spent()).toBe(2)
        await ledger.settle(id, 'model', [{ kind: 'concentrated', rho: 0.01 }, steps])
        const once = await spent()
        expect(once).toBeGreaterThan(0.5)
        expect(once).toBeLessThan(2)
        await ledger.settle(id, 'model', [{ kind: 'concentrated', rho: 1e-9 }])
        expect(await spent()).toBe(once)
        expect(await begin(NOON)).toEqual({ kind: 'answered', answer: 'model' })
      })

      test('ε and δ alone add up to what else there is, and more than all of δ is never there', async () => {
        await begin(NOON)
        await reserve({ kind: 'concentrated', rho: 0.01 }, { of: training })
        const alone = { ...training, name: 'alone', delta: training.delta - 4e-6 }
        await reserve({ kind: 'concentrated', rho: 0.01 }, { of: alone })
        expect(await spent()).toBeCloseTo(2 + ((await ledger.left(alone, NOON))[0]?.spent ?? 0), 12)
        const wide: Charge = { kind: 'approximate', epsilon: 0.1, delta: 7e-6 }
        expect((await reserve(wide, { of: training })).kind).toBe('refused')
      })

      test('who renews what was never reserved is told', async () => {
        await expect(ledger.renew('4711', NOON)).rejects.toThrow('there is no such reservation')
      })
    })

    test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 0])('a charge of %s never fits', async (epsilon) => {
      expect((await reserve(count(epsilon))).kind).toBe('refused')
    })

    test('who settles what was never reserved is told', async () => {
      await expect(ledger.settle('4711', '1')).rejects.toThrow('there is no such reservation')
    })
  })
}
