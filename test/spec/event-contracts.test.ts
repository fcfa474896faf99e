import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { createContracts } from '../../subgraphs/events/contracts/contracts.ts'
import { readContract } from '../../subgraphs/events/contracts/read-contract.ts'
import { openContracts } from '../../subgraphs/open-contracts.ts'
import { contractText, wholeContract, withField } from '../support/events/contract-text.ts'

const faultsOf = (source: { file: string; text: string }) =>
  readContract(source, standardVocabulary).faults.map(({ code, place }) => `${place} ${code}`)

describe('a contract is whole', () => {
  it('those of the shop are', () => {
    const contracts = openContracts('events', standardVocabulary)
    expect(contracts.all.map(({ contract }) => contract.type)).toEqual([
      'add_to_cart',
      'crm_contact_changed',
      'email_engagement',
      'page_view',
      'purchase',
      'session',
    ])
    expect(contracts.contractOf('purchase', 1)?.contract).toMatchObject({ basis: 'contract', scope: null })
  })

  it.each(Object.keys(wholeContract()).filter((name) => name !== 'scope'))(
    'without `%s` it is none',
    (name) => {
      const source = contractText((contract) => Reflect.deleteProperty(contract, name))
      expect(faultsOf(source)).toContain(`${name} EVENT_CONTRACT_ELEMENT_MISSING`)
    },
  )

  it.each([
    ['deprecation.notice'],
    ['quality.freshness'],
    ['quality.minimumValid'],
    ['quality.alert'],
    ['fields.properties.sku.meaning'],
    ['fields.properties.sku.classification'],
    ['fields.properties.sku.type'],
    ['fields.properties.sku.examples'],
  ])('without `%s` it is none', (path) => {
    const source = contractText((contract) => {
      const steps = path.split('.')
      const last = steps.pop() as string
      let at = contract as unknown as Record<string, unknown>
      for (const step of steps) at = at[step] as Record<string, unknown>
      Reflect.deleteProperty(at, last)
    })
    expect(faultsOf(source)).toEqual([`${path} EVENT_CONTRACT_ELEMENT_MISSING`])
  })

  it('tells everything that is missing at once, each with its line and a remedy', () => {
    const { contract, faults } = readContract(
      { file: 'events/x.yaml', text: 'type: x\nscope: analytics\n' },
      standardVocabulary,
    )
    expect(contract).toBeNull()
    expect(faults).toHaveLength(13)
    for (const fault of faults)
      expect(fault).toMatchObject({ file: 'events/x.yaml', line: 1, remedy: /^Write/ })
  })

  it.each([
    ['scope', 'everything', 'scope EVENT_CONTRACT_WORD_UNKNOWN'],
    ['purpose', ['world_domination'], 'purpose EVENT_CONTRACT_WORD_UNKNOWN'],
    ['purpose', ['customer_service'], 'purpose EVENT_CONTRACT_PURPOSE_WITHOUT_SCOPE'],
    ['scope', null, 'scope EVENT_CONTRACT_BASIS_MISSING'],
    ['basis', 'contract', 'scope EVENT_CONTRACT_SCOPE_UNUSED'],
    ['disposition', 'retain', 'disposition EVENT_CONTRACT_DISPOSITION_UNFOUNDED'],
    ['retention', '13 months', 'retention EVENT_CONTRACT_VALUE_INVALID'],
    ['retention', 'P', 'retention EVENT_CONTRACT_VALUE_INVALID'],
    ['retention', 'P0D', 'retention EVENT_CONTRACT_VALUE_INVALID'],
    ['retention', 'P1YT', 'retention EVENT_CONTRACT_VALUE_INVALID'],
    ['basis', 'interest', 'basis EVENT_CONTRACT_VALUE_INVALID'],
    ['consumers', [], 'consumers EVENT_CONTRACT_VALUE_INVALID'],
    ['version', '1', 'version EVENT_CONTRACT_VALUE_INVALID'],
    ['version', 1.5, 'version EVENT_CONTRACT_VALUE_INVALID'],
    ['owner', 'Team Web', 'owner EVENT_CONTRACT_VALUE_INVALID'],
    ['nickname', 'x', 'nickname EVENT_CONTRACT_SETTING_UNKNOWN'],
  ])('with `%s: %s` it is none', (name, value, told) => {
    expect(faultsOf(contractText((contract) => Object.assign(contract, { [name]: value })))).toEqual([told])
  })
})

