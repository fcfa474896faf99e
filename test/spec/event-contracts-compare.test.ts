import { describe, expect, it } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { compareContracts } from '../../subgraphs/events/contracts/compare-contracts.ts'
import { CONTRACT_CHANGES } from '../../subgraphs/events/contracts/contract-change.ts'
import type { EventContract } from '../../subgraphs/events/contracts/contract.ts'
import { readContract } from '../../subgraphs/events/contracts/read-contract.ts'
import { contractText, type WholeContract } from '../support/events/contract-text.ts'

type Change = (contract: WholeContract) => unknown

const read = (...changes: Change[]): EventContract => {
  const source = contractText((contract) => {
    Object.assign(contract.fields.properties, {
      colour: {
        type: 'string',
        enum: ['red', 'blue'],
        meaning: 'What it looked like.',
        classification: 'behaviour',
      },
      seen: { type: 'integer', maximum: 9, meaning: 'How often it was seen.', classification: 'behaviour' },
      parts: {
        type: 'array',
        maxItems: 5,
        meaning: 'What was looked at on the page.',
        items: {
          type: 'object',
          meaning: 'One part of the page.',
          additionalProperties: false,
          properties: {
            kind: {
              type: 'string',
              maxLength: 9,
              examples: ['photo'],
              meaning: 'Which part it is.',
              classification: 'reference',
            },
          },
        },
      },
    })
    for (const change of changes) change(contract)
  })
  const { contract, faults } = readContract(source, standardVocabulary)
  expect(faults).toEqual([])
  return contract as EventContract
}

const same: Change = () => undefined

const field =
  (name: string, patch: Record<string, unknown>): Change =>
  ({ fields }) =>
    Object.assign(fields.properties[name] as object, patch)

const ending = { notice: 'P30D', announced: '2026-01-01', until: '2026-03-01', successor: 2 }

const told = (base: readonly EventContract[], head: readonly EventContract[], today?: string) =>
  compareContracts(base, head, today).map(({ severity, code, path }) => `${severity} ${code} ${path}`.trim())

