import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { isEventDefinition, valueAt, withEvents } from '../../subgraphs/features/materialise/feature-state.ts'
import { asLines, buildTrainingSet } from '../../subgraphs/features/training/build-training-set.ts'
import {
  rebuildTrainingSet,
  verifyTrainingSet,
} from '../../subgraphs/features/training/check-training-set.ts'
import { createMemoryTrainingRegistry } from '../../subgraphs/features/training/memory-registry.ts'
import { mustRebuild, registered } from '../../subgraphs/features/training/training-registry.ts'
import type { TrainingSpec } from '../../subgraphs/features/training/training-spec.ts'
import { valueThen } from '../../subgraphs/features/training/value-then.ts'
import { DAY, HOUR, NOON, openTrainingDesk, type TrainingDesk } from '../support/training-desk.ts'

const vocabulary = standardVocabulary
const LABEL = NOON - 10 * DAY

const spec = (more: Partial<TrainingSpec> = {}): TrainingSpec => ({
  name: 'churn',
  purpose: 'model_training',
  consent: 'then-and-now',
  features: ['sessions', 'seconds'].map((name) => ({ name, version: null })),
  entities: { kind: 'listed', rows: [{ pid: 'ada', at: LABEL, label: 'stays' }] },
  ...more,
})
const rowsOf = (...rows: readonly (readonly [pid: string, at: number])[]): Partial<TrainingSpec> => ({
  entities: { kind: 'listed', rows: rows.map(([pid, at]) => ({ pid, at, label: null })) },
})
const only = (name: string): Partial<TrainingSpec> => ({ features: [{ name, version: null }] })

