import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideDefault } from '../../subgraphs/consent/policy/decide-default.ts'
import { type CellChange, diffBundles } from '../../subgraphs/consent/policy/diff-bundles.ts'
import { policyReceipt, readPolicyReceipt } from '../../subgraphs/consent/policy/policy-receipt.ts'
import {
  createReplay,
  type RecordedDecision,
  type ReplayOptions,
} from '../../subgraphs/consent/policy/replay-decisions.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'

const FREE = '[model, legalBases, minimumAge, languages]'
const usWith = (fields: string): string => `${NAMED}${STRICT(FREE)}
groups: { G1: [DE, FR] }
regions:
  US: { scopes: { analytics: { ${fields} } } }
`
const optOut = bundleOf(usWith('model: opt-out, legalBases: [statute, consent]'))
const optIn = bundleOf(usWith(''))

const analytics = (changes: readonly CellChange[]): object =>
  Object.fromEntries(
    changes.filter(({ scope }) => scope === 'analytics').map(({ region, change }) => [region, change]),
  )

describe('A diff lists the cells that change', () => {
  test('none between a bundle and itself', () => {
    expect(diffBundles(optOut, optOut)).toEqual([])
  })

  test('loosened one way, tightened the other, and each field with both values', () => {
    expect(diffBundles(optIn, optOut)).toEqual([
      {
        region: 'US',
        brand: '',
        scope: 'analytics',
        change: 'loosened',
        fields: [
          { field: 'model', before: 'opt-in', after: 'opt-out', change: 'loosened' },
          {
            field: 'legalBases',
            before: ['consent'],
            after: ['statute', 'consent'],
            change: 'loosened',
          },
        ],
      },
    ])
    expect(analytics(diffBundles(optOut, optIn))).toEqual({ US: 'tightened' })
  })

  test('mixed where one field is tighter and another looser', () => {
    const older = bundleOf(usWith('model: opt-out, legalBases: [statute, consent], minimumAge: 18'))
    // Who says nothing could be in the US, and has to be 18 there.
    expect(analytics(diffBundles(optIn, older))).toEqual({ US: 'mixed', '': 'tightened' })
  })

  test('a region written down in one of them only is compared with what it inherits in the other', () => {
    const withTexas = bundleOf(
      `${usWith('model: opt-out, legalBases: [statute, consent]')}  US-TX: { scopes: { analytics: { model: opt-in } } }`,
    )
    // Who says only US could be in Texas.
    expect(analytics(diffBundles(optOut, withTexas))).toEqual({ US: 'tightened', 'US-TX': 'tightened' })
    expect(analytics(diffBundles(withTexas, optOut))).toEqual({ US: 'loosened', 'US-TX': 'loosened' })
  })

  test('a brand that only one of them knows is denied by the other', () => {
    const branded = (brands: string): ReturnType<typeof bundleOf> =>
      bundleOf(`${NAMED}brands: ${brands}\n${STRICT()}`)
    const changes = diffBundles(branded('[main]'), branded('[main, outlet]'))
    expect(new Set(changes.map(({ brand, change }) => `${brand} ${change}`))).toEqual(
      new Set(['outlet loosened']),
    )
  })
})

const TOLD: ReplayOptions = {
  placeOf: (client) => (client === 'shop-us' ? { region: 'US' } : { region: 'DE' }),
  clausesOf: (coordinate) => (coordinate === 'Customer.visits' ? [[['analytics']]] : undefined),
}

const recorded = (part: Partial<RecordedDecision>): RecordedDecision => ({
  client: 'shop-us',
  granted: {},
  denied: {},
  scopes: [],
  people: [['ada', '1']],
  ...part,
})

const outcome = (record: RecordedDecision, bundle = optOut): object => {
  const replay = createReplay(bundle, TOLD)
  replay.add(record)
  const [{ coordinate: _coordinate, ...count } = {}] = replay.counts()
  return Object.fromEntries(Object.entries(count).filter(([, value]) => value !== 0))
}

const byDefault = policyReceipt(optOut, { region: 'US' })
const visits = { 'Customer.visits': ['analytics'] }

