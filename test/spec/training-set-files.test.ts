import { describe, expect, test } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { buildTrainingSet } from '../../subgraphs/features/training/build-training-set.ts'
import { verifyTrainingSet } from '../../subgraphs/features/training/check-training-set.ts'
import { readTrainingSpec } from '../../subgraphs/features/training/read-training-spec.ts'
import { filesOf, setIn } from '../../subgraphs/features/training/training-files.ts'
import { DAY, NOON, openTrainingDesk } from '../support/training-desk.ts'

const CSV = 'pid,at,label\nada,2026-04-21T12:00:00Z,stays\nbo,2026-04-21T14:00:00+02:00,leaves\n'
const SPEC = `name: churn
purpose: model_training
features: [sessions, seconds]
entities: people.csv
`
const read = (text: string, csv = CSV) => readTrainingSpec(text, () => csv)

describe('What a training set is made of', () => {
  test('is read from YAML and a list of people and times; both consents are asked for unless it says otherwise', () => {
    const at = Date.UTC(2026, 3, 21, 12)
    expect(read(SPEC)).toEqual({
      name: 'churn',
      purpose: 'model_training',
      consent: 'then-and-now',
      features: [
        { name: 'sessions', version: null },
        { name: 'seconds', version: null },
      ],
      entities: {
        kind: 'listed',
        rows: [
          { pid: 'ada', at, label: 'stays' },
          { pid: 'bo', at, label: 'leaves' },
        ],
      },
    })
  })

  test('may pin versions, another rule, and be of everybody', () => {
    const text = `name: churn
purpose: model_training
consent: then
features: { sessions: 0123abcd }
entities: { everybody: [2026-04-01T00:00:00Z] }
`
    expect(read(text)).toMatchObject({
      consent: 'then',
      features: [{ name: 'sessions', version: '0123abcd' }],
      entities: { kind: 'everybody', at: [Date.UTC(2026, 3, 1)] },
    })
  })

  test.each<readonly [string, string, string]>([
    ['broken YAML', 'name: [', 'line 1'],
    ['no mapping', '- churn', 'mapping'],
    ['a setting that means nothing', `${SPEC}colour: red\n`, 'line 5, colour'],
    ['no name', SPEC.replace('name: churn\n', ''), 'name'],
    ['a rule nobody knows', `${SPEC}consent: never\n`, 'line 5, consent'],
    ['no features', SPEC.replace('[sessions, seconds]', '[]'), 'line 3, features'],
    ['a feature twice', SPEC.replace('[sessions, seconds]', '[sessions, sessions]'), 'line 3, features'],
    ['no people', SPEC.replace('people.csv', '{ everybody: [soon] }'), 'line 4, entities'],
  ])('%s is told by its place', (_, text, place) => {
    expect(() => read(text)).toThrow(`(${place.startsWith('line') ? place : ''}`)
    expect(() => read(text)).toThrow(place)
  })

  test.each([
    ['', 'line 1'],
    ['pid;at\n', 'line 1'],
    ['pid,at\nada,2026-04-21T12:00:00Z\nbo,yesterday\n', 'line 3'],
    ['pid,at\nada,2026-04-21T12:00:00Z,stays\n', 'line 2'],
    ['pid,at,label\nada,2026-04-21T12:00:00Z\n', 'line 2'],
    ['pid,at,label\nada,2026-04-21T12:00:00Z,Ada Lind <ada@example.com>\n', 'line 2'],
    ['pid,at\nada@example.com,2026-04-21T12:00:00Z\n', 'line 2'],
  ])('people and times that cannot be read are told by their line, without a word of them', (csv, place) => {
    expect(() => read(SPEC, csv)).toThrow(`(${place}).`)
  })
})

describe('The files of a training set', () => {
  test('are read as they were written, and one that was changed is found', async () => {
    const desk = openTrainingDesk()
    await desk.say('ada', 'analytics', 'given', NOON - 90 * DAY)
    desk.did('ada', 'session', NOON - 12 * DAY, { data: { seconds: 30 } })
    const set = await buildTrainingSet(read(SPEC), desk, { vocabulary: standardVocabulary })
    const files = filesOf(set)
    expect([...files.keys()]).toEqual(['rows.ndjson', 'receipts.ndjson', 'manifest.json'])
    const stored = setIn((name) => files.get(name) ?? '')
    expect(filesOf(stored)).toEqual(files)
    expect(await verifyTrainingSet(stored, desk)).toEqual({ changed: [], left: [] })
    const changed = setIn((name) => (files.get(name) ?? '').replace('"seconds":30', '"seconds":31'))
    expect((await verifyTrainingSet(changed, desk)).changed).toEqual(['rows'])
    expect(() => setIn(() => 'nothing\n')).toThrow('(rows.ndjson).')
  })
})
