import type { YamlFault } from '../yaml-faults.ts'

interface CatalogueEntry {
  /** What is the case, whatever the place. */
  readonly sentence: string
}

/** Closed: a code that is not in the catalogue does not compile. */
export type OwnershipFaultCode = keyof typeof OWNERSHIP_FAULTS

const fault = (sentence: string): CatalogueEntry => ({ sentence })

/** The catalogue: code → sentence. The remedy depends on the place, so each fault brings its own. */
export const OWNERSHIP_FAULTS = {
  OWNERSHIP_UNREADABLE: fault('A file about ownership cannot be read as YAML.'),
  OWNERSHIP_SETTING_UNKNOWN: fault('Something stands in a file about ownership that means nothing there.'),
  OWNERSHIP_VALUE_INVALID: fault('A value of a file about ownership is not of the shape it must have.'),
  OWNERSHIP_ELEMENT_MISSING: fault('An attribute lacks an element of its contract.'),
  OWNERSHIP_SYSTEM_UNKNOWN: fault('A system is not listed among the systems.'),
  OWNERSHIP_SCOPE_UNKNOWN: fault('A scope or purpose is not in the vocabulary.'),
  OWNERSHIP_GROUP_UNKNOWN: fault('An attribute belongs to no group of the split.'),
  OWNERSHIP_GROUP_EMPTY: fault('A group of the split has no attribute, so nobody would own it.'),
  OWNERSHIP_NOT_BY_THE_SPLIT: fault('An attribute is owned by another system than its group.'),
  OWNERSHIP_TWICE: fault('An attribute has an owner and rules of precedence: two answers to who decides.'),
  OWNERSHIP_NOBODY: fault('An attribute has neither an owner nor rules of precedence.'),
  OWNERSHIP_UNDECIDED: fault('Two systems could write the same and no rule would say whose word holds.'),
  OWNERSHIP_EVENT_IN_CRM: fault('A projection carries behaviour into the CRM.'),
  OWNERSHIP_WITHOUT_CONTRACT: fault('A projection carries an attribute that has no contract.'),
  OWNERSHIP_NOT_A_CONSUMER: fault(
    'A projection carries an attribute to a system that is none of its consumers.',
  ),
} as const satisfies Record<string, CatalogueEntry>

/** One thing that is wrong with a file, told so that its owner can find and mend it. */
export type OwnershipFault = YamlFault<OwnershipFaultCode>
