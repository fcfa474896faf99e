import { describe, expect, it } from 'vitest'
import { standardVocabulary } from '../../directives/vocabulary.ts'
import { contractsInDirectory, readContracts } from '../../gateway/adapters/contract-files.ts'
import { AssentError } from '../../gateway/errors.ts'
import { REVIEW } from '../support/contract-review.ts'
import { DEFAULT_LIMITS, type Limits } from '../../gateway/limits/limits.ts'

const faultsOf = (...texts: string[]): string => {
  try {
    readContracts(
      texts.map((text, index) => ({ file: `${index + 1}.yaml`, text })),
      standardVocabulary,
    )
  } catch (problem) {
    if (problem instanceof AssentError && problem.code === 'CONTRACTS_INVALID') return problem.message
    throw problem
  }
  return ''
}

const minimal = `client: shop\npurposes: [personalization]\nscopes: [product_recs]\n${REVIEW}`

describe('client contracts', () => {
  it('are read from a directory: the ones that ship fit the vocabulary', () => {
    const contracts = contractsInDirectory('clients', standardVocabulary)
    expect(contracts.find('explorer')).toMatchObject({
      defaultPurpose: 'personalization',
      introspection: true,
      onWithheld: 'strip',
    })
    expect(contracts.find('__proto__')).toBeUndefined()
  })

  it('deny by default: no introspection, every operation by its caller’s purpose', () => {
    expect(readContracts([{ file: 'a.yaml', text: minimal }], standardVocabulary).find('shop')).toEqual({
      client: 'shop',
      purposes: ['personalization'],
      scopes: ['product_recs'],
      operations: new Map(),
      operationsOnly: false,
      report: 'extensions',
      onWithheld: 'strip',
      disclose: 'full',
      introspection: false,
      context: {},
      owner: 'shop-team',
      review: {
        data: 'What suits the person.',
        purpose: 'Show the page.',
        control: 'Withdraw in the preference centre.',
      },
    })
  })

  it('may hold their client closer, or let it have more, no further than the settings allow', () => {
    const limits = (yaml: string, most: Limits = DEFAULT_LIMITS) =>
      readContracts([{ file: 'a.yaml', text: `${minimal}limits:\n${yaml}` }], standardVocabulary, most).find(
        'shop',
      )?.limits
    expect(limits('  depth: 5\n  cost: 100\n')).toEqual({ depth: 5, cost: 100 })
    expect(limits('  depth: 200\n', { ...DEFAULT_LIMITS, depth: 200 })).toEqual({ depth: 200 })
    expect(faultsOf(`${minimal}limits:\n  depth: 21\n  cots: 3\n  aliases: many\n`)).toMatch(
      /limits\.depth \(1\.yaml:10\): is not a whole number from 1 to 20\.[^]*limits\.cots [^]*Did you mean `limits\.cost`\?[^]*limits\.aliases /,
    )
  })

  it('are refused all at once over all files', () => {
    const message = faultsOf(
      'client: a\npurposes: [personalisation]\nscopes: [crm_contct]\nonWitheld: strip\n',
      'purposes: [marketing]\nscopes: all\ndefaultPurpose: analytics\nreport: loud\ncontext:\n  chanel: web\n',
    )
    expect(message).toContain(
      'purposes: personalisation (1.yaml:2): is not in the vocabulary. Did you mean `personalization`?',
    )
    expect(message).toContain(
      'scopes: crm_contct (1.yaml:3): is not in the vocabulary. Did you mean `crm_contact`?',
    )
    expect(message).toContain('onWitheld (1.yaml:4): is not part of a contract. Did you mean `onWithheld`?')
    expect(message).toContain('client (2.yaml): is missing.')
    expect(message).toContain('scopes (2.yaml:2): is not a list of names.')
    expect(message).toContain('defaultPurpose (2.yaml:3): is not among `purposes`.')
    expect(message).toContain('report (2.yaml:4): is none of extensions, errors, none.')
    expect(message).toContain(
      'context.chanel (2.yaml:6): is not part of a contract. Did you mean `context.channel`?',
    )
  })

  it('without the three answers of their review, or anybody who answers for them, are refused at their line', () => {
    const bare = 'client: shop\npurposes: [personalization]\nscopes: []\n'
    expect(faultsOf(bare)).toMatch(
      /owner \(1\.yaml\): is missing\.[^]*review\.data \(1\.yaml:1\): is missing\.[^]*review\.purpose [^]*review\.control /,
    )
    const asked = `${bare}owner: shop-team\nreview:\n  data: What suits the person.\n  control: tbd\n`
    const message = faultsOf(asked)
    expect(message).toContain('review.purpose (1.yaml:6): is missing. Say what it is read for.')
    expect(message).toContain('review.control (1.yaml:7): is no answer; a sentence is.')
    expect(message).not.toContain('review.data')
    expect(faultsOf(`${minimal}regions: [Germany]\n`)).toContain('is not a list of regions')
    expect(faultsOf(`${minimal}regions: [DE, US-CA]\ncontext:\n  region: FR\n`)).toContain(
      'context.region (1.yaml:11): is not among `regions`.',
    )
  })

  it('belong to one client each', () => expect(faultsOf(minimal, minimal)).toContain('is in two files'))

  it('need a name, and without one are not the same client', () => {
    const nameless = minimal.replace('client: shop\n', '')
    const message = faultsOf(nameless, nameless)
    expect(message).toContain('client (2.yaml): is missing.')
    expect(message).not.toContain('is in two files')
  })

  it('with registered operations only need the SHA-256 of each text', () => {
    const text = `${minimal}operationsOnly: true\noperations:\n  Page:\n    purpose: personalization\n`
    expect(faultsOf(text)).toContain('operations.Page.sha256 (1.yaml:12): is missing')
    expect(faultsOf(`${text}    sha256: ABC\n`)).toContain('is not a SHA-256 in lower-case hex')
    expect(faultsOf(`${text}    sha256: ${'a'.repeat(64)}\n`)).toBe('')
  })

  it('register an operation under a purpose of the contract only', () => {
    expect(faultsOf(`${minimal}operations:\n  Page:\n    purpose: marketing\n`)).toContain(
      'operations.Page.purpose (1.yaml:11): is not among `purposes`.',
    )
    expect(faultsOf(`${minimal}operations:\n  Page:\n    sha256: ${'a'.repeat(64)}\n`)).toContain(
      'is not among `purposes`',
    )
  })

  it('are at least one', () => expect(faultsOf()).toContain('has no contract'))
})
