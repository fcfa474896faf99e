import { describe, expect, it } from 'vitest'
import { subgraphOptions } from '../../cli/subgraph-options.ts'
import { readVocabulary } from '../../directives/read-vocabulary.ts'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { readConfig } from '../../gateway/config.ts'

const HEALTH = { sentence: 'Suggest remedies.', dpv: 'dpv:Personalisation', fides: 'personalize.content' }
const own = readVocabulary({
  version: '1.0-shop.1',
  scopes: { remedies: { ...HEALTH, sensitive: true }, sweets: { ...HEALTH, sensitive: false } },
})

const sealedBy = (settings: Record<string, string>, vocabulary = own) => {
  const config = readConfig({
    env: {},
    overrides: { profile: 'development', grantSecret: 'x'.repeat(32), ...settings },
  })
  return subgraphOptions(config, vocabulary, null).storedVectors?.sealedScopes
}

describe('Scopes whose vectors are sealed', () => {
  it('are those that the vocabulary calls sensitive, without being listed, and those that are listed', () => {
    expect(sealedBy({ storedVectorSigma: '0.5' })).toEqual(['profiling', 'remedies'])
    expect(sealedBy({ storedVectorSigma: '0.5', storedVectorSealedScopes: 'sweets,remedies' })).toEqual([
      'profiling',
      'remedies',
      'sweets',
    ])
    expect(sealedBy({ storedVectorSigma: '0.5' }, standardVocabulary)).toEqual(['profiling'])
    expect(sealedBy({})).toBeUndefined()
  })

  it.each([
    ['that are no scopes', { storedVectorSigma: '0.5', storedVectorSealedScopes: 'helth' }],
    ['of vectors that are not kept', { storedVectorSealedScopes: 'remedies' }],
  ])('%s are refused at the start', (_, settings) => {
    expect(() => sealedBy(settings)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error)
  })

  it('are sensitive or not: anything else is a fault of the vocabulary', () => {
    expect(() =>
      readVocabulary({ version: '1', scopes: { remedies: { ...HEALTH, sensitive: 'yes' } } }),
    ).toThrow('scopes.remedies.sensitive must be true or false')
  })
})
