import { describe, expect, test } from 'vitest'
import { AT, COMPARISONS } from '../../subgraphs/identity/matching/compare-people.ts'
import { UNKNOWN } from '../../subgraphs/identity/matching/comparisons/comparison.ts'
import { estimate, isByTerm, startOf } from '../../subgraphs/identity/matching/model/estimate.ts'
import type { PairGroup } from '../../subgraphs/identity/matching/model/pair-groups.ts'
import type { Parameters } from '../../subgraphs/identity/matching/model/parameters.ts'
import { randomFrom } from '../../subgraphs/identity/matching/model/random.ts'

const COMPARED = [AT.given, AT.family, AT.birth, AT.email, AT.phone] as const

/** What a made-up town looks like: m, h and u of the comparisons that are compared. */
const PLANTED: Readonly<Record<'m' | 'h' | 'u', readonly (readonly number[])[]>> = {
  m: [
    [0.02, 0.02, 0.06, 0.1, 0.1, 0.68, 0.02],
    [0.04, 0.02, 0, 0.14, 0.8],
    [0.03, 0.02, 0.15, 0.8],
    [0.38, 0.02, 0.05, 0.05, 0.1, 0.2, 0.2],
    [0.4, 0.05, 0.1, 0.45],
  ],
  h: [
    [0.93, 0.01, 0.02, 0.005, 0.005, 0.025, 0.005],
    [0.1, 0.02, 0, 0.13, 0.75],
    [0.95, 0.02, 0.01, 0.02],
    [0.84, 0.01, 0, 0.15, 0, 0, 0],
    [0.8, 0, 0.2, 0, 0],
  ],
  u: [
    [0.965, 0.012, 0.008, 0.003, 0.005, 0.006, 0.001],
    [0.99, 0.002, 0, 0.001, 0.007],
    [0.995, 0.004, 0.0009, 0.0001],
    [0.99999, 0, 0, 0.00001, 0, 0, 0],
    [0.99999, 0, 0.00001, 0],
  ],
}

const drawn = (probabilities: readonly number[], random: () => number): number => {
  let left = random()
  const level = probabilities.findIndex((probability) => (left -= probability) < 0)
  return Math.max(0, level)
}

/** Pairs of a town, as they are counted: of each kind as many as planted, each comparison drawn for itself. */
const townOf = (random: () => number): PairGroup[] =>
  (
    [
      ['m', 3000, 1, false],
      ['h', 3000, 1, false],
      ['u', 20_000, 1, false],
      ['u', 20_000, 1000, true],
    ] as const
  ).flatMap(([kind, pairs, weight, areStrangers]) =>
    Array.from({ length: pairs }, () => {
      const levels = new Uint8Array(COMPARISONS.length).fill(UNKNOWN)
      let common = 0
      for (const [place, at] of COMPARED.entries()) {
        const level = drawn(PLANTED[kind][place] ?? [], random)
        // One in twenty does not know it.
        if (random() < 0.05) continue
        levels[at] = level
        if (isByTerm(at, level)) common += Math.log2(PLANTED.u[place]?.[level] ?? 1)
      }
      return { levels, common, weight, areStrangers }
    }),
  )

describe('what is learned without labels', () => {
  const learned = estimate(townOf(randomFrom(7)), startOf(3000))
  const of = (kind: keyof Pick<Parameters, 'm' | 'u' | 'h'>, at: number): readonly number[] => [
    ...(learned[kind][at] ?? []),
  ]

  test('it comes to rest', () => expect(learned.converged).toBe(true))

  test.each(COMPARED.map((at, place) => [COMPARISONS[at]?.name ?? '', at, place] as const))(
    '%s: m within .02 of what was planted, u within .005',
    (_, at, place) => {
      for (const [level, planted] of (PLANTED.m[place] ?? []).entries())
        expect(Math.abs((of('m', at)[level] ?? 0) - planted)).toBeLessThan(0.02)
      for (const [level, planted] of (PLANTED.u[place] ?? []).entries())
        expect(Math.abs((of('u', at)[level] ?? 0) - planted)).toBeLessThan(0.005)
    },
  )

  test('how many pairs are one person', () => {
    const found = learned.match * 20_026_000
    expect(found).toBeGreaterThan(2800)
    expect(found).toBeLessThan(3200)
  })

  test('probabilities of every group of alternatives add up to one', () => {
    for (const [at, comparison] of COMPARISONS.entries()) {
      const sums = new Map<number, number>()
      for (const [level, probability] of of('m', at).entries()) {
        const group = comparison.groupOf?.(level) ?? 0
        sums.set(group, (sums.get(group) ?? 0) + probability)
      }
      for (const sum of sums.values()) expect(sum).toBeCloseTo(1, 9)
    }
  })
})
