import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blockingRules } from '../../subgraphs/identity/matching/blocking/blocking-rules.ts'
import { candidatePairs } from '../../subgraphs/identity/matching/blocking/candidate-pairs.ts'
import { contract, type Judge } from '../../subgraphs/identity/matching/clusters/contract.ts'
import { mergeable } from '../../subgraphs/identity/matching/clusters/mergeable.ts'
import { sizePrior } from '../../subgraphs/identity/matching/clusters/size-prior.ts'
import { createPeopleComparer } from '../../subgraphs/identity/matching/compare-people.ts'
import { readPeople } from '../../subgraphs/identity/matching/people/people.ts'

const NEVER = Number.NEGATIVE_INFINITY
/** What is between two groups is the sum of what is between their records. */
const addingUp = (oddsOf: (one: number, other: number) => number): Judge<number> => ({
  between(one, other) {
    const odds = oddsOf(Math.min(one, other), Math.max(one, other))
    return odds === NEVER ? null : odds
  },
  joined: (one, other) => one + other,
  oddsOf: (odds) => odds,
})

describe('records that fit become a person', () => {
  test('nobody is chained to a stranger by a record that fits both', () => {
    // Ada, a record without a given name, Bo: both are near the middle one, and never one another.
    const odds = new Map([
      ['0-1', 9],
      ['1-2', 8],
      ['0-2', NEVER],
    ])
    const judge = addingUp((one, other) => odds.get(`${one}-${other}`) ?? -4)
    expect(contract([0, 1, 2], judge, 0)).toEqual([[0, 1], [2]])
  })

  const graphs = fc.integer({ min: 2, max: 9 }).chain((size) =>
    fc.record({
      size: fc.constant(size),
      odds: fc.array(fc.oneof(fc.constant(NEVER), fc.double({ min: -15, max: 15, noNaN: true })), {
        minLength: size * size,
        maxLength: size * size,
      }),
      threshold: fc.double({ min: -3, max: 5, noNaN: true }),
    }),
  )

  test('no cluster ever holds two that can never be one, each record is in one cluster, and what may be merged stays inside', () =>
    fc.assert(
      fc.property(graphs, ({ size, odds, threshold }) => {
        const between = (one: number, other: number): number => odds[one * size + other] ?? 0
        const judge = addingUp(between)
        const members = Array.from({ length: size }, (_, at) => at)
        const clusters = contract(members, judge, threshold)
        expect(clusters.flat().toSorted((one, other) => one - other)).toEqual(members)
        const first = new Int32Array(size)
        for (const cluster of clusters) {
          for (const one of cluster) {
            first[one] = Math.min(...cluster)
            for (const other of cluster) if (one < other) expect(between(one, other)).not.toBe(NEVER)
          }
        }
        const parts = mergeable(first, judge, threshold + 2)
        for (const [record, part] of parts.entries()) expect(first[part]).toBe(first[record])
      }),
      { numRuns: 200, seed: 5 },
    ))
})

describe('how many records people have', () => {
  /** So many people of one record, of two, …: of each record the first of its person. */
  const clustersOf = (...counts: number[]): Int32Array => {
    const first: number[] = []
    for (const [at, count] of counts.entries()) {
      for (let person = 0; person < count; person += 1)
        first.push(...Array.from({ length: at + 1 }, () => first.length))
    }
    return Int32Array.from(first)
  }
  const matchOf = (clusters: Int32Array, pairs: number): number =>
    pairs / ((clusters.length * (clusters.length - 1)) / 2)

  test('where everybody has two, a lone record has a fellow and two pairs are two people', () => {
    const clusters = clustersOf(20, 1000)
    const prior = sizePrior(clusters, matchOf(clusters, 1000))
    expect(prior(1, 1)).toBeGreaterThan(5)
    expect(prior(2, 2)).toBeLessThan(-3)
  })

  test('where nobody has two, it is less likely than any two records are', () => {
    const clusters = clustersOf(2000)
    expect(sizePrior(clusters, 1e-4)(1, 1)).toBeLessThan(-3)
  })

  test('where people have any number, a third is as likely as a second', () => {
    const clusters = clustersOf(400, 200, 100, 50, 25, 12)
    const prior = sizePrior(clusters, matchOf(clusters, 200 + 300 + 300 + 250 + 180))
    expect(Math.abs(prior(1, 1) - prior(2, 1))).toBeLessThan(2)
  })

  test('of no records nothing is said that is not a number', () => {
    expect(sizePrior(new Int32Array(), 1e-3)(1, 1)).not.toBeNaN()
  })
})

describe('pairs worth comparing', () => {
  const pairsOf = async (rows: readonly Readonly<Record<string, string>>[]) => {
    const people = await readPeople(
      rows.map((values, at) => ({ id: String(at).padStart(6, '0'), source: 's', values })),
      () => undefined,
    )
    const rules = blockingRules(people, createPeopleComparer(people).hinted.of)
    return candidatePairs(rules, people.size, new Uint32Array(people.size))
  }
  const listed = async (rows: readonly Readonly<Record<string, string>>[]): Promise<string[]> => {
    const found: string[] = []
    ;(await pairsOf(rows)).each((left, right) => found.push(`${left}-${right}`))
    return found
  }

  test('names changed about, sounding alike or cut short still meet', async () => {
    const ada = { given_name: 'Ada', family_name: 'Meyer', postcode: '4560' }
    expect(await listed([ada, { given_name: 'Meyer', family_name: 'Ada' }])).toEqual(['0-1'])
    expect(await listed([ada, { given_name: 'A', family_name: 'Maier', postcode: '4560' }])).toEqual(['0-1'])
    expect(await listed([ada, { given_name: 'Bo', family_name: 'Holt', postcode: '2000' }])).toEqual([])
  })

  test('a pair that many rules find comes once', async () => {
    const ada = { given_name: 'Ada', family_name: 'Holt', email: 'kestrel@one.example', phone: '0406614608' }
    expect(await listed([ada, ada, ada])).toEqual(['0-1', '0-2', '1-2'])
  })

  test('a number that everybody gives is not compared in full, and nobody drops out for it', async () => {
    const rows = Array.from({ length: 3000 }, () => ({ phone: '0406614608' }))
    const pairs = await pairsOf(rows)
    const met = new Set<number>()
    let count = 0
    pairs.each((left, right) => {
      count += 1
      met.add(left).add(right)
    })
    expect(count).toBeLessThan(rows.length * 10)
    expect(met.size).toBe(rows.length)
    expect(pairs.rules.find(({ name }) => name === 'phone')?.oversized).toBe(1)
  })
})
