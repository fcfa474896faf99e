import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blockingRules } from '../../subgraphs/identity/matching/blocking/blocking-rules.ts'
import { candidatePairs } from '../../subgraphs/identity/matching/blocking/candidate-pairs.ts'
import { contract, type Affinity } from '../../subgraphs/identity/matching/clusters/contract.ts'
import { mergeable } from '../../subgraphs/identity/matching/clusters/mergeable.ts'
import { createPeopleComparer } from '../../subgraphs/identity/matching/compare-people.ts'
import { readPeople } from '../../subgraphs/identity/matching/people/people.ts'

const NEVER = Number.NEGATIVE_INFINITY
const affinityIn =
  (odds: ReadonlyMap<string, number>) =>
  (one: number, other: number): Affinity => ({
    odds: odds.get([one, other].toSorted((left, right) => left - right).join('-')) ?? -4,
    isOnesOwn: true,
  })

describe('records that fit become a person', () => {
  test('nobody is chained to a stranger by a record that fits both', () => {
    // Ada, a record without a given name, Bo: both are near the middle one, and never one another.
    const odds = new Map([
      ['0-1', 9],
      ['1-2', 8],
      ['0-2', NEVER],
    ])
    expect(contract([0, 1, 2], affinityIn(odds), 0)).toEqual([[0, 1], [2]])
  })

  test('a name and an address that agree again and again are one piece of evidence', () => {
    const again = { odds: 4, isOnesOwn: false }
    expect(contract([0, 1, 2, 3], () => again, 5)).toEqual([[0], [1], [2], [3]])
    expect(contract([0, 1, 2, 3], () => ({ ...again, isOnesOwn: true }), 3)).toHaveLength(1)
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
        const affinity = (one: number, other: number): Affinity => ({
          odds: odds[Math.min(one, other) * size + Math.max(one, other)] ?? 0,
          isOnesOwn: (one + other) % 2 === 0,
        })
        const members = Array.from({ length: size }, (_, at) => at)
        const clusters = contract(members, affinity, threshold)
        expect(clusters.flat().toSorted((one, other) => one - other)).toEqual(members)
        const first = new Int32Array(size)
        for (const cluster of clusters) {
          for (const one of cluster) {
            first[one] = Math.min(...cluster)
            for (const other of cluster) if (one !== other) expect(affinity(one, other).odds).not.toBe(NEVER)
          }
        }
        const parts = mergeable(first, affinity, threshold + 2)
        for (const [record, part] of parts.entries()) expect(first[part]).toBe(first[record])
      }),
      { numRuns: 200, seed: 5 },
    ))
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
