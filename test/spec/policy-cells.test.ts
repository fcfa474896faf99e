import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { PolicyDecision, PolicyQuestion } from '../../subgraphs/consent/policy/decide-default.ts'
import { decideDefault } from '../../subgraphs/consent/policy/decide-default.ts'
import type { SignalStatement } from '../../subgraphs/consent/policy/signals/statement.ts'
import { bundleOf, NAMED, STRICT } from '../support/policy/bundle-of.ts'

const file = new URL('../../policies/default.yaml', import.meta.url)
const retailer = bundleOf(readFileSync(file, 'utf8'))

const short = (decision: PolicyDecision): string =>
  decision.holds ? `${decision.by}: ${decision.basis}` : decision.reason

const gpc: readonly SignalStatement[] = [{ kind: 'gpc', scope: 'third_party_sharing', says: 'no' }]

describe('The default bundle: what holds where nothing was said, and after a yes and a no', () => {
  test.each<[string | null, string, string, string, string]>([
    // region, scope, nothing said, given, withdrawn
    ['DE', 'analytics', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    ['DE', 'marketing_email', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    ['DE', 'crm_contact', 'default: contract', 'statement: consent', 'SAID_NO'],
    ['EEA', 'analytics', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    ['GB', 'personalization', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    ['CH', 'third_party_sharing', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    ['US', 'analytics', 'default: statute', 'statement: consent', 'SAID_NO'],
    ['US-CA', 'third_party_sharing', 'default: statute', 'statement: consent', 'SAID_NO'],
    ['US-NY', 'marketing_email', 'default: statute', 'statement: consent', 'SAID_NO'],
    ['US-NY', 'marketing_sms', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    ['US-TX', 'profiling', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    ['BR', 'analytics', 'default: legitimate_interests', 'statement: consent', 'SAID_NO'],
    ['BR', 'marketing_email', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    ['CA-ON', 'analytics', 'default: statute', 'statement: consent', 'SAID_NO'],
    ['CA-QC', 'analytics', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    // Who says only Canada could be in Quebec.
    ['CA', 'analytics', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    ['JP', 'personalization', 'default: statute', 'statement: consent', 'SAID_NO'],
    ['JP', 'third_party_sharing', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    // A country that nobody has looked at, and a place that nobody has told.
    ['KE', 'analytics', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    [null, 'analytics', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    [null, 'crm_contact', 'NOT_ASKED', 'statement: consent', 'SAID_NO'],
    // Not known is no, whatever was said.
    ['XX', 'analytics', 'UNKNOWN_REGION', 'UNKNOWN_REGION', 'UNKNOWN_REGION'],
    ['UK', 'analytics', 'UNKNOWN_REGION', 'UNKNOWN_REGION', 'UNKNOWN_REGION'],
    ['de', 'analytics', 'UNKNOWN_REGION', 'UNKNOWN_REGION', 'UNKNOWN_REGION'],
    ['US-*', 'analytics', 'UNKNOWN_REGION', 'UNKNOWN_REGION', 'UNKNOWN_REGION'],
    ['', 'analytics', 'UNKNOWN_REGION', 'UNKNOWN_REGION', 'UNKNOWN_REGION'],
    ['US', 'telepathy', 'UNKNOWN_SCOPE', 'UNKNOWN_SCOPE', 'UNKNOWN_SCOPE'],
  ])('%s %s: %s, %s, %s', (region, scope, nothing, given, withdrawn) => {
    const after = (status: string | null): string => short(decideDefault(retailer, { region, scope }, status))
    expect([after(null), after('given'), after('withdrawn')]).toEqual([nothing, given, withdrawn])
  })

  test.each<[string, string]>([
    ['given', 'statement: consent'],
    ['renewed', 'statement: consent'],
    ['unknown', 'default: statute'],
    ['requested', 'SAID_NO'],
    ['request_deferred', 'SAID_NO'],
    ['refused', 'SAID_NO'],
    ['withdrawn', 'SAID_NO'],
    ['expired', 'SAID_NO'],
    ['invalidated', 'SAID_NO'],
    ['other_region', 'SAID_NO'],
    ['something nobody has heard of', 'SAID_NO'],
  ])('where the law asks nobody, %s means %s', (status, expected) => {
    expect(short(decideDefault(retailer, { region: 'US-NY', scope: 'analytics' }, status))).toBe(expected)
  })

  test('is the same in another process, which gets the bundle as data', () => {
    const sent = structuredClone(retailer)
    for (const region of ['DE', 'US-CA', 'XX', null])
      for (const scope of retailer.scopes)
        expect(decideDefault(sent, { region, scope }, null)).toEqual(
          decideDefault(retailer, { region, scope }, null),
        )
  })

  test('the version and what the bundle says are in every decision', () => {
    expect(retailer.id).toMatch(/^retailer@1\.0\.0\+[0-9a-f]{12}$/)
    const decisions = ['US', 'XX'].map((region) =>
      decideDefault(retailer, { region, scope: 'analytics' }, null),
    )
    expect(decisions.map(({ policy }) => policy)).toEqual([retailer.id, retailer.id])
  })
})

describe('Age', () => {
  const analyticsAt = (region: string, age: number | null, status: string | null = 'given'): string =>
    short(decideDefault(retailer, { region, scope: 'analytics', age }, status))

  test.each<[string, number]>([
    ['DE', 16],
    ['FR', 15],
    ['AT', 14],
    ['GB', 13],
    ['US', 13],
    ['KE', 16],
    ['EEA', 16],
  ])('in %s a person consents from the age of %i', (region, age) => {
    expect(analyticsAt(region, age - 1)).toBe('UNDER_AGE')
    expect(analyticsAt(region, age)).toBe('statement: consent')
    expect(analyticsAt(region, null)).toBe('statement: consent')
  })

  test('what is no number is too young', () => {
    expect(analyticsAt('US', Number.NaN)).toBe('UNDER_AGE')
  })

  test('a bundle may take unknown for too young', () => {
    const careful = bundleOf(`${NAMED}${STRICT()}regions: { DE: { defaults: { unknownAge: denied } } }`)
    const question: PolicyQuestion = { region: 'DE', scope: 'analytics' }
    expect(short(decideDefault(careful, question, 'given'))).toBe('AGE_UNKNOWN')
    expect(short(decideDefault(careful, { ...question, age: 30 }, 'given'))).toBe('statement: consent')
  })
})

describe('The language of the notice', () => {
  const inQuebec = (language: string, status: string | null): string => {
    const loose = `${NAMED}${STRICT('[model, legalBases]')}
regions: { CA-QC: { defaults: { model: opt-out, legalBases: [statute, consent], languages: [fr] } } }`
    return short(decideDefault(bundleOf(loose), { region: 'CA-QC', scope: 'analytics', language }, status))
  }

  test.each<[string, string | null, string]>([
    ['fr', null, 'default: statute'],
    ['fr-CA', null, 'default: statute'],
    ['FR', null, 'default: statute'],
    ['en', null, 'NOTICE_LANGUAGE'],
    // Who said yes has understood what to.
    ['en', 'given', 'statement: consent'],
  ])('a reader of %s who said %s: %s', (language, status, expected) => {
    expect(inQuebec(language, status)).toBe(expected)
  })
})

describe('Signals only take away', () => {
  const sharing = (region: string, status: string | null, signals: readonly SignalStatement[]): string =>
    short(decideDefault(retailer, { region, scope: 'third_party_sharing' }, status, signals))

  test('Global Privacy Control ends what holds by default, and what was consented to before', () => {
    expect(sharing('US-CA', null, [])).toBe('default: statute')
    expect(sharing('US-CA', null, gpc)).toBe('SIGNAL')
    expect(sharing('US-CA', 'given', gpc)).toBe('SIGNAL')
  })

  test('it says nothing of other scopes', () => {
    const question = { region: 'US-CA', scope: 'analytics' }
    expect(short(decideDefault(retailer, question, null, gpc))).toBe('default: statute')
  })

  test('a yes of a signal grants nothing: it is no receipt', () => {
    expect(sharing('DE', null, [{ kind: 'tcf', scope: 'third_party_sharing', says: 'yes' }])).toBe(
      'NOT_ASKED',
    )
  })

  test('one that a bundle does not heed changes nothing', () => {
    const deaf = bundleOf(`${NAMED}${STRICT().replace('[gpc, tcf, gpp, gcm]', '[tcf]')}`)
    const question = { region: 'DE', scope: 'third_party_sharing' }
    expect(short(decideDefault(deaf, question, 'given', gpc))).toBe('statement: consent')
  })
})

describe('Brands', () => {
  const branded = bundleOf(`${NAMED}brands: [main, outlet]
${STRICT('[model, legalBases]')}
regions:
  US:
    defaults: { model: opt-out, legalBases: [statute, consent] }
    brands: { outlet: { scopes: { analytics: { model: opt-in } } } }
`)
  const analyticsOf = (brand: string | null): string =>
    short(decideDefault(branded, { region: 'US', brand, scope: 'analytics' }, null))

  test.each<[string | null, string]>([
    ['main', 'default: statute'],
    ['outlet', 'NOT_ASKED'],
    // It could be either.
    [null, 'NOT_ASKED'],
    ['boutique', 'UNKNOWN_BRAND'],
    ['', 'UNKNOWN_BRAND'],
  ])('%s: %s', (brand, expected) => {
    expect(analyticsOf(brand)).toBe(expected)
  })
})
