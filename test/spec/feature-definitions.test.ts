import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { eventTerms } from '../../cli/event-terms.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { agreeWithEvents, type EventTerms } from '../../subgraphs/features/definitions/agree-with-events.ts'
import { openDefinitions } from '../../subgraphs/features/definitions/definitions-in.ts'
import { readDuration } from '../../subgraphs/features/definitions/duration.ts'
import { explain } from '../../subgraphs/features/definitions/explain.ts'
import { readDefinition } from '../../subgraphs/features/definitions/read-definition.ts'
import { readDefinitions } from '../../subgraphs/features/definitions/read-definitions.ts'
import { writeSchema } from '../../subgraphs/features/definitions/write-schema.ts'

const WHOLE = {
  name: 'sessions_7d',
  field: 'sessions7d',
  type: 'Int',
  description: 'How many visits in the last 7 days.',
  entity: 'customer',
  source: '{ event: session }',
  aggregation: '{ take: count, window: P7D }',
  scope: 'analytics',
  purpose: '[personalization]',
  ttl: 'P7D',
  freshness: 'PT15M',
  retention: 'P90D',
  disposition: 'purge',
  owner: 'data-platform',
  consumers: '[storefront]',
  explanation: '"{count} visits."',
  anonymous: '0',
}

const yaml = (change: Readonly<Record<string, string | null>> = {}): string =>
  Object.entries({ ...WHOLE, ...change })
    .flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}`]))
    .join('\n')

const told = (text: string): string[] =>
  readDefinition({ file: 'features/x.yaml', text }, standardVocabulary).faults.map(
    ({ code, line, place }) => `${line} ${place} ${code}`,
  )

describe('A feature definition', () => {
  it('is read whole and cannot be changed', () => {
    const { definition } = readDefinition({ file: 'f', text: yaml() }, standardVocabulary)
    expect(definition).toMatchObject({
      name: 'sessions_7d',
      scope: 'analytics',
      source: {
        kind: 'event',
        event: 'session',
        take: 'count',
        of: null,
        window: { iso: 'P7D', ms: 604_800_000 },
      },
      anonymous: 0,
    })
    expect(() => Object.assign(definition ?? {}, { scope: 'crm_contact' })).toThrow(TypeError)
  })

  it('cannot be registered without a scope', () => {
    expect(told(yaml({ scope: null }))).toEqual(['1 scope FEATURE_SCOPE_MISSING'])
    expect(told(yaml({ scope: '""' }))).toEqual(['8 scope FEATURE_SCOPE_MISSING'])
    const whole = { file: 'a', text: yaml() }
    const without = { file: 'b', text: yaml({ scope: null, name: 'other', field: 'other' }) }
    expect(readDefinitions([whole, without], standardVocabulary).definitions).toBeNull()
  })

  it('with many faults tells all of them, each with its line and place', () => {
    const text = yaml({
      scope: 'marketing',
      ttl: 'P1Y',
      owner: null,
      aggregation: '{ take: median, window: P7D, colour: red }',
    })
    expect(told(text)).toEqual([
      '1 owner FEATURE_SETTING_MISSING',
      '7 aggregation.colour FEATURE_SETTING_UNKNOWN',
      '7 aggregation.take FEATURE_VALUE_INVALID',
      '8 scope FEATURE_SCOPE_UNKNOWN',
      '10 ttl FEATURE_VALUE_INVALID',
    ])
  })

  test.each([
    ['a purpose that is none', { purpose: '[fun]' }, '9 purpose FEATURE_PURPOSE_UNKNOWN'],
    [
      'a purpose that may not use the scope',
      { purpose: '[customer_service]' },
      '9 purpose FEATURE_PURPOSE_WITHOUT_SCOPE',
    ],
    ['a value that lives longer than it may be kept', { ttl: 'P91D' }, '10 ttl FEATURE_TTL_TOO_LONG'],
    [
      'a value that is fresh for longer than it lives',
      { freshness: 'P8D' },
      '11 freshness FEATURE_FRESHNESS_TOO_LONG',
    ],
    [
      'a type that the aggregation does not give',
      { type: 'String', anonymous: null },
      '3 type FEATURE_TYPE_DIFFERS',
    ],
    ['a default of another type', { anonymous: '"none"' }, '17 anonymous FEATURE_DEFAULT_INVALID'],
    [
      'a default of no finite number',
      { type: 'Float', aggregation: '{ take: sum, of: seconds, window: P7D }', anonymous: '.nan' },
      '17 anonymous FEATURE_DEFAULT_INVALID',
    ],
    [
      'a place for something unknown',
      { explanation: '"by {email}"' },
      '16 explanation FEATURE_EXPLANATION_INVALID',
    ],
    [
      'an aggregation of what was told',
      { source: '{ profile: planTier }' },
      '7 aggregation FEATURE_SETTING_UNKNOWN',
    ],
    [
      'a value where events themselves count',
      { aggregation: '{ take: count, of: sku, window: P7D }' },
      '7 aggregation.of FEATURE_SETTING_UNKNOWN',
    ],
    ['a second field called lineage', { field: 'lineage' }, '2 field FEATURE_NAME_TAKEN'],
    ['an entity of another kind', { entity: 'household' }, '5 entity FEATURE_VALUE_INVALID'],
    [
      'a condition that is no constant',
      { source: '{ event: session, where: { device: [app] } }' },
      '6 source.where FEATURE_VALUE_INVALID',
    ],
    [
      'nothing at all',
      Object.fromEntries(Object.keys(WHOLE).map((key) => [key, null])),
      '1  FEATURE_VALUE_INVALID',
    ],
  ])('with %s is refused', (_what, change, fault) => {
    expect(told(yaml(change))).toContain(fault)
  })

  test.each(['ada@shop.example', '+49 170 1234567', 'person 4711'])(
    'with a default that somebody could be known by is refused',
    (anonymous) => {
      const change = {
        type: 'String',
        aggregation: '{ take: last, of: sku, window: P7D }',
        anonymous: `"${anonymous}"`,
      }
      expect(told(yaml(change))).toEqual(['17 anonymous FEATURE_DEFAULT_INVALID'])
    },
  )

  it('that is no YAML, or uses what is not data, is refused with the line', () => {
    expect(told('name: [')).toEqual(
      expect.arrayContaining([expect.stringMatching(/^\d+ \w+ FEATURE_UNREADABLE$/)]),
    )
    expect(told(`${yaml()}\nmore: !!js/function x`)).toEqual([expect.stringContaining('FEATURE_UNREADABLE')])
  })

  it('takes no name and no field that another has', () => {
    const { faults } = readDefinitions(
      [
        { file: 'a.yaml', text: yaml() },
        { file: 'b.yaml', text: yaml({ field: 'other' }) },
        { file: 'c.yaml', text: yaml({ name: 'third' }) },
      ],
      standardVocabulary,
    )
    expect(faults.map(({ code, file, place }) => [code, file, place])).toEqual([
      ['FEATURE_NAME_TAKEN', 'b.yaml', 'name'],
      ['FEATURE_NAME_TAKEN', 'c.yaml', 'field'],
    ])
  })

  it('has another digest when what is computed is another thing, and the same when only the words differ', () => {
    const digest = (change: Readonly<Record<string, string>>) =>
      readDefinition({ file: 'f', text: yaml(change) }, standardVocabulary).definition?.digest
    expect(digest({ owner: 'crm-team', ttl: 'P5D' })).toBe(digest({}))
    expect(digest({ aggregation: '{ take: count, window: P8D }' })).not.toBe(digest({}))
    expect(digest({ scope: 'personalization' })).not.toBe(digest({}))
  })
})

describe('A feature and the events it is computed from', () => {
  const TERMS: EventTerms = {
    basis: 'consent',
    scope: 'analytics',
    retentionMs: 7 * 86_400_000,
    fields: ['seconds'],
  }
  const agreed = (change: Readonly<Record<string, string | null>>, terms: EventTerms | null): string[] => {
    const { definition } = readDefinition({ file: 'f', text: yaml(change) }, standardVocabulary)
    if (definition === null) throw new Error('The definition has a fault of its own.')
    return agreeWithEvents(
      [definition],
      () => terms,
      () => 'f',
    ).map(({ code, place }) => `${place} ${code}`)
  }

  it('agree when the scope is the one people said yes to', () => {
    expect(agreed({}, TERMS)).toEqual([])
  })

  it('do not when what was agreed to for one thing would be used for another', () => {
    expect(agreed({ scope: 'personalization' }, TERMS)).toEqual(['scope FEATURE_SCOPE_OF_OTHER_EVENTS'])
  })

  it('agree on any scope when the events rest on a contract', () => {
    expect(agreed({ scope: 'personalization' }, { ...TERMS, basis: 'contract', scope: null })).toEqual([])
  })

  it('do not when a window reaches further back than events are kept, by a second', () => {
    expect(agreed({}, { ...TERMS, retentionMs: TERMS.retentionMs - 1_000 })).toEqual([
      'aggregation.window FEATURE_WINDOW_TOO_LONG',
    ])
  })

  it('do not when there is no such event, or no such value in it', () => {
    expect(agreed({}, null)).toEqual(['source.event FEATURE_SOURCE_UNKNOWN'])
    expect(agreed({ source: '{ event: session, where: { device: app } }' }, TERMS)).toEqual([
      'source.where FEATURE_SOURCE_FIELD_UNKNOWN',
    ])
    const longest = { type: 'Float', anonymous: null, aggregation: '{ take: max, of: weight, window: P7D }' }
    expect(agreed(longest, TERMS)).toEqual(['aggregation.of FEATURE_SOURCE_FIELD_UNKNOWN'])
  })
})

describe('The features of this repository', () => {
  const definitions = openDefinitions()

  it('are twenty-one, each under a scope, and none is a number of days until now', () => {
    expect(definitions).toHaveLength(21)
    expect(definitions.every(({ scope }) => standardVocabulary.scopes.has(scope))).toBe(true)
    const scopes = new Map(definitions.map(({ name, scope }) => [name, scope]))
    expect([
      scopes.get('session_duration'),
      scopes.get('last_purchase'),
      scopes.get('email_opens_30d'),
    ]).toEqual(['analytics', 'product_recs', 'marketing_email'])
  })

  it('are computed from events there is a contract for, for what they are recorded for', () => {
    const terms = eventTerms('events', standardVocabulary)
    expect(agreeWithEvents(definitions, terms, (name) => name)).toEqual([])
  })

  it('are what the schema says, to the letter', () => {
    const schema = readFileSync(new URL('../../subgraphs/features/schema.graphql', import.meta.url), 'utf8')
    expect(schema).toBe(writeSchema(definitions))
  })

  it('ask for the lineage of a value the scope of the value', () => {
    const schema = writeSchema(definitions)
    const scopesIn = (type: string): readonly (readonly string[])[] => {
      const [, body = ''] = new RegExp(`type ${type} \\{([^]*?)\\n\\}`).exec(schema) ?? []
      return [...body.matchAll(/^ {2}(\w+): \S+\s+@requiresScope\(scope: "(\w+)"/gm)].map(
        ([, field = '', scope = '']) => [field, scope],
      )
    }
    expect(scopesIn('CustomerFeatureLineage')).toEqual(scopesIn('CustomerFeatures'))
    expect(scopesIn('CustomerFeatures')).toHaveLength(21)
  })
})

describe('A duration', () => {
  test.each([
    ['P30D', 2_592_000_000],
    ['PT15M', 900_000],
    ['P2W', 1_209_600_000],
    ['P1DT2H3M4S', 93_784_000],
  ])('%s is always as long', (text, ms) => {
    expect(readDuration(text)).toEqual({ iso: text, ms })
  })

  test.each(['P1M', 'P1Y', 'P', 'PT', 'P0D', '30', 'P-1D', 'P1.5D', '', 'P1DT', 'P1W1D', 30, null])(
    '%s is none',
    (text) => {
      expect(readDuration(text)).toBeNull()
    },
  )
})

describe('An explanation', () => {
  const grounds = { value: 0.1 + 0.2, count: 3, from: 0, until: 1_000, window: 'P7D', computedAt: 2_000 }

  it('has what the value was computed from in its places', () => {
    expect(explain('{value} of {count} since {from}', grounds)).toBe(
      '0.3 of 3 since 1970-01-01T00:00:00.000Z',
    )
  })

  it('does not read a value for places', () => {
    expect(explain('{value}', { ...grounds, value: '{count}' })).toBe('{count}')
  })
})
