import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { epsilonOfRho } from '../../privacy/accounting/concentrated.ts'
import { type Bounded, createBounding } from '../../subgraphs/aggregates/bound-contributions.ts'
import { type Cells, cellsBy, cellsOfWidth, NO_CELLS } from '../../subgraphs/aggregates/cells.ts'
import { contributionOf } from '../../subgraphs/aggregates/contribution-of.ts'
import { histogramKind } from '../../subgraphs/aggregates/release/histogram-release.ts'
import { spendingOf } from '../../subgraphs/aggregates/release/noise.ts'
import type { Part } from '../../subgraphs/aggregates/release/part.ts'
import { quantileKind } from '../../subgraphs/aggregates/release/quantile-release.ts'
import { scalarKind } from '../../subgraphs/aggregates/release/scalar-release.ts'
import { SESSIONS } from '../support/cohorts/cohort-desk.ts'
import { sessions } from '../support/cohorts/cohort-release.ts'
import { seededWords } from '../support/seeded-words.ts'

const metric = sessions(
  SESSIONS.replace('contributions: 2', 'contributions: 3')
    .replace('grid: 1, lower: 0', 'grid: 0.5, lower: -20')
    .replace('quantiles: 100', 'quantiles: 300'),
)
const value = metric.value!

/** Whatever a person may have sent, numbers that are none among it. */
const seconds = fc.oneof(
  fc.double({ min: -1e6, max: 1e6 }),
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, Number.MAX_VALUE),
)
const channel = fc.constantFrom('web', 'app', 'shop', 'fax', '__proto__')
const event = fc.record({ pid: fc.constantFrom('ada', 'ada2', 'bo', 'cyd', 'dee'), seconds, channel })
const events = fc.array(event, { maxLength: 40 })
interface Event {
  readonly pid: string
  readonly seconds: number
  readonly channel: string
}

const kinds: readonly (readonly [string, readonly Part[], Pick<Cells, 'cellOf'>])[] = [
  ...(['people', 'count', 'sum', 'mean'] as const).map(
    (name) => [name, scalarKind(metric, name).parts, NO_CELLS] as const,
  ),
  ['histogram by value', histogramKind(metric, 3).parts, cellsBy(metric, null)],
  ['histogram by channel', histogramKind(metric, 3).parts, cellsBy(metric, 'channel')],
  ['quantiles', quantileKind(metric, 300, [0.5]).parts, cellsOfWidth(value, 300)],
]

/** Names of events stay as they are when somebody's are gone. Two of the pids are Ada's. */
const bounded = (
  given: readonly (Event & { readonly index: number })[],
  cells: Pick<Cells, 'cellOf'>,
): Bounded => {
  const bounding = createBounding(metric.contributions, Buffer.alloc(32, 3))
  for (const { pid, index, ...data } of given) {
    const one = { position: '1', source: 'shop', eventId: `e${index}`, pid, scope: 'analytics', data }
    const contribution = contributionOf(one, { metric, cohort: [], cells })
    if (contribution !== null) bounding.add(pid, contribution)
  }
  return bounding.bounded(new Map([['ada2', 'ada']]))
}

describe('Ada’s coming or going changes no part by more than its noise is made for', () => {
  test.each(kinds)('%s', (_, parts, cells) => {
    fc.assert(
      fc.property(events, (given) => {
        const named = given.map((one, index) => ({ ...one, index }))
        const present = bounded(named, cells)
        const without = bounded(
          named.filter(({ pid }) => !pid.startsWith('ada')),
          cells,
        )
        for (const part of parts) {
          const [a, b] = [part.count(present), part.count(without)]
          const differences = a.map((x, index) => Number(x - (b[index] ?? 0n)))
          expect(a).toHaveLength(b.length)
          expect(differences.reduce((sum, x) => sum + Math.abs(x), 0)).toBeLessThanOrEqual(part.sensitivity)
          expect(differences.reduce((sum, x) => sum + x * x, 0)).toBeLessThanOrEqual(part.squaredSensitivity)
        }
      }),
      { seed: 7, numRuns: 300 },
    )
  })
})

