import { describe, expect, it } from 'vitest'
import { crmLikePeople } from '../support/people/crm-like-people.ts'
import { febrlLikePeople, inTwoFiles } from '../support/people/febrl-like-people.ts'
import { asCsv, asMapping } from '../support/people/labelled-people.ts'
import { scoreClusters, scorePairs } from '../support/people/score-matching.ts'

describe('people made up for matching', () => {
  it('are the same for the same seed, and others for another', () => {
    const csv = (seed: number): string => asCsv(crmLikePeople({ people: 50, seed }))
    expect(csv(1)).toBe(csv(1))
    expect(csv(1)).not.toBe(csv(2))
  })

  it('have a copy each in the second of two files', () => {
    const [originals, copies] = inTwoFiles(febrlLikePeople({ people: 40, seed: 1, copies: 'one' }))
    expect(originals.rows.length).toBe(40)
    expect(copies.rows.length).toBe(40)
    expect(
      copies.rows.filter((row, at) => row.slice(1).join() === originals.rows[at]?.slice(1).join()),
    ).toEqual([])
  })

  it('never tell in the file whose record it is', () => {
    const people = febrlLikePeople({ people: 3, seed: 1, copies: 'many', without: ['soc_sec_id'] })
    expect(asCsv(people).split('\n')[0]).not.toContain('true')
    expect(asMapping(people)).toMatch(
      /^id: rec_id\nfields:\n {2}given_name: given_name\n[^]*ignore: \[address_2, soc_sec_id\]\n$/,
    )
  })
})

describe('the score of clusters', () => {
  const personOf = new Map([
    ['a1', 1],
    ['a2', 1],
    ['a3', 1],
    ['b1', 2],
  ])

  it('counts pairs inside clusters against pairs inside people', () => {
    const clusters = Object.entries({ a1: 'x', a2: 'x', a3: 'y', b1: 'x' })
    expect(scoreClusters(clusters, personOf)).toEqual({
      found: 3,
      right: 1,
      wanted: 3,
      precision: 1 / 3,
      recall: 1 / 3,
      f1: 1 / 3,
      mixedClusters: 1,
    })
  })

  it('counts pairs as they are, without what follows from them', () => {
    const score = scorePairs(
      [
        ['a1', 'a2'],
        ['a2', 'a3'],
      ],
      personOf,
    )
    expect(score).toMatchObject({ precision: 1, recall: 2 / 3 })
  })
})
