import type { YamlFault } from '../../yaml-faults.ts'

interface CatalogueEntry {
  /** What is the case, whatever the place. */
  readonly sentence: string
}

/** Closed: a code that is not in the catalogue does not compile. */
export type DefinitionFaultCode = keyof typeof DEFINITION_FAULTS

const fault = (sentence: string): CatalogueEntry => ({ sentence })

/** The catalogue: code → sentence. The remedy depends on the place, so each fault brings its own. */
export const DEFINITION_FAULTS = {
  FEATURE_UNREADABLE: fault('A feature definition cannot be read as YAML.'),
  FEATURE_SETTING_UNKNOWN: fault('Something stands in a definition that means nothing there.'),
  FEATURE_SETTING_MISSING: fault('Something is missing without which a feature is not described.'),
  FEATURE_VALUE_INVALID: fault('A value of a definition is not of the shape it must have.'),
  FEATURE_SCOPE_MISSING: fault('A feature names no scope, so nobody could agree to it or refuse it.'),
  FEATURE_SCOPE_UNKNOWN: fault('A scope is not in the vocabulary.'),
  FEATURE_PURPOSE_UNKNOWN: fault('A purpose is not in the vocabulary.'),
  FEATURE_PURPOSE_WITHOUT_SCOPE: fault('A purpose may not use the scope of the feature.'),
  FEATURE_TYPE_DIFFERS: fault('What is computed is not of the declared type.'),
  FEATURE_TTL_TOO_LONG: fault('A value would live longer than it may be kept.'),
  FEATURE_FRESHNESS_TOO_LONG: fault('A value would count as fresh for longer than it lives.'),
  FEATURE_DEFAULT_INVALID: fault(
    'The default for nobody is not of the declared type, or could be somebody’s.',
  ),
  FEATURE_EXPLANATION_INVALID: fault('An explanation has a place for something that is not known.'),
  FEATURE_NAME_TAKEN: fault('Two features have the same name or the same field.'),
  FEATURE_SOURCE_UNKNOWN: fault('There is no contract for the events a feature is computed from.'),
  FEATURE_SOURCE_FIELD_UNKNOWN: fault(
    'Events of that type do not have the value a feature is computed from.',
  ),
  FEATURE_SCOPE_OF_OTHER_EVENTS: fault(
    'Events that people agreed to for one thing would be used for another (GDPR Art. 5(1)(b)).',
  ),
  FEATURE_USE_OF_OTHER_ATTRIBUTE: fault(
    'What a profile holds for one thing would be used for another (GDPR Art. 5(1)(b)).',
  ),
  FEATURE_WINDOW_TOO_LONG: fault('A window reaches back further than the events of that type are kept.'),
  FEATURE_SCHEMA_DIFFERS: fault('The schema of the features is not what the definitions say.'),
} as const satisfies Record<string, CatalogueEntry>

/** One thing that is wrong with a definition, told so that its owner can find and mend it. */
export type DefinitionFault = YamlFault<DefinitionFaultCode>