test('which events count does not depend on their order, their values or how often they are told', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { maxLength: 30 }), fc.integer(), (names, seed) => {
      const kept = (order: readonly string[], steps: number): string[] => {
        const bounding = createBounding(4, Buffer.alloc(32, 1))
        for (const name of order) bounding.add('ada', { event: name, steps, cell: null })
        return bounding.bounded(new Map()).flatMap((own) => own.map((one) => one.event))
      }
      const shuffled = names.toSorted(
        (a, b) => ((a.length + seed) % 7) - ((b.length + seed) % 7) || (a < b ? 1 : -1),
      )
      expect(kept([...shuffled, ...names], 99)).toEqual(kept(names, 1))
      expect(kept(names, 1).length).toBe(Math.min(4, names.length))
    }),
    { seed: 3 },
  )
})

test('whoever has several pids counts as one who did all of it under one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: fc.string(), pid: fc.constantFrom('ada', 'ada2', 'ada3') }), {
        maxLength: 30,
      }),
      (done) => {
        const [apart, together] = [createBounding(4, KEY), createBounding(4, KEY)]
        for (const { name: event_, pid } of done) {
          apart.add(pid, { event: event_, steps: 1, cell: null })
          together.add('ada', { event: event_, steps: 1, cell: null })
        }
        const oneOf = new Map([
          ['ada2', 'ada'],
          ['ada3', 'ada'],
        ])
        expect(apart.bounded(oneOf)).toEqual(together.bounded(new Map()))
      },
    ),
    { seed: 4 },
  )
})

const KEY = Buffer.alloc(32, 1)

test('a key of its own draws other events', () => {
  const names = Array.from({ length: 50 }, (_, index) => `e${index}`)
  const kept = (fill: number) => {
    const bounding = createBounding(5, Buffer.alloc(32, fill))
    for (const event_ of names) bounding.add('ada', { event: event_, steps: 0, cell: null })
    return bounding.bounded(new Map())[0]?.map((one) => one.event)
  }
  expect(kept(1)).not.toEqual(kept(2))
})

test('sums of any size stay whole', () => {
  const part = scalarKind(metric, 'sum').parts[1]
  const people: Bounded = Array.from({ length: 3 }, () => [
    { event: 'e', steps: Number.MAX_SAFE_INTEGER, cell: null },
  ])
  expect(part?.count(people)).toEqual([3n * BigInt(Number.MAX_SAFE_INTEGER)])
})

describe('what the ledger is told', () => {
  test('is ε as it was asked for, or ρ that gives no more than that', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (thousandths) => {
        expect(spendingOf('discrete-laplace', thousandths, 1e-6)?.charge).toEqual({
          kind: 'pure',
          epsilon: thousandths / 1000,
        })
        const charge = spendingOf('discrete-gaussian', thousandths, 1e-6)?.charge
        expect(charge?.kind).toBe('concentrated')
        if (charge?.kind !== 'concentrated') return
        expect(epsilonOfRho(charge.rho, 1e-6)).toBeLessThanOrEqual(thousandths / 1000)
        expect(epsilonOfRho(charge.rho * 1.01 + 2e-9, 1e-6)).toBeGreaterThan(thousandths / 1000)
      }),
      { seed: 1, numRuns: 60 },
    )
  })

  test.each(['discrete-laplace', 'discrete-gaussian'] as const)(
    '%s: an interval covers what it says, and not much more',
    (mechanism) => {
      const part = scalarKind(metric, 'count').parts[1]!
      const noise = spendingOf(mechanism, 500, 1e-6)!.noiseFor(part, 4)
      const [words, reach] = [seededWords(4), noise.reach(0.05)]
      const draws = Array.from({ length: 20_000 }, () => Math.abs(noise.sampler(words)))
      const outside = draws.filter((x) => x > reach).length / draws.length
      expect(outside).toBeLessThan(0.056)
      expect(outside).toBeGreaterThan(0.035)
    },
  )
})