describe('each change of a contract is breaking, weakens privacy or is safe', () => {
  const properties =
    (change: (fields: Record<string, unknown>) => void): Change =>
    (contract) =>
      change(contract.fields.properties)

  /** What it is, what the contract is changed to, what is told of that, and what it was before if not the plain one. */
  const rows: [string, Change, string[], Change?][] = [
    [
      'a field removed',
      properties((all) => delete all['seen']),
      ['breaking FIELD_REMOVED fields.properties.seen'],
    ],
    [
      'a field renamed',
      properties((all) => {
        all['views'] = all['seen']
        delete all['seen']
      }),
      ['breaking FIELD_RENAMED fields.properties.seen'],
    ],
    [
      'a field added',
      properties(
        (all) =>
          (all['new'] = { type: 'boolean', meaning: 'Whether it is new.', classification: 'reference' }),
      ),
      ['safe FIELD_ADDED fields.properties.new'],
    ],
    [
      'a field added that has to be there',
      ({ fields }) => {
        fields.properties['new'] = {
          type: 'boolean',
          meaning: 'Whether it is new.',
          classification: 'reference',
        }
        fields.required.push('new')
      },
      ['breaking FIELD_ADDED_REQUIRED fields.properties.new'],
    ],
    [
      'a field that has to be there',
      ({ fields }) => fields.required.push('seen'),
      ['breaking FIELD_REQUIRED fields.properties.seen'],
    ],
    [
      'a field that may be left out',
      ({ fields }) => fields.required.pop(),
      ['breaking FIELD_OPTIONAL fields.properties.sku'],
    ],
    [
      'a field that may be null',
      field('seen', { type: ['integer', 'null'] }),
      ['breaking FIELD_NULLABLE fields.properties.seen.type'],
    ],
    [
      'a field that may not be null',
      field('seen', { type: 'integer' }),
      ['breaking FIELD_NOT_NULLABLE fields.properties.seen.type'],
      field('seen', { type: ['integer', 'null'] }),
    ],
    [
      'another type',
      field('seen', { type: 'number' }),
      ['breaking FIELD_TYPE_CHANGED fields.properties.seen.type'],
    ],
    [
      'a smaller bound',
      field('seen', { maximum: 8 }),
      ['breaking FIELD_NARROWED fields.properties.seen.maximum'],
    ],
    [
      'a bound where there was none',
      field('seen', { minimum: 0 }),
      ['breaking FIELD_NARROWED fields.properties.seen.minimum'],
    ],
    ['a larger bound', field('seen', { maximum: 10 }), ['safe FIELD_WIDENED fields.properties.seen.maximum']],
    [
      'a list that may be longer',
      field('parts', { maxItems: 6 }),
      ['safe FIELD_WIDENED fields.properties.parts.maxItems'],
    ],
    [
      'another pattern',
      field('sku', { pattern: '^[A-Z]{3}-[0-9]{3,4}$' }),
      ['breaking FIELD_NARROWED fields.properties.sku.pattern'],
    ],
    [
      'no pattern',
      field('sku', { pattern: undefined }),
      ['safe FIELD_WIDENED fields.properties.sku.pattern'],
    ],
    [
      'a choice removed',
      field('colour', { enum: ['red'] }),
      ['breaking CHOICE_REMOVED fields.properties.colour.enum'],
    ],
    [
      'a choice added',
      field('colour', { enum: ['red', 'blue', 'green'] }),
      ['safe CHOICE_ADDED fields.properties.colour.enum'],
    ],
    ['choices in another order', field('colour', { enum: ['blue', 'red'] }), []],
    [
      'a meaning in other words',
      field('seen', { meaning: 'How often it was bought.' }),
      ['breaking MEANING_CHANGED fields.properties.seen.meaning'],
    ],
    ['a meaning with another full stop', field('seen', { meaning: 'How often  it was seen' }), []],
    [
      'a lower classification',
      field('seen', { classification: 'reference' }),
      ['weakens_privacy CLASSIFICATION_LOWERED fields.properties.seen.classification'],
    ],
    [
      'another classification',
      field('seen', { classification: 'preference' }),
      ['safe CLASSIFICATION_CHANGED fields.properties.seen.classification'],
    ],
    [
      'a field of which more is left',
      field('seen', { disposition: 'anonymise' }),
      ['weakens_privacy DISPOSITION_LOOSENED fields.properties.seen.disposition'],
    ],
    [
      'a field of a list of objects',
      ({ fields }) => {
        const { items } = fields.properties['parts'] as { items: { properties: { kind: object } } }
        Object.assign(items.properties.kind, { maxLength: 8 })
      },
      ['breaking FIELD_NARROWED fields.properties.parts.items.properties.kind.maxLength'],
    ],
    [
      'another scope',
      (contract) => Object.assign(contract, { scope: 'profiling', purpose: ['advertising'] }),
      ['weakens_privacy SCOPE_CHANGED scope'],
      (contract) => (contract.purpose = ['advertising']),
    ],
    [
      'no consent any more',
      (contract) => Object.assign(contract, { scope: null, basis: 'contract' }),
      ['weakens_privacy BASIS_LOOSENED basis', 'weakens_privacy SCOPE_DROPPED scope'],
    ],
    [
      'consent where there was none',
      same,
      ['breaking BASIS_TIGHTENED basis', 'breaking SCOPE_ADDED scope'],
      (contract) => Object.assign(contract, { scope: null, basis: 'contract' }),
    ],
    [
      'a longer retention',
      (contract) => (contract.retention = 'P14M'),
      ['weakens_privacy RETENTION_LENGTHENED retention'],
    ],
    [
      'a shorter retention',
      (contract) => (contract.retention = 'P1Y'),
      ['safe RETENTION_SHORTENED retention'],
    ],
    ['the same retention, written otherwise', (contract) => (contract.retention = 'P1Y1M'), []],
    [
      'a purpose more',
      (contract) => contract.purpose.push('personalization'),
      ['weakens_privacy PURPOSE_ADDED purpose'],
    ],
    [
      'a purpose less',
      same,
      ['breaking PURPOSE_REMOVED purpose'],
      (contract) => contract.purpose.push('personalization'),
    ],
    [
      'a consumer more',
      (contract) => contract.consumers.push('marketing'),
      ['weakens_privacy CONSUMER_ADDED consumers'],
    ],
    ['a consumer less', (contract) => contract.consumers.pop(), ['breaking CONSUMER_REMOVED consumers']],
    [
      'more left at the end',
      (contract) => (contract.disposition = 'anonymise'),
      ['weakens_privacy DISPOSITION_LOOSENED disposition'],
    ],
    [
      'less left at the end',
      same,
      ['safe DISPOSITION_TIGHTENED disposition'],
      (contract) => (contract.disposition = 'anonymise'),
    ],
    [
      'another meaning of the time',
      (contract) => (contract.timestamp = 'When the page was left.'),
      ['breaking TIMESTAMP_CHANGED timestamp'],
    ],
    [
      'another meaning of the consent',
      (contract) => (contract.optIn = 'The person did not object.'),
      ['weakens_privacy OPT_IN_CHANGED optIn'],
    ],
    ['another owner', (contract) => (contract.owner = 'team-shop'), ['safe OWNER_CHANGED owner']],
    [
      'another description',
      (contract) => (contract.description = 'A product was shown.'),
      ['safe DESCRIPTION_CHANGED description'],
    ],
    [
      'later data',
      (contract) => (contract.quality['freshness'] = 'PT1H'),
      ['breaking FRESHNESS_LOOSENED quality.freshness'],
    ],
    [
      'worse data',
      (contract) => (contract.quality['minimumValid'] = 0.9),
      ['breaking VALIDITY_LOOSENED quality.minimumValid'],
    ],
    [
      'better data',
      (contract) =>
        Object.assign(contract.quality, { minimumValid: 0.99, freshness: 'PT1M', alert: 'team-shop' }),
      [
        'safe ALERT_CHANGED quality.alert',
        'safe QUALITY_TIGHTENED quality.freshness',
        'safe QUALITY_TIGHTENED quality.minimumValid',
      ],
    ],
    [
      'a shorter notice',
      (contract) => (contract.deprecation['notice'] = 'P60D'),
      ['breaking WINDOW_CUT deprecation.notice'],
    ],
    [
      'an end announced',
      (contract) => (contract.deprecation = ending),
      ['safe DEPRECATED deprecation.until'],
      (contract) => (contract.deprecation['notice'] = 'P30D'),
    ],
    [
      'an earlier end',
      (contract) => (contract.deprecation = { ...ending, until: '2026-02-28' }),
      ['breaking WINDOW_CUT deprecation.until'],
      (contract) => (contract.deprecation = ending),
    ],
    [
      'a later end',
      (contract) => (contract.deprecation = { ...ending, until: '2026-03-02' }),
      ['safe WINDOW_EXTENDED deprecation.until'],
      (contract) => (contract.deprecation = ending),
    ],
    [
      'a later announcement of the same end',
      (contract) => (contract.deprecation = { ...ending, announced: '2026-01-20' }),
      ['breaking WINDOW_CUT deprecation.announced'],
      (contract) => (contract.deprecation = ending),
    ],
    [
      'an end taken back',
      (contract) => (contract.deprecation['notice'] = 'P30D'),
      ['safe WINDOW_EXTENDED deprecation.until'],
      (contract) => (contract.deprecation = { ...ending }),
    ],
    [
      'another successor',
      (contract) => (contract.deprecation = { ...ending, successor: 3 }),
      ['safe SUCCESSOR_CHANGED deprecation.successor'],
      (contract) => (contract.deprecation = ending),
    ],
  ]

  it.each(rows)('%s', (_, change, changes, start = same) => {
    expect(told([read(start)], [read(change)])).toEqual(changes)
  })

  it('and no kind of change is left out here', () => {
    const seen = new Set(rows.flatMap(([, , changes]) => changes.map((change) => change.split(' ')[1])))
    const ofWholeVersions = ['TYPE_ADDED', 'VERSION_ADDED', 'VERSION_ENDED', 'VERSION_REMOVED']
    expect(Object.keys(CONTRACT_CHANGES).filter((code) => !seen.has(code))).toEqual(ofWholeVersions)
  })

  it('who is concerned is named: those who read it before, who may not any more, who read it from now on', () => {
    const named = (change: Change) =>
      compareContracts([read()], [read(change)]).map(({ consumers }) => consumers)
    expect(named(properties((all) => delete all['seen']))).toEqual([['features', 'recommendations']])
    expect(named((contract) => contract.consumers.pop())).toEqual([['recommendations']])
    expect(named((contract) => contract.consumers.push('marketing'))).toEqual([['marketing']])
  })

  it('the same contracts have no change, in whatever order', () => {
    const [one, other] = [read(), read((contract) => (contract.version = 2))]
    expect(compareContracts([one, other], [other, one])).toEqual([])
  })
})

