import { standardVocabulary } from '../../../directives/vocabulary.ts'
import type { PolicyBundle } from '../../../subgraphs/consent/policy/bundle.ts'
import type { PolicyFault } from '../../../subgraphs/consent/policy/policy-fault-catalogue.ts'
import { readBundle } from '../../../subgraphs/consent/policy/read-bundle.ts'

/** The global layer of most bundles here: opt-in for everything, and the layers below may loosen what is listed. */
export const STRICT = (mayLoosen = '[]'): string => `
global:
  defaults:
    model: opt-in
    legalBases: [consent]
    retentionDays: 365
    minimumAge: 16
    unknownAge: allowed
    languages: [en, de, fr]
    signals: [gpc, tcf, gpp, gcm]
    mayLoosen: ${mayLoosen}
`

export const NAMED = 'name: retailer\nversion: 1.0.0\n'

export function faultsOf(text: string): readonly PolicyFault[] {
  return readBundle({ file: 'bundle.yaml', text }, standardVocabulary).faults
}

export function bundleOf(text: string): PolicyBundle {
  const { bundle, faults } = readBundle({ file: 'bundle.yaml', text }, standardVocabulary)
  if (bundle === null) throw new Error(JSON.stringify(faults, null, 2))
  return bundle
}
