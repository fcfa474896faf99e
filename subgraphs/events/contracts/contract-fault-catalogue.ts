import type { YamlFault } from '../../yaml-faults.ts'

interface CatalogueEntry {
  /** What is the case, whatever the place. */
  readonly sentence: string
}

/** Closed: a code that is not in the catalogue does not compile. */
export type ContractFaultCode = keyof typeof CONTRACT_FAULTS

const fault = (sentence: string): CatalogueEntry => ({ sentence })

/** The catalogue: code → sentence. The remedy depends on the place, so each fault brings its own. */
export const CONTRACT_FAULTS = {
  EVENT_CONTRACT_UNREADABLE: fault('An event contract cannot be read as YAML.'),
  EVENT_CONTRACT_TOO_LARGE: fault('An event contract is larger than is read.'),
  EVENT_CONTRACT_SETTING_UNKNOWN: fault('Something stands in a contract that means nothing there.'),
  EVENT_CONTRACT_ELEMENT_MISSING: fault('A contract does not say something it has to say.'),
  EVENT_CONTRACT_VALUE_INVALID: fault('A value of a contract is not of the shape it must have.'),
  EVENT_CONTRACT_WORD_UNKNOWN: fault('A scope or purpose is not in the vocabulary.'),
  EVENT_CONTRACT_PURPOSE_WITHOUT_SCOPE: fault('A purpose may not ask people for the scope of the contract.'),
  EVENT_CONTRACT_BASIS_MISSING: fault('A contract rests on consent and names no scope.'),
  EVENT_CONTRACT_SCOPE_UNUSED: fault('A contract names a consent scope and does not rest on consent.'),
  EVENT_CONTRACT_DISPOSITION_UNFOUNDED: fault(
    'Data that rest on consent would be kept when consent has gone.',
  ),
  EVENT_CONTRACT_KEYWORD_UNKNOWN: fault('A keyword of JSON Schema stands there that contracts do not use.'),
  EVENT_CONTRACT_FIELD_UNBOUNDED: fault('A field has no bound.'),
  EVENT_CONTRACT_PATTERN_UNSAFE: fault('A pattern could take long to tell that a text does not fit.'),
  EVENT_CONTRACT_EXAMPLE_UNFIT: fault('An example does not fit the field it explains.'),
  EVENT_CONTRACT_RAW_IDENTIFIER: fault('A field of an event would say who somebody is.'),
  EVENT_CONTRACT_WINDOW_INVALID: fault('The end of a version is not told as it was promised.'),
  EVENT_CONTRACT_FILE_MISNAMED: fault('A file is not named after the event type in it.'),
  EVENT_CONTRACT_VERSION_TWICE: fault('A version of an event type stands in two files.'),
  EVENT_CONTRACT_VERSION_OPEN: fault('An older version stands beside a newer one and has no end.'),
  EVENT_CONTRACT_SUCCESSOR_UNKNOWN: fault('The version to send instead does not exist.'),
} as const satisfies Record<string, CatalogueEntry>

/** One thing that is wrong with a contract, told so that its owner can find and mend it. */
export type ContractFault = YamlFault<ContractFaultCode>