describe('a field says what it may hold, and never who somebody is', () => {
  const field = 'fields.properties.extra'
  const text = { type: 'string', maxLength: 20, examples: ['blue'] }

  it.each([
    [
      'a text without an end',
      { type: 'string', examples: ['blue'] },
      `${field}.maxLength EVENT_CONTRACT_FIELD_UNBOUNDED`,
    ],
    [
      'a list without an end',
      { type: 'array', items: { ...text, meaning: 'One colour of it.', classification: 'behaviour' } },
      `${field}.maxItems EVENT_CONTRACT_FIELD_UNBOUNDED`,
    ],
    ['a keyword that is not used', { ...text, anyOf: [] }, `${field}.anyOf EVENT_CONTRACT_KEYWORD_UNKNOWN`],
    [
      'a reference to elsewhere',
      { ...text, $ref: 'https://shop.example/x.json' },
      `${field}.$ref EVENT_CONTRACT_KEYWORD_UNKNOWN`,
    ],
    ['a reference to itself', { ...text, $ref: '#' }, `${field}.$ref EVENT_CONTRACT_KEYWORD_UNKNOWN`],
    [
      'another field for a bound',
      { ...text, maxLength: { $data: '1/sku' } },
      `${field}.maxLength EVENT_CONTRACT_VALUE_INVALID`,
    ],
    ['bounds that cross', { ...text, minLength: 21 }, `${field}.minLength EVENT_CONTRACT_VALUE_INVALID`],
    [
      'a classification nobody knows',
      { ...text, classification: 'harmless' },
      `${field}.classification EVENT_CONTRACT_VALUE_INVALID`,
    ],
    [
      'what is retained where consent is the basis',
      { ...text, disposition: 'retain' },
      `${field}.disposition EVENT_CONTRACT_DISPOSITION_UNFOUNDED`,
    ],
    [
      'an example of an account',
      { ...text, maxLength: 40, examples: ['DE89 3704 0044 0532 0130 00'] },
      `${field}.examples EVENT_CONTRACT_RAW_IDENTIFIER`,
    ],
    [
      'an example that would not be taken',
      { ...text, examples: ['x'.repeat(21)] },
      `${field}.examples EVENT_CONTRACT_EXAMPLE_UNFIT`,
    ],
    [
      'an example of an address',
      { ...text, examples: ['ada@shop.example'] },
      `${field}.examples EVENT_CONTRACT_RAW_IDENTIFIER`,
    ],
    [
      'an example of a phone number',
      { ...text, examples: ['+49 30 1234567'] },
      `${field}.examples EVENT_CONTRACT_RAW_IDENTIFIER`,
    ],
    [
      'an address for a choice',
      { type: 'string', enum: ['bo@shop.example'] },
      `${field}.enum EVENT_CONTRACT_RAW_IDENTIFIER`,
    ],
  ])('%s is refused', (_, schema, told) => {
    expect(faultsOf(withField('extra', schema))).toContain(told)
  })

  it.each([
    'email',
    'eMail',
    'e_mail',
    'customerEmail',
    'useremail',
    'name',
    'firstName',
    'lastname',
    'displayName',
    'phone',
    'phoneNumber',
    'mobilePhone',
    'streetAddress',
    'zip',
    'birthDate',
    'dob',
    'iban',
    'ip',
    'ipAddress',
    'latitude',
    'userName',
    'contactName',
  ])('a field called `%s` is refused', (name) => {
    expect(faultsOf(withField(name, text))).toEqual([
      `fields.properties.${name} EVENT_CONTRACT_RAW_IDENTIFIER`,
    ])
  })

  it.each(['productName', 'campaignName', 'shipping', 'headphones', 'tip', 'stage', 'emphasis'])(
    'a field called `%s` is not',
    (name) => {
      expect(faultsOf(withField(name, text))).toEqual([])
    },
  )

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty', 'Sku', 'a b', ''])(
    'a field called `%s` is none',
    (name) => {
      const source = withField('placeholder', text)
      const renamed = { ...source, text: source.text.replace('placeholder:', `"${name}":`) }
      expect(faultsOf(renamed)).toEqual([`fields.properties.${name} EVENT_CONTRACT_VALUE_INVALID`])
    },
  )

  it.each([
    '^(a+)+$',
    '^a*a*$',
    '^[a-z]+[a-z0-9]*$',
    '^(a|a)*$',
    '^.*x.*$',
    'a+',
    '^a+',
    '^\\w+\\d$',
    '^(?=a)a$',
    '^[^]+$',
    '^a{1,2000}$',
    '^[b-a]$',
    '^a+?b$',
    '^[0-9]{2,}[0-9]{2}$',
    '^a?b?a$',
    '^\\S+$',
    '^x\\$',
  ])('the pattern %s is refused, because it could be read in two ways or not at all', (pattern) => {
    expect(faultsOf(withField('extra', { ...text, pattern }))).toEqual([
      `${field}.pattern EVENT_CONTRACT_PATTERN_UNSAFE`,
    ])
  })

  it.each([
    '^[A-Z]{3}-[0-9]{3,8}$',
    '^\\d+\\.\\d{2}$',
    '^[a-z0-9-]{1,64}$',
    '^u[0-9]*$',
    '^[^@]+@$',
    '^a?b$',
    '^\\w{4}\\w$',
    '^[\\w-]+/[\\w-]+$',
  ])('the pattern %s is taken', (pattern) => {
    expect(faultsOf(withField('extra', { ...text, pattern }))).not.toContain(
      `${field}.pattern EVENT_CONTRACT_PATTERN_UNSAFE`,
    )
  })
})

