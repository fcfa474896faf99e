import { describe, expect, it } from 'vitest'
import { crmLikePeople } from '../support/people/crm-like-people.ts'
import type { LabelledPeople } from '../support/people/labelled-people.ts'
import { createMatchingDesk } from '../support/people/matching-desk.ts'
import { scoreClusters } from '../support/people/score-matching.ts'

const desk = createMatchingDesk()
const people = crmLikePeople({ people: 700, seed: 21 })

/** Everybody has the same in these columns, as behind one switchboard or in a form that was never filled in. */
const sharing = (values: Readonly<Record<string, string>>): LabelledPeople => ({
  ...people,
  rows: people.rows.map((row) => row.map((cell, at) => values[people.columns[at] ?? ''] ?? cell)),
})

const matched = async (
  table: LabelledPeople,
): Promise<{ out: string; score: ReturnType<typeof scoreClusters> }> => {
  desk.putPeople('people', table)
  const which = ['--input', 'people.csv', '--mapping', 'people.yaml']
  const { code, out } = await desk.match(...which, '--output', 'pairs.csv', '--clusters', 'clusters.csv')
  expect(code).toBe(0)
  const clusters = desk.rows('clusters.csv').map(([id = '', cluster = '']): [string, string] => [id, cluster])
  return { out, score: scoreClusters(clusters, people.personOf) }
}

describe('what everybody shares', () => {
  it.each([
    ['one phone number', 'phone', '0293331234'],
    ['one mailbox', 'email', 'reception@towers.example'],
    ['one birth date', 'date_of_birth', '1980-02-03'],
    ['one address', 'street', 'Station Road'],
    ['one family name', 'surname', 'Nguyen'],
  ])('makes nobody one: %s', async (_, column, value) => {
    const { out, score } = await matched(sharing({ [column]: value }))
    expect(score.precision).toBeGreaterThan(0.8)
    // Not every row is held against every other.
    const candidates = Number(/^(\d+) candidate pairs/m.exec(out)?.[1])
    expect(candidates).toBeLessThan(people.rows.length * 100)
  })

  it('and stands for nothing is as if it were not there', async () => {
    const nothing = { email: 'null@example.com', company: 'n/a', date_of_birth: '1900-01-01', suburb: '-' }
    const { out, score } = await matched(sharing(nothing))
    for (const column of Object.keys(nothing))
      expect(out).toMatch(
        new RegExp(`^${column} .* 0\\.0 % +${people.rows.length} (placeholders|that are nobody’s)`, 'm'),
      )
    expect(score.precision).toBeGreaterThan(0.8)
    expect(score.f1).toBeGreaterThan(0.6)
  })
})
