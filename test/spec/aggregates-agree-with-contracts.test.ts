import { describe, expect, test } from 'vitest'
import { eventTerms } from '../../cli/event-terms.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { readAggregates, readAggregatesIn } from '../../subgraphs/aggregates/read-aggregates.ts'
import { SESSIONS } from '../support/cohorts/cohort-desk.ts'

const terms = { scope: 'analytics', purpose: ['analytics'], fields: ['seconds', 'channel'] }
const BUDGETS = `
dataset: events
snapshotHours: 24
budgets:
  analytics: { delta: 1e-6, lifetime: 20, windows: [] }
`
const read = (said: Partial<typeof terms> | null) => () =>
  readAggregates(
    [
      { file: 'budgets.yaml', text: BUDGETS.replace('windows: []', 'windows: [{ days: 1, epsilon: 4 }]') },
      { file: 'sessions.yaml', text: SESSIONS },
    ],
    standardVocabulary,
    () => (said === null ? null : { ...terms, ...said }),
  )

describe('What may be asked about cohorts is held against the contracts of the events', () => {
  test('and those of this repository agree', () => {
    expect(read({})).not.toThrow()
    const declared = readAggregatesIn(
      'aggregates',
      standardVocabulary,
      eventTerms('events', standardVocabulary),
    )
    expect([...declared.metrics.keys()]).toContain('sessions')
  })

  test.each([
    ['an event nobody agreed on', null, 'event: there is no contract'],
    ['another consent than it is recorded under', { scope: 'marketing_email' }, 'scope: its contract says'],
    ['a purpose it was not recorded for', { purpose: ['personalization'] }, 'purposes: `analytics`'],
    ['a value it does not carry', { fields: ['channel'] }, 'value: its contract has no field `seconds`'],
    ['a dimension it does not carry', { fields: ['seconds'] }, 'dimensions: `channel`'],
  ])('%s keeps the house from starting', (_, said, fault) => {
    expect(read(said)).toThrow(/^(?=[^]*sessions\.yaml:\d+)[^]*/)
    expect(read(said)).toThrow(fault)
  })
})
