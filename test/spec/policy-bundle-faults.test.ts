import { describe, expect, test } from 'vitest'
import { POLICY_FAULTS, type PolicyFaultCode } from '../../subgraphs/consent/policy/policy-fault-catalogue.ts'
import { bundleOf, faultsOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'

const whole = (more: string, mayLoosen = '[]'): string => `${NAMED}${more}\n${STRICT(mayLoosen)}`

const told = (text: string): string[] =>
  faultsOf(text).map(({ code, line, place }) => `${line} ${place} ${code}`)

describe('A bundle with a fault is no bundle', () => {
  test.each<[string, string, string]>([
    ['that is not YAML', 'name: [', '1 BAD_INDENT POLICY_UNREADABLE'],
    ['with a name twice', whole('name: other'), '3 DUPLICATE_KEY POLICY_UNREADABLE'],
    ['with an alias', whole('brands: &b [a]\nregions: *b'), '1 ALIAS POLICY_UNREADABLE'],
    ['that is a list', '- a', '1  POLICY_VALUE_INVALID'],
    ['with a setting nobody knows', whole('scope: {}'), '3 scope POLICY_SETTING_UNKNOWN'],
    ['with a version that is none', whole('').replace('1.0.0', '1.0'), '2 version POLICY_NAME_INVALID'],
    ['with a version that is a number', whole('').replace('1.0.0', '1'), '2 version POLICY_NAME_INVALID'],
    ['with a country that is none', whole('regions: { XX: {} }'), '3 regions.XX POLICY_REGION_UNKNOWN'],
    ['with a state that is none', whole('regions: { US-XX: {} }'), '3 regions.US-XX POLICY_REGION_UNKNOWN'],
    ['with a group of no countries', whole('groups: { G1: [DE, XX] }'), '3 groups.G1 POLICY_REGION_UNKNOWN'],
    ['with a group named like a country', whole('groups: { DE: [FR] }'), '3 groups.DE POLICY_VALUE_INVALID'],
    [
      'with a country in two groups',
      whole('groups: { G1: [DE], G2: [DE] }'),
      '3 groups.G2 POLICY_REGION_IN_TWO_GROUPS',
    ],
    [
      'with a scope that is none',
      whole('regions: { DE: { scopes: { telepathy: {} } } }'),
      '3 regions.DE.scopes.telepathy POLICY_SCOPE_UNKNOWN',
    ],
    [
      'with a brand that is not listed',
      whole('regions: { DE: { brands: { outlet: {} } } }'),
      '3 regions.DE.brands.outlet POLICY_BRAND_UNKNOWN',
    ],
    [
      'with a model that is none',
      whole('regions: { DE: { defaults: { model: maybe } } }'),
      '3 regions.DE.defaults.model POLICY_VALUE_INVALID',
    ],
    [
      'with an age of a half',
      whole('regions: { DE: { defaults: { minimumAge: 16.5 } } }'),
      '3 regions.DE.defaults.minimumAge POLICY_VALUE_INVALID',
    ],
    [
      'with a misspelt field',
      whole('regions: { DE: { defaults: { minimumage: 16 } } }'),
      '3 regions.DE.defaults.minimumage POLICY_SETTING_UNKNOWN',
    ],
    [
      'that maps a signal to what it cannot say',
      whole('signals: { gpp: { analytics: [Sale] } }'),
      '3 signals.gpp.analytics POLICY_SIGNAL_INVALID',
    ],
    [
      'that takes every TCF string for a yes',
      whole('signals: { tcf: { analytics: {} } }'),
      '3 signals.tcf.analytics POLICY_SIGNAL_INVALID',
    ],
    [
      'that loosens',
      whole('regions: { DE: { defaults: { minimumAge: 13 } } }'),
      '3 regions.DE.defaults.minimumAge POLICY_LOOSENS',
    ],
    [
      'that opts out on consent alone',
      whole('regions: { US: { defaults: { model: opt-out } } }', '[model]'),
      '3 regions.US.scopes.marketing_email POLICY_BASIS_MISSING',
    ],
  ])('%s', (_which, text, fault) => {
    expect(told(text)).toContain(fault)
  })

  test('without a value for a field everywhere', () => {
    const silent = STRICT().replace('    minimumAge: 16\n', '')
    expect(told(NAMED + silent)).toEqual(['5 global.defaults.minimumAge POLICY_FIELD_MISSING'])
  })

  test('that forgets a scope of the vocabulary', () => {
    const scopes = `global: { scopes: { analytics: { model: opt-in, legalBases: [consent], retentionDays: 1,
      minimumAge: 16, unknownAge: allowed, languages: [en], signals: [], mayLoosen: [] } } }`
    const codes = faultsOf(NAMED + scopes).map(({ code }) => code)
    expect(new Set(codes)).toEqual(new Set(['POLICY_SCOPE_MISSING']))
    expect(codes).toHaveLength(7)
  })

  test('every fault at once, in the order of the lines, with what to do about each', () => {
    const faults = faultsOf(`name: Retailer
version: one
brands: [a, a]
${STRICT().replace('opt-in', 'opt-inn')}
regions:
  QQ: {}
  DE: { defaults: { retentionDays: 0 }, scopes: { telepathy: { model: opt-in } } }
`)
    expect(faults.map(({ code, line }) => [code, line])).toEqual([
      ['POLICY_NAME_INVALID', 1],
      ['POLICY_NAME_INVALID', 2],
      ['POLICY_VALUE_INVALID', 3],
      ['POLICY_VALUE_INVALID', 7],
      ['POLICY_FIELD_MISSING', 7],
      ['POLICY_REGION_UNKNOWN', 17],
      ['POLICY_VALUE_INVALID', 18],
      ['POLICY_SCOPE_UNKNOWN', 18],
    ])
    for (const { remedy, file, message } of faults) {
      expect(remedy).toMatch(/^[A-Z].*\.$/)
      expect(file).toBe('bundle.yaml')
      expect(message).toMatch(/^[A-Z].*\.$/)
    }
  })
})

describe('A layer may only tighten what it inherits, unless that says mayLoosen', () => {
  const field = (name: string, value: string, mayLoosen = '[]'): readonly PolicyFaultCode[] =>
    faultsOf(whole(`regions: { DE: { defaults: { ${name}: ${value} } } }`, mayLoosen)).map(({ code }) => code)

  test.each<[string, string, string]>([
    ['model', 'prohibited', 'opt-out'],
    ['retentionDays', '364', '366'],
    ['minimumAge', '17', '15'],
    ['languages', '[de]', '[de, en, fr, nl]'],
    ['legalBases', '[consent]', '[consent, statute]'],
    ['signals', '[gpc, tcf, gpp, gcm]', '[gpc]'],
  ])('%s: %s is tighter, %s is looser', (name, tighter, looser) => {
    expect(field(name, tighter)).toEqual([])
    expect(field(name, looser)).toContain('POLICY_LOOSENS')
    expect(field(name, looser, `[${name}, legalBases]`)).not.toContain('POLICY_LOOSENS')
  })

  test('what is neither is not tighter: other languages are not fewer', () => {
    expect(field('languages', '[de, nl]')).toContain('POLICY_LOOSENS')
  })

  test('a permission can be handed on, taken back, and not be made up', () => {
    const nested = (mayLoosen: string): readonly PolicyFaultCode[] =>
      faultsOf(
        whole(
          `groups: { G1: [DE] }
regions:
  G1: { defaults: { mayLoosen: ${mayLoosen} } }
  DE: { defaults: { minimumAge: 14 } }`,
          '[minimumAge]',
        ),
      ).map(({ code }) => code)
    expect(nested('[minimumAge]')).toEqual([])
    expect(nested('[]')).toEqual(['POLICY_LOOSENS'])
    expect(nested('[minimumAge, model]')).toEqual(['POLICY_LOOSENS'])
  })

  test('a brand is held to the region, and the fault says where', () => {
    const [fault] = faultsOf(
      whole(`brands: [main]
regions:
  DE: { defaults: { minimumAge: 18 }, brands: { main: { scopes: { analytics: { minimumAge: 16 } } } } }`),
    )
    expect(fault).toMatchObject({
      code: 'POLICY_LOOSENS',
      place: 'regions.DE.brands.main.scopes.analytics.minimumAge',
      line: 5,
      message: POLICY_FAULTS.POLICY_LOOSENS.sentence,
    })
    expect(fault?.remedy).toContain('analytics in DE, brand main')
  })
})

describe('The version', () => {
  test('is the same for the same meaning, and another for another', () => {
    const { digest } = bundleOf(whole('regions: { DE: { defaults: { minimumAge: 17 } } }'))
    const same = bundleOf(whole('# a comment\nregions:\n  DE:\n    defaults:\n      minimumAge: 17'))
    const other = bundleOf(whole('regions: { DE: { defaults: { minimumAge: 18 } } }'))
    expect(same.digest).toBe(digest)
    expect(other.digest).not.toBe(digest)
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
  })
})
