import { beforeEach, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { buildTrainingSet } from '../../subgraphs/features/training/build-training-set.ts'
import { verifyTrainingSet } from '../../subgraphs/features/training/check-training-set.ts'
import type { TrainingSpec } from '../../subgraphs/features/training/training-spec.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'
import { DAY, NOON, openTrainingDesk, type TrainingDesk } from '../support/training-desk.ts'

const LABEL = NOON - 10 * DAY
const PEOPLE = ['ada', 'bo', 'cyd', 'dee', 'eve']

/** Sixteen years, and fourteen in Austria. */
const LAW = bundleOf(`${NAMED}${STRICT('[minimumAge]')}
regions:
  AT: { defaults: { minimumAge: 14 } }
`)
const WHO_IS_UNKNOWN_IS_DENIED = bundleOf(`${NAMED}${STRICT('[minimumAge]').replace('allowed', 'denied')}`)

/** Born so many years and days before the label. */
const born = (years: number, days = 0): string => {
  const [year = '', ...rest] = new Date(LABEL - days * DAY).toISOString().slice(0, 10).split('-')
  return [String(Number(year) - years), ...rest].join('-')
}

const spec = (consent: TrainingSpec['consent'] = 'then-and-now', at = LABEL): TrainingSpec => ({
  name: 'churn',
  purpose: 'model_training',
  consent,
  features: [{ name: 'sessions', version: null }],
  entities: { kind: 'listed', rows: PEOPLE.map((pid) => ({ pid, at, label: null })) },
})

describe('A person under the age limit of their region', () => {
  let desk: TrainingDesk
  const build = (consent?: TrainingSpec['consent'], at?: number) =>
    buildTrainingSet(spec(consent, at), desk, { vocabulary: standardVocabulary })
  const whoIsIn = async (consent?: TrainingSpec['consent'], at?: number) => {
    const { rows, manifest } = await build(consent, at)
    return { pids: rows.map(({ pid }) => pid), leftOut: manifest.leftOut.byPolicy }
  }

  beforeEach(async () => {
    desk = openTrainingDesk()
    desk.policy = LAW
    for (const pid of PEOPLE)
      for (const scope of ['analytics', 'product_recs']) await desk.say(pid, scope, 'given', LABEL - 60 * DAY)
  })

  test('is in no set, though they agreed, and is counted by the code; who lives elsewhere is in by the law of there', async () => {
    desk.records.set('ada', [{ region: 'DE', born: born(30) }])
    desk.records.set('bo', [{ region: 'DE', born: born(15) }])
    desk.records.set('cyd', [{ region: 'AT', born: born(15) }])
    expect(await whoIsIn()).toEqual({
      pids: ['ada', 'cyd', 'dee', 'eve'],
      leftOut: { UNDER_AGE: { rows: 1, people: 1 } },
    })
  })

  test('is one until the day of their birthday has begun everywhere', async () => {
    desk.records.set('ada', [{ region: 'DE', born: born(16, 1) }])
    desk.records.set('bo', [{ region: 'DE', born: born(16, -1) }])
    expect((await whoIsIn('then')).pids).toEqual(['ada', 'cyd', 'dee', 'eve'])
    // At noon UTC it is the day itself everywhere on earth.
    desk.records.set('bo', [{ region: 'DE', born: born(16) }])
    expect((await whoIsIn('then', LABEL - 1)).pids).not.toContain('bo')
    expect((await whoIsIn('then', LABEL)).leftOut).toEqual({})
  })

  test('is taken at their age of the label, and with the rule `now` at that of today', async () => {
    desk.records.set('bo', [{ region: 'DE', born: born(16, -5) }])
    expect((await whoIsIn('then')).pids).not.toContain('bo')
    expect((await whoIsIn('then-and-now')).pids).not.toContain('bo')
    expect((await whoIsIn('now')).pids).toContain('bo')
  })

  test('of several records is who the strictest says', async () => {
    desk.records.set('bo', [
      { region: 'AT', born: born(15) },
      { region: 'DE', born: null },
    ])
    desk.records.set('cyd', [
      { region: 'DE', born: born(40) },
      { region: 'DE', born: born(15) },
    ])
    expect((await whoIsIn()).leftOut).toEqual({ UNDER_AGE: { rows: 2, people: 2 } })
  })

  test('of whom nobody knows how old they are is who the policy says', async () => {
    desk.records.set('ada', [{ region: 'DE', born: born(30) }])
    desk.records.set('bo', [{ region: 'DE', born: 'unreadable' }])
    expect((await whoIsIn()).leftOut).toEqual({ AGE_UNKNOWN: { rows: 1, people: 1 } })
    desk.policy = WHO_IS_UNKNOWN_IS_DENIED
    expect(await whoIsIn()).toEqual({ pids: ['ada'], leftOut: { AGE_UNKNOWN: { rows: 4, people: 4 } } })
  })

  test('is asked for by nothing where the house has no policy', async () => {
    desk.policy = null
    desk.records.set('bo', [{ region: 'DE', born: born(3) }])
    expect((await whoIsIn()).pids).toEqual(PEOPLE)
  })

  test('has left a set that was built before it was known, as one who withdrew has', async () => {
    const set = await build()
    expect((await verifyTrainingSet(set, desk)).left).toEqual([])
    desk.records.set('bo', [{ region: 'DE', born: born(12) }])
    expect((await verifyTrainingSet(set, desk)).left).toEqual(['bo'])
  })
})
