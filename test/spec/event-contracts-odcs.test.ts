import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import type { EventContract } from '../../subgraphs/events/contracts/contract.ts'
import { exportOdcs } from '../../subgraphs/events/contracts/export-odcs.ts'
import { importOdcs } from '../../subgraphs/events/contracts/import-odcs.ts'
import { plainContract } from '../../subgraphs/events/contracts/plain-contract.ts'
import { readContract } from '../../subgraphs/events/contracts/read-contract.ts'
import { openContracts } from '../../subgraphs/open-contracts.ts'
import { contractText, type WholeContract } from '../support/events/contract-text.ts'

const shop = openContracts('events', standardVocabulary).all.map(({ contract }) => contract)

const read = (change: (contract: WholeContract) => unknown): EventContract => {
  const { contract, faults } = readContract(
    contractText((whole) => void change(whole)),
    standardVocabulary,
  )
  expect(faults).toEqual([])
  return contract as EventContract
}

/** Everything a field can say, in one contract. */
const rich = read((contract) => {
  const words = { meaning: 'What it is there for.', classification: 'behaviour' }
  contract.deprecation = { notice: 'P1M15D', announced: '2026-01-01', until: '2026-06-01', successor: 2 }
  contract.retention = 'P1Y6M'
  contract.quality['freshness'] = 'PT36H'
  Object.assign(contract.fields, { meaning: 'All that was seen.' })
  contract.fields.required.push('maybe', 'parts')
  Object.assign(contract.fields.properties, {
    maybe: { ...words, type: ['string', 'null'], enum: ['a', 'b'] },
    rarely: {
      ...words,
      type: ['integer', 'null'],
      exclusiveMinimum: 0,
      maximum: 9,
      disposition: 'anonymise',
    },
    day: { ...words, type: 'string', format: 'date' },
    shortDay: { ...words, type: 'string', format: 'date', maxLength: 10 },
    moment: { ...words, type: ['string', 'null'], format: 'date-time' },
    hour: { ...words, type: 'string', format: 'time' },
    span: { ...words, type: 'string', format: 'duration', maxLength: 20 },
    orderId: { ...words, type: 'string', format: 'uuid', classification: 'pseudonymous' },
    score: { ...words, type: 'number', minimum: -0.5, exclusiveMaximum: 1, examples: [0.25] },
    isNew: { ...words, type: 'boolean' },
    level: { ...words, type: 'integer', enum: [1, 2, 3] },
    parts: {
      meaning: 'What was looked at on the page.',
      type: 'array',
      minItems: 1,
      maxItems: 5,
      items: {
        meaning: 'One part of the page.',
        type: ['object', 'null'],
        additionalProperties: false,
        required: ['kind'],
        properties: { kind: { ...words, type: 'string', minLength: 1, maxLength: 9, examples: ['photo'] } },
      },
    },
  })
})

const roundTrip = (contract: EventContract) =>
  importOdcs({ file: 'x.odcs.yaml', text: stringify(exportOdcs(contract)) }, standardVocabulary)

/** As its own file says it. */
const reread = (draft: unknown): EventContract | null =>
  readContract({ file: 'x.yaml', text: stringify(draft) }, standardVocabulary).contract

describe('a contract goes to the Open Data Contract Standard and comes back', () => {
  it.each([...shop, rich].map((contract) => [`${contract.type}@${contract.version}`, contract] as const))(
    '%s is the same afterwards',
    (_, contract) => {
      const { draft, faults } = roundTrip(contract)
      expect(faults).toEqual([])
      expect(reread(draft)).toEqual(contract)
    },
  )

  it('and so does what is written from it for its own file', () => {
    expect(reread(plainContract(rich))).toEqual(rich)
  })

  it('durations of any kind come back', () => {
    const part = fc.option(fc.integer({ min: 1, max: 999 }), { nil: 0 })
    const written = fc
      .tuple(part, part, part, part)
      .filter((parts) => parts.some((count) => count > 0))
      .map(([years, months, days, hours]) => {
        const date = [`${years}Y`, `${months}M`, `${days}D`].filter((one) => !one.startsWith('0')).join('')
        return `P${date}${hours > 0 ? `T${hours}H` : ''}`
      })
    fc.assert(
      fc.property(written, (retention) => {
        expect(roundTrip({ ...rich, retention }).draft).toMatchObject({ retention })
      }),
      { numRuns: 50 },
    )
  })
})

