import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rankCandidates, similarItems } from '../../subgraphs/recommendations/item-to-item.ts'
import { learn } from '../../subgraphs/recommendations/learn.ts'
import { countBuyers, localeChain } from '../../subgraphs/recommendations/popular.ts'

const sku = fc.constantFrom<string>('A', 'B', 'C', 'D', 'E', 'F', '__proto__')
const baskets = fc.array(fc.array(sku, { maxLength: 6 }), { maxLength: 25 })
const all = { minimumSupport: 1, neighbours: 100 }

describe('Similar items', () => {
  it('are the cosine of their buyers', () => {
    const found = similarItems([['A', 'B'], ['A', 'B'], ['A'], ['B'], ['A', 'C']], all)
    expect(found.filter((one) => one.sku === 'A')).toEqual([
      { sku: 'A', other: 'B', score: 2 / Math.sqrt(4 * 3) },
      { sku: 'A', other: 'C', score: 1 / Math.sqrt(4 * 1) },
    ])
  })

  it('are never learned from what one person alone bought together', () => {
    expect(similarItems([['A', 'B'], ['A'], ['B']])).toEqual([])
    expect(similarItems([['A', 'B', 'B', 'A']])).toEqual([])
    expect(
      similarItems([
        ['A', 'B'],
        ['B', 'A'],
      ]),
    ).toHaveLength(2)
  })

  it('are mutual, never themselves, and scored above 0 and at most 1', () => {
    fc.assert(
      fc.property(baskets, (given) => {
        const found = similarItems(given, all)
        const scores = new Map(found.map((one) => [`${one.sku} ${one.other}`, one.score]))
        for (const one of found) {
          expect(one.sku).not.toBe(one.other)
          expect(one.score).toBeGreaterThan(0)
          expect(one.score).toBeLessThanOrEqual(1)
          expect(scores.get(`${one.other} ${one.sku}`)).toBe(one.score)
        }
      }),
    )
  })

  it('do not depend on the order of people or of what they bought', () => {
    fc.assert(
      fc.property(baskets, (given) => {
        const turned = given.map((basket) => basket.toReversed()).toReversed()
        expect(similarItems(turned)).toEqual(similarItems(given))
      }),
    )
  })

  it('are the nearest, when only so many are kept', () => {
    fc.assert(
      fc.property(baskets, fc.integer({ min: 1, max: 4 }), (given, neighbours) => {
        const whole = similarItems(given, all)
        const kept = similarItems(given, { ...all, neighbours })
        const nearest = ['A', 'B', 'C', 'D', 'E', 'F', '__proto__'].flatMap((name) =>
          whole.filter((one) => one.sku === name).slice(0, neighbours),
        )
        expect(new Set(kept)).toEqual(new Set(nearest))
      }),
    )
  })
})

describe('Candidates', () => {
  it('are never what somebody has, each named once, in an order that input order does not change', () => {
    fc.assert(
      fc.property(baskets, fc.array(sku, { maxLength: 5 }), (given, own) => {
        const neighbours = similarItems(given, all)
        const of = (name: string) => neighbours.filter((one) => one.sku === name)
        const ranked = rankCandidates(own, of)
        expect(ranked.filter((one) => own.includes(one))).toEqual([])
        expect(new Set(ranked).size).toBe(ranked.length)
        expect(rankCandidates([...own, ...own].toReversed(), of)).toEqual(ranked)
      }),
    )
  })

  it('add up over everything somebody has; ties go by name', () => {
    const neighbours = new Map([
      [
        'A',
        [
          { other: 'C', score: 0.5 },
          { other: 'E', score: 0.25 },
          { other: 'D', score: 0.25 },
        ],
      ],
      [
        'B',
        [
          { other: 'F', score: 0.6 },
          { other: 'C', score: 0.25 },
        ],
      ],
    ])
    expect(rankCandidates(['B', 'A'], (name) => neighbours.get(name) ?? [])).toEqual(['C', 'F', 'D', 'E'])
    expect(rankCandidates([], () => [])).toEqual([])
  })
})

describe('Popularity', () => {
  it('counts people, in every locale around the purchase, and not a single one', () => {
    const bought = (pid: string, locale: string) => ({ pid, sku: 'A', locale })
    const rows = countBuyers([
      bought('ada', 'de-DE'),
      bought('ada', 'de-DE'),
      bought('bo', 'de-AT'),
      bought('cyd', 'fr-FR'),
    ])
    expect(rows).toEqual([
      { locale: 'de', sku: 'A', buyers: 2 },
      { locale: '*', sku: 'A', buyers: 3 },
    ])
  })

  it.each([
    ['pt-BR', ['pt-br', 'pt', '*']],
    ['zh_Hant_TW', ['zh-hant-tw', 'zh-hant', 'zh', '*']],
    ['', ['*']],
    [null, ['*']],
    ['*', ['*']],
    ['not a locale', ['*']],
    ['a-'.repeat(5_000), ['*']],
  ])('looks up %j from near to far', (locale, chain) => {
    expect(localeChain(locale)).toEqual(chain)
  })

  it('and similarity are learned only from those who allow it', () => {
    const bought = (pid: string, name: string) => ({ pid, sku: name, at: 0, locale: 'de-DE' })
    const purchases = ['ada', 'bo', 'cyd'].flatMap((pid) => [bought(pid, 'A'), bought(pid, 'B')])
    const learned = (...pids: string[]) =>
      learn({ products: [], purchases, mayLearnFrom: (pid) => pids.includes(pid) })
    expect(learned('ada')).toMatchObject({ popularity: [], similarities: [], purchases })
    expect(learned('ada', 'bo').similarities).toHaveLength(2)
    expect(learned('ada', 'bo').popularity.every(({ buyers }) => buyers === 2)).toBe(true)
  })
})