describe('a version is kept until its end, and the next one beside it breaks nobody', () => {
  const next = (...changes: Change[]) => read((contract) => (contract.version = 2), ...changes)

  it('a version removed before its end breaks whoever sends or reads it', () => {
    expect(told([read()], [])).toEqual(['breaking VERSION_REMOVED'])
    const ended = read((contract) => (contract.deprecation = ending))
    expect(told([ended], [next()], '2026-02-28')).toEqual(['breaking VERSION_REMOVED', 'safe VERSION_ADDED'])
    expect(told([ended], [next()], '2026-03-01')).toEqual(['safe VERSION_ENDED', 'safe VERSION_ADDED'])
    expect(told([ended], [next()])).toEqual(['breaking VERSION_REMOVED', 'safe VERSION_ADDED'])
  })

  it('an end is not announced in the past', () => {
    const base = read((contract) => (contract.deprecation['notice'] = 'P30D'))
    const head = read((contract) => (contract.deprecation = ending))
    expect(told([base], [head], '2026-01-01')).toEqual(['safe DEPRECATED deprecation.until'])
    expect(told([base], [head], '2026-01-02')).toEqual(['breaking WINDOW_CUT deprecation.announced'])
  })

  it('what a new version changes of its fields is safe, and what it weakens is told', () => {
    const base = read()
    expect(told([base], [base, next(({ fields }) => delete fields.properties['seen'])])).toEqual([
      'safe VERSION_ADDED',
    ])
    expect(told([base], [base, next((contract) => (contract.retention = 'P2Y'))])).toEqual([
      'weakens_privacy RETENTION_LENGTHENED retention',
      'safe VERSION_ADDED',
    ])
  })

  it('a new type is safe', () => {
    expect(told([], [read()])).toEqual(['safe TYPE_ADDED'])
  })
})