describe('data fit a contract, or it is said why not', () => {
  const { contracts } = createContracts(
    [
      contractText((contract) => {
        Object.assign(contract.fields.properties, {
          note: {
            type: ['string', 'null'],
            meaning: 'What colour was looked at.',
            classification: 'behaviour',
            maxLength: 20,
            examples: ['blue'],
          },
          count: {
            type: 'integer',
            meaning: 'How often it was seen.',
            classification: 'behaviour',
            maximum: 9,
          },
          score: { type: 'number', meaning: 'How long it was seen.', classification: 'behaviour' },
          at: {
            type: 'string',
            format: 'date',
            meaning: 'The day it was seen.',
            classification: 'behaviour',
          },
          tags: {
            type: 'array',
            maxItems: 2,
            meaning: 'How it is grouped.',
            items: {
              type: 'string',
              enum: ['new', 'old'],
              meaning: 'One group of it.',
              classification: 'behaviour',
            },
          },
        })
      }),
    ],
    standardVocabulary,
  )
  const told = (data: unknown) =>
    contracts
      ?.contractOf('page_view', 1)
      ?.check(data)
      .map(({ path, rule }) => `${path} ${rule}`)

  it('what fits has no violation', () => {
    expect(
      told({ sku: 'KIT-001', note: null, count: 3, score: 0.5, at: '2026-02-28', tags: ['new'] }),
    ).toEqual([])
  })

  it.each([
    [{}, 'data.sku required'],
    [{ sku: 1 }, 'data.sku type'],
    [{ sku: 'kit' }, 'data.sku pattern'],
    [{ sku: 'KIT-001', more: 1 }, 'data unknown_field'],
    [JSON.parse('{"sku":"KIT-001","__proto__":{"count":1}}'), 'data unknown_field'],
    [{ sku: 'KIT-001', count: '3' }, 'data.count type'],
    [{ sku: 'KIT-001', count: 10 }, 'data.count bound'],
    [{ sku: 'KIT-001', count: -(2 ** 53) }, 'data.count bound'],
    [{ sku: 'KIT-001', count: null }, 'data.count type'],
    [{ sku: 'KIT-001', score: Number.NaN }, 'data.score type'],
    [{ sku: 'KIT-001', score: Infinity }, 'data.score type'],
    [JSON.parse('{"sku":"KIT-001","score":-1e400}'), 'data.score type'],
    [{ sku: 'KIT-001', note: 'x'.repeat(21) }, 'data.note bound'],
    [{ sku: 'KIT-001', note: 'ada@shop.example' }, 'data.note raw_identifier'],
    [{ sku: 'KIT-001', note: '+49 30 1234567' }, 'data.note raw_identifier'],
    [{ sku: 'KIT-001', at: '2026-02-30' }, 'data.at format'],
    [{ sku: 'KIT-001', tags: ['new', 'borrowed'] }, 'data.tags[1] choice'],
    [{ sku: 'KIT-001', tags: ['new', 'old', 'new'] }, 'data.tags bound'],
    [null, 'data type'],
    [[], 'data type'],
    ['KIT-001', 'data type'],
    [undefined, 'data type'],
  ])('what does not fit has: %#', (data, violation) => {
    expect(told(data)).toEqual([violation])
  })

  it('all violations are told at once, and none repeats a value or a name that came', () => {
    const violations = contracts
      ?.contractOf('page_view', 1)
      ?.check({ sku: 'canary-1', 'ada@canary-2.example': 1, count: 'canary-3' })
    expect(violations).toHaveLength(3)
    expect(JSON.stringify(violations)).not.toContain('canary')
  })

  it('whatever comes is told, and never an accident', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
        (data) => {
          expect(Array.isArray(told(data))).toBe(true)
          expect(Array.isArray(told({ sku: data, tags: [data], note: data }))).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
    expect(told(JSON.parse(`{"sku":${'['.repeat(2000)}${']'.repeat(2000)}}`))).toEqual(['data.sku type'])
    expect(told({ tags: Array.from({ length: 100_000 }, () => 'x') })).toHaveLength(20)
  })

  it('the data are left as they came', () => {
    const data = Object.freeze({ sku: 'KIT-001', count: '3' })
    told(data)
    expect(data).toEqual({ sku: 'KIT-001', count: '3' })
  })
})

