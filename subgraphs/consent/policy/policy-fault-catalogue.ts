import type { YamlFault } from '../../yaml-faults.ts'

interface CatalogueEntry {
  /** What is the case, whatever the place. */
  readonly sentence: string
}

/** Closed: a code that is not in the catalogue does not compile. */
export type PolicyFaultCode = keyof typeof POLICY_FAULTS

const fault = (sentence: string): CatalogueEntry => ({ sentence })

/** The catalogue: code → sentence. The remedy depends on the place, so each fault brings its own. */
export const POLICY_FAULTS = {
  POLICY_UNREADABLE: fault('A policy bundle cannot be read as YAML.'),
  POLICY_SETTING_UNKNOWN: fault('Something stands in a bundle that means nothing there.'),
  POLICY_VALUE_INVALID: fault('A value of a bundle is not of the shape it must have.'),
  POLICY_NAME_INVALID: fault('A bundle has no name, or no semantic version.'),
  POLICY_FIELD_MISSING: fault(
    'A scope has no value for a field in the global layer, so nothing would hold anywhere.',
  ),
  POLICY_SCOPE_UNKNOWN: fault('A scope is not in the vocabulary.'),
  POLICY_SCOPE_MISSING: fault('A scope of the vocabulary has no default, so it would be denied everywhere.'),
  POLICY_REGION_UNKNOWN: fault('A region is neither an ISO 3166 code nor a group of this bundle.'),
  POLICY_REGION_IN_TWO_GROUPS: fault('A country is in two groups: two answers to what it inherits.'),
  POLICY_BRAND_UNKNOWN: fault('A brand is not listed in the bundle.'),
  POLICY_LOOSENS: fault('A layer is looser than what it inherits, and the layer above does not allow that.'),
  POLICY_BASIS_MISSING: fault('A model has no legal basis it could rest on.'),
  POLICY_SIGNAL_INVALID: fault('A signal is mapped to something it cannot say.'),
} as const satisfies Record<string, CatalogueEntry>

/** One thing that is wrong with a bundle, told so that its owner can find and mend it. */
export type PolicyFault = YamlFault<PolicyFaultCode>