describe('Recorded decisions, decided again', () => {
  test('what rested on a default is denied where that default is gone', () => {
    const record = recorded({ granted: visits, scopes: ['analytics'], people: [['ada', '1', byDefault]] })
    expect(outcome(record)).toEqual({ region: 'US', same: 1 })
    expect(outcome(record, optIn)).toEqual({ region: 'US', denied: 1 })
  })

  test('what rested on a statement stays', () => {
    const record = recorded({
      granted: visits,
      scopes: ['analytics'],
      people: [
        ['ada', '1', 'receipt-1'],
        ['bo', '2', 'receipt-2'],
      ],
    })
    expect(outcome(record, optIn)).toEqual({ region: 'US', same: 2 })
  })

  test.each<[string, object]>([
    ['NOT_GIVEN', { region: 'US', granted: 1 }],
    ['WITHDRAWN', { region: 'US', same: 1 }],
    ['REFUSED', { region: 'US', same: 1 }],
    ['ERASED', { region: 'US', same: 1 }],
    ['CALLER_SCOPE', { region: 'US', same: 1 }],
    ['REGION', { region: 'US', undecided: 1 }],
  ])('a denial for %s', (reason, expected) => {
    expect(outcome(recorded({ denied: { 'Customer.visits': reason } }))).toEqual(expected)
  })

  test('a denial of a coordinate nobody knows the scopes of cannot be told', () => {
    expect(outcome(recorded({ denied: { 'Customer.secret': 'NOT_GIVEN' } }))).toEqual({
      region: 'US',
      undecided: 1,
    })
  })

  test('the place is the record’s, else that of the default it rested on, else the client’s', () => {
    const denied = { 'Customer.visits': 'NOT_GIVEN' }
    expect(outcome(recorded({ denied, client: 'shop-de' }))).toEqual({ region: 'DE', same: 1 })
    expect(outcome(recorded({ denied, client: 'shop-de', region: 'US' }))).toEqual({
      region: 'US',
      granted: 1,
    })
    const rested = recorded({
      client: 'shop-de',
      granted: visits,
      scopes: ['analytics'],
      people: [['ada', '1', byDefault]],
    })
    expect(outcome(rested, optIn)).toEqual({ region: 'US', denied: 1 })
  })

  test('by the bundle they were decided by, nothing changes, whatever they are', () => {
    const coordinates = fc.constantFrom('Customer.visits', 'Customer.secret')
    const reasons = fc.constantFrom('NOT_GIVEN', 'REGION', 'WITHDRAWN')
    const records = fc.record({
      client: fc.constantFrom('shop-us', 'shop-de'),
      granted: fc.dictionary(coordinates, fc.constant(['analytics'])),
      denied: fc.dictionary(coordinates, reasons),
      scopes: fc.constant(['analytics']),
      people: fc.array(fc.constantFrom(['ada', '1', byDefault] as const, ['bo', '2', 'receipt'] as const)),
      policy: fc.constant(optOut.id),
    })
    fc.assert(
      fc.property(records, (record) => {
        const replay = createReplay(optOut, TOLD)
        replay.add(record)
        for (const { denied, granted, undecided } of replay.counts())
          expect([denied, granted, undecided]).toEqual([0, 0, 0])
      }),
      { numRuns: 200 },
    )
  })

  test('what this bundle decided itself, decided again without knowing that, is the same', () => {
    const places = ['US', 'US-CA', 'DE', null] as const
    for (const region of places) {
      const decision = decideDefault(optOut, { region, scope: 'analytics' }, null)
      const record = decision.holds
        ? recorded({
            granted: visits,
            scopes: ['analytics'],
            people: [['ada', '1', policyReceipt({ ...optOut, id: 'other@1.0.0' }, { region })]],
          })
        : recorded({ denied: { 'Customer.visits': 'NOT_GIVEN' }, region })
      expect(outcome(record)).toMatchObject({ same: 1 })
    }
  })
})

describe('What a default rests on', () => {
  test.each([
    [{ region: 'US-CA', brand: 'outlet' }],
    [{ region: null, brand: null }],
    [{ region: '*', brand: null }],
  ])('names bundle and place, and is read back: %j', (place) => {
    expect(readPolicyReceipt(policyReceipt(optOut, place))).toEqual({ policy: optOut.id, place })
  })

  test('is told from the receipt of a statement', () => {
    expect(readPolicyReceipt('7e1d4c1e-27c8-4b2c-9d30-9f5ad0a3b0f1')).toBeNull()
  })
})