describe('what is exported is as the standard says', () => {
  const documents = [...shop, rich].map((contract) => exportOdcs(contract))

  // The Open Data Contract Standard 3.1.0, sections Fundamentals, Schema, Team, Roles, Service-Level Agreement.
  it('has the fields that are required, and none that is unknown', () => {
    for (const document of documents) {
      expect(document).toMatchObject({ apiVersion: 'v3.1.0', kind: 'DataContract' })
      for (const name of ['id', 'version', 'status']) expect(document[name]).toBeTypeOf('string')
      expect(KNOWN.root).toEqual(expect.arrayContaining(Object.keys(document)))
    }
  })

  it('each property has a name, a logical type of the standard, and options that this type has', () => {
    const properties = documents.flatMap((document) =>
      everyProperty(document['schema'] as readonly Property[]),
    )
    expect(properties.length).toBeGreaterThan(20)
    for (const { logicalType, logicalTypeOptions = {}, ...property } of properties) {
      expect(Object.keys(OPTIONS)).toContain(logicalType)
      expect(OPTIONS[logicalType]).toEqual(expect.arrayContaining(Object.keys(logicalTypeOptions)))
      expect(KNOWN.property).toEqual(expect.arrayContaining(Object.keys(property)))
    }
  })

  it('each service level has a value, each custom property too, and each role a name', () => {
    for (const { slaProperties, customProperties, roles } of documents as Record<
      string,
      Record<string, unknown>[]
    >[]) {
      expect(slaProperties?.length).toBeGreaterThan(0)
      expect(roles?.length).toBeGreaterThan(0)
      for (const entry of [...(slaProperties ?? []), ...(customProperties ?? [])]) {
        expect(entry['property']).toMatch(/^[a-z][A-Za-z]+$/)
        expect(entry['value']).toBeDefined()
      }
      for (const role of roles ?? []) expect(role['role']).toBeTypeOf('string')
    }
  })
})

describe('a document of somebody else is read as far as it goes', () => {
  const foreign = {
    apiVersion: 'v3.0.2',
    kind: 'DataContract',
    id: '53581432-6c55-4ba2-a65f-72344a91553a',
    version: '2.0.0',
    status: 'active',
    description: { purpose: 'Sessions of the shop as the tracker sees them.', usage: 'Every day.' },
    team: { name: 'team-web' },
    slaProperties: [
      { property: 'retention', value: 3, unit: 'years' },
      { property: 'latency', value: '4', unit: 'd' },
    ],
    schema: [
      {
        name: 'session',
        physicalType: 'table',
        properties: [
          { name: 'seconds', logicalType: 'integer', required: true, description: 'How long it was.' },
          { name: 'customer_email', logicalType: 'string', classification: 'restricted' },
        ],
      },
    ],
  }

  it('what it says is in the draft, and what it lacks is told', () => {
    const { draft, faults } = importOdcs({ file: 'x', text: JSON.stringify(foreign) }, standardVocabulary)
    expect(draft).toMatchObject({
      type: 'session',
      version: 2,
      owner: 'team-web',
      retention: 'P3Y',
      quality: { freshness: 'P4D' },
    })
    const told = faults.map(({ code, place }) => `${place} ${code}`)
    for (const place of ['basis', 'optIn', 'timestamp', 'purpose', 'disposition'])
      expect(told).toContain(`${place} EVENT_CONTRACT_ELEMENT_MISSING`)
    expect(told).toContain('fields.properties.customer_email EVENT_CONTRACT_RAW_IDENTIFIER')
  })

  it.each([
    ['nothing', ''],
    ['no document of the standard', 'kind: Recipe\nschema: [{name: x}]'],
    ['no schema', 'kind: DataContract'],
    ['two objects', 'kind: DataContract\nschema: [{name: x}, {name: y}]'],
    ['no YAML', 'kind: [DataContract'],
    ['an alias', 'kind: &a DataContract\nschema: [{name: *a}]'],
  ])('%s has no draft', (_, text) => {
    const { draft, faults } = importOdcs({ file: 'x', text }, standardVocabulary)
    expect(draft).toBeNull()
    expect(faults.map(({ code }) => code)).toEqual(['EVENT_CONTRACT_UNREADABLE'])
  })

  it('a document of any shape is read without an accident', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(...Object.keys(foreign)), (value, name) => {
        const text = JSON.stringify({ ...foreign, [name]: value })
        expect(Array.isArray(importOdcs({ file: 'x', text }, standardVocabulary).faults)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

interface Property {
  readonly logicalType: string
  readonly logicalTypeOptions?: Readonly<Record<string, unknown>>
  readonly properties?: readonly Property[]
  readonly items?: Property
}

const everyProperty = (properties: readonly Property[]): readonly Property[] =>
  properties.flatMap((property) => [
    property,
    ...everyProperty(property.properties ?? []),
    ...everyProperty(property.items === undefined ? [] : [property.items]),
  ])

const words = (text: string): string[] => text.split(' ')

const KNOWN = {
  root: words(
    'apiVersion kind id name version status tenant tags domain dataProduct description schema servers support price team roles slaProperties authoritativeDefinitions customProperties contractCreatedTs',
  ),
  property: words(
    'name physicalName physicalType description businessName tags customProperties authoritativeDefinitions quality properties items required unique classification examples',
  ),
}

const NUMBERS = words('minimum maximum exclusiveMinimum exclusiveMaximum multipleOf format')
const MOMENTS = words('minimum maximum exclusiveMinimum exclusiveMaximum format')
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  string: words('minLength maxLength pattern format'),
  integer: NUMBERS,
  number: NUMBERS,
  boolean: [],
  date: MOMENTS,
  time: MOMENTS,
  timestamp: MOMENTS,
  object: words('minProperties maxProperties required'),
  array: words('minItems maxItems uniqueItems'),
}