describe('A training set', () => {
  let desk: TrainingDesk
  beforeEach(async () => {
    desk = openTrainingDesk()
    for (const pid of ['ada', 'bo', 'cyd'])
      for (const scope of ['analytics', 'product_recs']) await desk.say(pid, scope, 'given', LABEL - 60 * DAY)
  })
  const build = (more: Partial<TrainingSpec> = {}) => buildTrainingSet(spec(more), desk, { vocabulary })
  const session = (pid: string, at: number, seconds: number, receivedAt = at) =>
    desk.did(pid, 'session', at, { receivedAt, data: { seconds } })
  const values = async (more: Partial<TrainingSpec> = {}) =>
    (await build(more)).rows.map((row) => ({ ...row.values }))

  describe('is correct as of the time of each label', () => {
    test('what happened before and was known before counts, and nothing else', async () => {
      session('ada', LABEL - 5 * HOUR, 10)
      session('ada', LABEL - 1, 20)
      session('ada', LABEL, 1_000)
      session('ada', LABEL + HOUR, 1_000)
      expect(await values()).toEqual([{ sessions: 2, seconds: 15 }])
    })

    test('what happened before and was heard of later was not known', async () => {
      session('ada', LABEL - 5 * HOUR, 10)
      session('ada', LABEL - 5 * HOUR, 1_000, LABEL)
      session('ada', LABEL - 5 * HOUR, 1_000, LABEL + DAY)
      expect(await values()).toEqual([{ sessions: 1, seconds: 10 }])
    })

    test('what was heard before and is said to happen later does not count', async () => {
      session('ada', LABEL - 5 * HOUR, 10)
      session('ada', LABEL + HOUR, 1_000, LABEL - 2)
      expect(await values()).toEqual([{ sessions: 1, seconds: 10 }])
    })

    test('a window ends where the label stands', async () => {
      session('ada', LABEL - 31 * DAY, 1_000)
      session('ada', LABEL - 29 * DAY, 10)
      session('ada', LABEL - DAY, 30)
      expect(await values()).toEqual([{ sessions: 2, seconds: 20 }])
      // Of one of the two the time had run out by then.
      expect(await values(rowsOf(['ada', LABEL - 2 * DAY]))).toEqual([{ sessions: null, seconds: 505 }])
    })

    test('a value that would have run out by then is none', async () => {
      session('ada', LABEL - 10 * DAY, 10)
      expect(await values()).toEqual([{ sessions: null, seconds: 10 }])
      expect(await values(rowsOf(['ada', LABEL - 1]))).toEqual([{ sessions: 1, seconds: 10 }])
    })

    test('who did nothing has a row without values', async () => {
      expect(await values()).toEqual([{ sessions: null, seconds: null }])
    })

    test('it is what a batch computes that ends where the label stands', () => {
      const happened = fc.record({
        type: fc.constantFrom('session', 'purchase'),
        at: fc.integer({ min: LABEL - 40 * DAY, max: LABEL - 1 }),
        seconds: fc.integer({ min: 0, max: 900 }),
        sku: fc.constantFrom('a', 'b'),
      })
      const definitions = desk.definitions.filter(isEventDefinition)
      fc.assert(
        fc.property(fc.array(happened, { maxLength: 12 }), (all) => {
          const events = all.map(({ type, at, seconds, sku }, index) => ({
            position: String(index + 1),
            eventId: `e-${index}`,
            type,
            pid: 'ada',
            occurredAt: at,
            receivedAt: at,
            consentId: null,
            consentRevision: null,
            data: { seconds, sku },
          }))
          for (const definition of definitions) {
            const used = events.filter(({ type }) => type === definition.source.event)
            const state = withEvents(
              definition,
              null,
              used.map((event) => ({ event, revision: '1' })),
            )
            const batch = state && valueAt(definition, state, LABEL)
            const then = valueThen(definition, events, { at: LABEL, grantedAt: LABEL })
            expect([then?.value, then?.events.length]).toEqual([batch?.value, batch?.partial.count])
          }
        }),
        { numRuns: 200, seed: 5 },
      )
    })

    test('the label is what was given, rows are in one order, and each is there once', async () => {
      const rows = [
        { pid: 'bo', at: LABEL, label: '1' },
        { pid: 'ada', at: LABEL, label: 'b' },
        { pid: 'ada', at: LABEL - HOUR, label: null },
        { pid: 'ada', at: LABEL, label: 'a' },
        { pid: 'bo', at: LABEL, label: '1' },
      ]
      const set = await build({ entities: { kind: 'listed', rows } })
      expect(set.rows.map(({ pid, at, label }) => [pid, at - LABEL, label])).toEqual([
        ['ada', -HOUR, null],
        ['ada', 0, 'a'],
        ['ada', 0, 'b'],
        ['bo', 0, '1'],
      ])
    })

    test('everybody at fixed times is everybody who did anything', async () => {
      session('ada', LABEL - HOUR, 10)
      session('bo', LABEL - HOUR, 10)
      const { rows } = await build({ entities: { kind: 'everybody', at: [LABEL, LABEL + DAY] } })
      expect(rows.map(({ pid, at }) => [pid, at])).toEqual([
        ['ada', LABEL],
        ['ada', LABEL + DAY],
        ['bo', LABEL],
        ['bo', LABEL + DAY],
      ])
    })
  })

  describe('rests on consent', () => {
    const PEOPLE = rowsOf(['ada', LABEL], ['bo', LABEL], ['cyd', LABEL], ['dee', LABEL])
    /** Bo withdrew before the label and gave again; Cyd withdrew after it; Dee was never asked until after it. */
    beforeEach(async () => {
      for (const pid of ['ada', 'bo', 'cyd']) session(pid, LABEL - 40 * DAY, 10)
      await desk.say('bo', 'analytics', 'withdrawn', LABEL - DAY)
      await desk.say('bo', 'analytics', 'given', LABEL + DAY)
      await desk.say('cyd', 'analytics', 'withdrawn', LABEL + DAY)
      await desk.say('dee', 'analytics', 'given', LABEL + DAY)
    })

    test.each([
      ['then-and-now', ['ada'], { notThen: 2, notNow: 1 }],
      ['then', ['ada', 'cyd'], { notThen: 2, notNow: 0 }],
      ['now', ['ada', 'bo', 'dee'], { notThen: 0, notNow: 1 }],
    ] as const)('%s is asked for and recorded', async (consent, people, leftOut) => {
      const set = await build({ ...PEOPLE, consent })
      expect(set.rows.map(({ pid }) => pid)).toEqual(people)
      expect(set.manifest).toMatchObject({ consent, leftOut, people: people.length, rows: people.length })
    })

    test('a yes then and a yes now are not enough when there was a no between', async () => {
      await desk.say('ada', 'analytics', 'withdrawn', LABEL + DAY)
      await desk.say('ada', 'analytics', 'given', LABEL + 2 * DAY)
      const set = await build(rowsOf(['ada', LABEL]))
      expect([set.rows, set.left]).toEqual([[], ['ada']])
    })

    test('every scope of its features is needed', async () => {
      await desk.say('ada', 'product_recs', 'withdrawn', LABEL - DAY)
      const features = ['sessions', 'bought'].map((name) => ({ name, version: null }))
      expect((await build({ ...rowsOf(['ada', LABEL]), features })).rows).toEqual([])
      expect((await build({ ...rowsOf(['ada', LABEL]), ...only('sessions') })).rows).toHaveLength(1)
    })

    test('who was erased is in none, whatever the rule', async () => {
      await desk.erase('ada')
      for (const consent of ['then-and-now', 'then', 'now'] as const)
        expect((await build({ ...rowsOf(['ada', LABEL]), consent })).rows).toEqual([])
    })

    test('of who is linked the most restrictive holds, as of then', async () => {
      await desk.store.link(
        [{ decisionId: 'm1', pids: ['ada', 'bo'], kind: 'merged', at: LABEL - 2 * DAY, by: 'rule' }],
        LABEL - 2 * DAY,
      )
      expect((await build({ ...rowsOf(['ada', LABEL]), consent: 'then' })).rows).toEqual([])
    })

    test('the receipts are listed, with the events that were used under each', async () => {
      session('ada', LABEL - HOUR, 10)
      session('ada', LABEL - 2 * HOUR, 30)
      session('ada', LABEL + HOUR, 99)
      desk.did('ada', 'purchase', LABEL - HOUR, { data: { sku: 'sku-1' } })
      const features = ['sessions', 'seconds', 'bought'].map((name) => ({ name, version: null }))
      const { receipts } = await build({ ...rowsOf(['ada', LABEL]), features })
      expect(receipts).toEqual([
        { pid: 'ada', scope: 'analytics', receipt: 'ada/analytics/1', revision: '1', positions: ['4', '5'] },
        { pid: 'ada', scope: 'product_recs', receipt: 'ada/product_recs/1', revision: '2', positions: [] },
        { pid: 'ada', scope: null, receipt: null, revision: null, positions: ['7'] },
      ])
    })
  })

  describe('can be made again', () => {
    const wanted = { ...rowsOf(['ada', LABEL], ['bo', LABEL], ['cyd', LABEL]) }
    beforeEach(() => {
      for (const pid of ['ada', 'bo', 'cyd']) session(pid, LABEL - HOUR, 10)
    })

    test('to the byte, whatever has happened since', async () => {
      const set = await build(wanted)
      session('ada', LABEL - 2 * HOUR, 500)
      await desk.say('dee', 'analytics', 'given', NOON)
      desk.now = NOON + 5 * DAY
      const again = await rebuildTrainingSet(set, spec(wanted), desk, vocabulary)
      expect(again.kind).toBe('same')
      expect(asLines([again.set.manifest, ...again.set.rows, ...again.set.receipts])).toBe(
        asLines([set.manifest, ...set.rows, ...set.receipts]),
      )
    })

    test('but for exactly those who have left', async () => {
      const set = await build(wanted)
      await desk.say('bo', 'analytics', 'withdrawn', NOON + 1)
      await desk.erase('cyd')
      const again = await rebuildTrainingSet(set, spec(wanted), desk, vocabulary)
      expect(again).toMatchObject({ kind: 'people left', left: ['bo', 'cyd'] })
      expect(again.set.rows).toEqual(set.rows.filter(({ pid }) => pid === 'ada'))
      expect(JSON.stringify(again)).not.toMatch(/withdrawn|erased/)
    })

    test('and says when it cannot be', async () => {
      const set = await build(wanted)
      const changed = {
        ...set,
        rows: set.rows.map((row) => ({ ...row, values: { sessions: 7, seconds: 7 } })),
      }
      expect((await rebuildTrainingSet(changed, spec(wanted), desk, vocabulary)).kind).toBe('differs')
    })

    test('who has left is told of a set that is kept, and a changed file is', async () => {
      const set = await build(wanted)
      expect(await verifyTrainingSet(set, desk)).toEqual({ changed: [], left: [] })
      await desk.say('bo', 'analytics', 'withdrawn', NOON + 1)
      await desk.erase('cyd')
      expect(await verifyTrainingSet(set, desk)).toEqual({ changed: [], left: ['bo', 'cyd'] })
      const changed = { ...set, rows: set.rows.slice(1) }
      expect((await verifyTrainingSet(changed, desk)).changed).toEqual(['rows'])
    })

    test('who consents again has left all the same', async () => {
      const set = await build(wanted)
      await desk.say('bo', 'analytics', 'withdrawn', NOON + 1)
      await desk.say('bo', 'analytics', 'given', NOON + 2)
      expect((await verifyTrainingSet(set, desk)).left).toEqual(['bo'])
    })

    test('a set that asked for consent then alone holds who withdrew, and not who was erased', async () => {
      const set = await build({ ...wanted, consent: 'then' })
      await desk.say('bo', 'analytics', 'withdrawn', NOON + 1)
      await desk.erase('cyd')
      expect((await verifyTrainingSet(set, desk)).left).toEqual(['cyd'])
    })

    test('from a person lead all sets that must be built again, until they are', async () => {
      const registry = createMemoryTrainingRegistry()
      const set = await build(wanted)
      await registry.register(registered('set-1', set))
      await registry.register(
        registered('set-2', await build({ ...rowsOf(['ada', LABEL]), ...only('sessions') })),
      )
      const asked = async (pid: string, isGone = false) =>
        (await mustRebuild(pid, registry, { standings: desk.standings, now: desk.now, isGone })).map(
          ({ id }) => id,
        )
      expect([await asked('ada'), await asked('bo')]).toEqual([[], []])
      await desk.say('bo', 'analytics', 'withdrawn', NOON + 1)
      expect([await asked('ada'), await asked('bo'), await asked('ada', true)]).toEqual([
        [],
        ['set-1'],
        ['set-1', 'set-2'],
      ])
      const again = await rebuildTrainingSet(set, spec(wanted), desk, vocabulary)
      await registry.register(registered('set-3', again.set), 'set-1')
      expect(await asked('bo')).toEqual([])
      expect(await registry.peopleOf('set-3')).toEqual(['ada', 'cyd'])
    })
  })

  describe('is refused', () => {
    test.each<readonly [string, Partial<TrainingSpec>, string]>([
      ['of a feature nobody defined', only('shoe_size'), 'TRAINING_FEATURE_UNKNOWN'],
      ['of a feature that has only a present', only('plan'), 'TRAINING_FEATURE_WITHOUT_PAST'],
      [
        'of another version than there is',
        { features: [{ name: 'sessions', version: 'ffff' }] },
        'TRAINING_FEATURE_CHANGED',
      ],
      ['for a purpose the feature is not for', { purpose: 'marketing' }, 'TRAINING_PURPOSE_NOT_ALLOWED'],
      ['for a purpose nobody knows', { purpose: 'fun' }, 'TRAINING_SPEC_INVALID'],
      ['with labels of times to come', rowsOf(['ada', NOON + 1]), 'TRAINING_LABEL_FROM_THE_FUTURE'],
    ])('%s', async (_, more, code) => {
      await expect(build(more)).rejects.toMatchObject({ extensions: { code } })
    })
  })
})