describe('versions stand side by side, each until its end', () => {
  const ending = { notice: 'P30D', announced: '2026-01-01', until: '2026-02-01', successor: 2 }
  const older = {
    ...contractText((contract) => (contract.deprecation = { ...ending })),
    file: 'events/page_view@1.yaml',
  }
  const newer = contractText((contract) => (contract.version = 2))
  const told = (...sources: { file: string; text: string }[]) =>
    createContracts(sources, standardVocabulary).faults.map(({ file, code }) => `${file} ${code}`)

  it('an older one is taken as it was, then warned of, then refused', () => {
    const { contracts } = createContracts([older, newer], standardVocabulary)
    const first = contracts?.contractOf('page_view', 1)
    expect(
      ['2025-12-31', '2026-01-01', '2026-01-31T23:59:59', '2026-02-01'].map((day) =>
        first?.stateAt(Date.parse(day.includes('T') ? `${day}Z` : day)),
      ),
    ).toEqual(['current', 'deprecated', 'deprecated', 'retired'])
    expect(contracts?.contractOf('page_view', 2)?.stateAt(Date.parse('2999-01-01'))).toBe('current')
    expect(contracts?.versionsOf('page_view').map(({ contract }) => contract.version)).toEqual([2, 1])
  })

  it('a version or type nobody agreed on has no contract', () => {
    const { contracts } = createContracts([newer], standardVocabulary)
    expect(contracts?.contractOf('page_view', 1)).toBeNull()
    expect(contracts?.contractOf('__proto__', 1)).toBeNull()
    expect(contracts?.versionsOf('constructor')).toEqual([])
  })

  it('the end of a version is announced as long before as was promised, with what comes after', () => {
    const withEnd = (change: Record<string, unknown>) =>
      faultsOf(contractText((contract) => (contract.deprecation = { ...ending, ...change })))
    expect(withEnd({})).toEqual([])
    expect(withEnd({ until: '2026-01-30' })).toEqual(['deprecation.until EVENT_CONTRACT_WINDOW_INVALID'])
    expect(withEnd({ until: null })).toEqual(['deprecation.announced EVENT_CONTRACT_WINDOW_INVALID'])
    expect(withEnd({ successor: 1 })).toEqual(['deprecation.successor EVENT_CONTRACT_WINDOW_INVALID'])
    expect(withEnd({ until: '2026-02-30' })).toContain('deprecation.until EVENT_CONTRACT_VALUE_INVALID')
  })

  it('an older one without an end, an unknown successor, a version twice and a misnamed file are refused', () => {
    const open = { ...contractText(), file: 'events/page_view@1.yaml' }
    expect(told(open, newer)).toEqual(['events/page_view@1.yaml EVENT_CONTRACT_VERSION_OPEN'])
    expect(told(older)).toEqual(['events/page_view@1.yaml EVENT_CONTRACT_SUCCESSOR_UNKNOWN'])
    expect(told(newer, { ...newer, file: 'events/page_view@2.yaml' })).toEqual([
      'events/page_view@2.yaml EVENT_CONTRACT_VERSION_TWICE',
    ])
    expect(told({ ...newer, file: 'events/views.yaml' })).toEqual([
      'events/views.yaml EVENT_CONTRACT_FILE_MISNAMED',
    ])
  })
})
